//! What an ID token says (OpenID Connect Core section 2).

use serde::Serialize;
use serde_json::{Map, Value};

use super::NumericDate;

/// Names that no claim about the person may take.
const OWN: [&str; 15] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "sid",
];

/// The claims; absent ones are left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person, as this client knows them.
    pub sub: String,
    /// The client, as text: with one audience no `azp` is needed.
    pub aud: String,
    /// When it ends.
    pub exp: NumericDate,
    /// When it was made.
    pub iat: NumericDate,
    /// When the person was authenticated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<NumericDate>,
    /// The request's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The class of the authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How the person was authenticated (RFC 8176).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Binds the access token issued beside it (section 3.1.3.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds the code issued beside it (section 3.3.2.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The session, for logout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Claims about the person, where they belong here.
    #[serde(flatten)]
    about: Map<String, Value>,
}

impl IdTokenClaims {
    /// A token about `sub` for the client `aud`, good for `lifetime` seconds.
    pub fn new(iss: &str, sub: &str, aud: &str, now: NumericDate, lifetime: i64) -> IdTokenClaims {
        IdTokenClaims {
            iss: iss.to_owned(),
            sub: sub.to_owned(),
            aud: aud.to_owned(),
            exp: now.saturating_add(lifetime),
            iat: now,
            auth_time: None,
            nonce: None,
            acr: None,
            amr: Vec::new(),
            at_hash: None,
            c_hash: None,
            sid: None,
            about: Map::new(),
        }
    }

    /// The same with claims about the person. Names of the token's own are left out, whatever somebody called a claim.
    #[must_use]
    pub fn about(self, claims: Map<String, Value>) -> IdTokenClaims {
        let about = claims.into_iter().filter(|(name, value)| !OWN.contains(&name.as_str()) && !value.is_null());
        IdTokenClaims { about: about.collect(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token() -> IdTokenClaims {
        IdTokenClaims::new("https://as.test", "24400320", "s6BhdRkqt3", 1_311_280_970, 1000)
    }

    #[test]
    fn the_least_a_token_says_is_what_the_specification_requires() {
        assert_eq!(
            serde_json::to_value(token()).unwrap(),
            json!({
                "iss": "https://as.test", "sub": "24400320", "aud": "s6BhdRkqt3", "exp": 1_311_281_970,
                "iat": 1_311_280_970,
            })
        );
    }

    /// The example of section 2, and the members of the hybrid flow and of logout.
    #[test]
    fn every_member_has_its_name() {
        let token = IdTokenClaims {
            nonce: Some("n-0S6_WzA2Mj".to_owned()),
            auth_time: Some(1_311_280_969),
            acr: Some("urn:mace:incommon:iap:silver".to_owned()),
            amr: vec!["pwd".to_owned()],
            at_hash: Some("77QmUPtjPfzWtF2AnpK9RQ".to_owned()),
            c_hash: Some("LDktKdoQak3Pk0cnXxCltA".to_owned()),
            sid: Some("08a5019c".to_owned()),
            ..token()
        };
        let told = serde_json::to_value(token).unwrap();
        assert_eq!(
            told,
            json!({
                "iss": "https://as.test", "sub": "24400320", "aud": "s6BhdRkqt3", "exp": 1_311_281_970,
                "iat": 1_311_280_970, "auth_time": 1_311_280_969, "nonce": "n-0S6_WzA2Mj",
                "acr": "urn:mace:incommon:iap:silver", "amr": ["pwd"], "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
                "c_hash": "LDktKdoQak3Pk0cnXxCltA", "sid": "08a5019c",
            })
        );
        assert!(told.as_object().unwrap().keys().all(|name| OWN.contains(&name.as_str())));
    }

    /// Two members of one name, or a claim that says who the token is for, would be read differently by different readers.
    #[test]
    fn claims_about_the_person_never_take_the_place_of_the_tokens_own() {
        let mut claims: Map<String, Value> = OWN.iter().map(|name| ((*name).to_owned(), json!("evil"))).collect();
        claims.insert("email".to_owned(), json!("ada@example.com"));
        claims.insert("phone_number".to_owned(), Value::Null);
        let text = serde_json::to_string(&token().about(claims)).unwrap();
        assert!(!text.contains("evil") && !text.contains("phone_number"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["email"], "ada@example.com");
    }
}
