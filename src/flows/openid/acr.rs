//! The class of an authentication: what an ID token tells, and what a request may insist on.

use serde_json::Value;

use crate::flows::session::BY_PROVIDER;
use crate::protocol::acr::{ALL, PASSWORD, PROVIDER};
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};

/// What was done; none for a way that has no class.
pub fn of(method: &str) -> Option<&'static str> {
    match method {
        BY_PROVIDER => Some(PROVIDER),
        "pwd" => Some(PASSWORD),
        _ => None,
    }
}

/// The classes one of which it must be: an essential `acr` with values. All else, `acr_values` included, is a wish that
/// changes nothing, as the class that was reached is told in any case (OpenID Connect Core sections 3.1.2.1 and 5.5.1.1).
///
/// # Errors
/// `unmet_authentication_requirements` where none of them exists here.
pub fn required(asked: &ClaimsRequest) -> Result<Option<Vec<String>>, OAuthError> {
    let Some(wish) = asked.id_token.get("acr").filter(|wish| wish.essential && !wish.values.is_empty()) else {
        return Ok(None);
    };
    let known: Vec<String> =
        wish.values.iter().filter_map(Value::as_str).filter(|class| ALL.contains(class)).map(str::to_owned).collect();
    match known.is_empty() {
        true => Err(unmet()),
        false => Ok(Some(known)),
    }
}

/// The person cannot be authenticated the way the client insists on.
pub fn unmet() -> OAuthError {
    let detail = Detail::new("acr_unmet", "OpenID Connect Core section 5.5.1.1").expected(ALL.join(" "));
    OAuthError::new(ErrorCode::UnmetAuthenticationRequirements, "no such class of authentication was reached")
        .with_detail(detail.hint("without essential, acr is told and nobody is refused"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(claims: &str) -> Result<Option<Vec<String>>, &'static str> {
        required(&ClaimsRequest::parse(claims).expect("claims")).map_err(|error| error.code.as_str())
    }

    #[test]
    fn only_an_essential_class_with_values_is_insisted_on() {
        for wish in [
            r#"{}"#,
            r#"{"id_token": {"acr": null}}"#,
            r#"{"id_token": {"acr": {"essential": true}}}"#,
            r#"{"id_token": {"acr": {"values": ["gold"]}}}"#,
            r#"{"userinfo": {"acr": {"essential": true, "value": "gold"}}}"#,
        ] {
            assert_eq!(judged(wish), Ok(None), "{wish}");
        }
        let both = r#"{"id_token": {"acr": {"essential": true, "values": ["gold", "urn:grantor:acr:pwd", 7]}}}"#;
        assert_eq!(judged(both), Ok(Some(vec![PASSWORD.to_owned()])));
        let gold = r#"{"id_token": {"acr": {"essential": true, "value": "gold"}}}"#;
        assert_eq!(judged(gold), Err("unmet_authentication_requirements"));
    }
}
