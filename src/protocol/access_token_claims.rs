//! What a JWT access token says (RFC 9068 section 2.2).

use serde::Serialize;

use super::NumericDate;
use super::scope::{ScopeList, space_delimited};

/// `aud`: text where there is one (RFC 7519 section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Audience {
    /// The only one.
    One(String),
    /// Each of these.
    Many(Vec<String>),
}

impl Audience {
    /// These, or where there are none the issuer itself (RFC 9068 section 3): its UserInfo endpoint and its API.
    pub fn of(mut audience: Vec<String>, issuer: &str) -> Audience {
        match audience.len() {
            0 => Audience::One(issuer.to_owned()),
            1 => Audience::One(audience.remove(0)),
            _ => Audience::Many(audience),
        }
    }
}

/// The claims; absent ones are left out. The scope is the closure, so that resource servers may compare strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person as this client knows them, or the client for client credentials.
    pub sub: String,
    /// Whom it is for.
    pub aud: Audience,
    /// When it ends.
    pub exp: NumericDate,
    /// When it was made.
    pub iat: NumericDate,
    /// Its name here.
    pub jti: String,
    /// The client it was issued to.
    pub client_id: String,
    /// The closure of the granted scopes, for a member within what the role carried when it was made.
    #[serde(serialize_with = "space_delimited", skip_serializing_if = "ScopeList::is_empty")]
    pub scope: ScopeList,
    /// When the person was authenticated, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<NumericDate>,
    /// The class of that authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How (RFC 8176).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The organization it is bound to; never changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// Its slug, for people; changes with a rename.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_audience_is_never_empty() {
        let audience = |texts: &[&str]| {
            let texts = texts.iter().map(|text| (*text).to_owned()).collect();
            serde_json::to_value(Audience::of(texts, "https://as.test")).unwrap()
        };
        assert_eq!(audience(&[]), json!("https://as.test"));
        assert_eq!(audience(&["https://a.test"]), json!("https://a.test"));
        assert_eq!(audience(&["https://a.test", "https://b.test"]), json!(["https://a.test", "https://b.test"]));
    }

    #[test]
    fn every_member_has_its_name() {
        let claims = AccessTokenClaims {
            iss: "https://as.test".to_owned(),
            sub: "u1".to_owned(),
            aud: Audience::of(Vec::new(), "https://as.test"),
            exp: 20,
            iat: 10,
            jti: "j".to_owned(),
            client_id: "c1".to_owned(),
            scope: ScopeList::parse("org:write org:read").unwrap(),
            auth_time: Some(9),
            acr: Some("a".to_owned()),
            amr: vec!["pwd".to_owned()],
            organization_id: Some("o1".to_owned()),
            organization: Some("acme".to_owned()),
        };
        assert_eq!(
            serde_json::to_value(&claims).unwrap(),
            json!({
                "iss": "https://as.test", "sub": "u1", "aud": "https://as.test", "exp": 20, "iat": 10, "jti": "j",
                "client_id": "c1", "scope": "org:read org:write", "auth_time": 9, "acr": "a", "amr": ["pwd"],
                "organization_id": "o1", "organization": "acme",
            })
        );
        let bare = AccessTokenClaims {
            scope: ScopeList::empty(),
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            organization_id: None,
            organization: None,
            ..claims
        };
        assert_eq!(serde_json::to_value(bare).unwrap().as_object().unwrap().len(), 7);
    }
}
