//! The answer of the introspection endpoint (RFC 7662 section 2.2).

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::NumericDate;
use super::scope::{ScopeList, space_delimited};

/// What a resource server learns about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntrospectionResponse {
    /// Unknown, expired, revoked, or none of the asker's business: exactly `{"active":false}` (A56).
    Inactive,
    /// A live token.
    Active(Box<ActiveToken>),
}

/// A live token. The scope is the closure, so that resource servers may compare strings.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ActiveToken {
    /// Always true.
    active: True,
    /// The closure of the granted scopes the asker may see.
    #[serde(serialize_with = "space_delimited", skip_serializing_if = "ScopeList::is_empty")]
    pub scope: ScopeList,
    /// The client the token was issued to; none for personal tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// A name for people, not an identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `Bearer`; none for refresh tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// When it expires; none if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<NumericDate>,
    /// When it was issued.
    pub iat: NumericDate,
    /// The user, or the client for client credentials.
    pub sub: String,
    /// The resource servers it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aud: Vec<String>,
    /// The issuer.
    pub iss: String,
    /// The organization the token is bound to; never changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// Its slug, for people; changes with a rename.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

impl ActiveToken {
    /// A live token with the members every token has; set the others on it.
    pub fn new(iss: &str, sub: &str, scope: ScopeList, iat: NumericDate) -> Self {
        Self {
            active: True,
            scope,
            client_id: None,
            username: None,
            token_type: None,
            exp: None,
            iat,
            sub: sub.to_owned(),
            aud: Vec::new(),
            iss: iss.to_owned(),
            organization_id: None,
            organization: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct True;

impl Serialize for True {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl Serialize for IntrospectionResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Active(token) => token.serialize(serializer),
            Self::Inactive => {
                let mut inactive = serializer.serialize_struct("Inactive", 1)?;
                inactive.serialize_field("active", &false)?;
                inactive.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A56, C18.
    #[test]
    fn an_inactive_token_says_nothing_else() {
        assert_eq!(serde_json::to_string(&IntrospectionResponse::Inactive).unwrap(), r#"{"active":false}"#);
    }

    #[test]
    fn an_active_token_says_what_it_is_for() {
        let mut token = ActiveToken::new("https://as.test", "u1", ScopeList::parse("org:read org:write").unwrap(), 10);
        token.client_id = Some("c1".to_owned());
        token.token_type = Some("Bearer");
        token.exp = Some(20);
        token.aud = vec!["https://api.test".to_owned()];
        assert_eq!(
            serde_json::to_value(IntrospectionResponse::Active(Box::new(token))).unwrap(),
            serde_json::json!({
                "active": true, "scope": "org:read org:write", "client_id": "c1", "token_type": "Bearer",
                "exp": 20, "iat": 10, "sub": "u1", "aud": ["https://api.test"], "iss": "https://as.test",
            })
        );
    }
}
