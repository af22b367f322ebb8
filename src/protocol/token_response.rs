//! The successful answer of the token endpoint (RFC 6749 section 5.1), and of the implicit grant (section 4.2.2).

use serde::Serialize;

use super::scope::{ScopeList, space_delimited};

/// The one token type issued (RFC 6750).
pub const TOKEN_TYPE: &str = "Bearer";

/// Tokens on their way to the client. Has no `Debug`.
#[derive(Clone, Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// Always [`TOKEN_TYPE`].
    pub token_type: &'static str,
    /// The access token's lifetime in whole seconds, positive.
    pub expires_in: i64,
    /// The refresh token, where one is issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The scopes granted; left out when there are none, as the grammar has no empty scope.
    #[serde(serialize_with = "space_delimited", skip_serializing_if = "ScopeList::is_empty")]
    pub scope: ScopeList,
    /// Who signed in (OpenID Connect Core section 3.1.3.3), for requests with `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The organization the tokens are bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

impl TokenResponse {
    /// An answer of the type `Bearer` without refresh token.
    pub fn bearer(access_token: String, expires_in: i64, scope: ScopeList) -> Self {
        Self {
            access_token,
            token_type: TOKEN_TYPE,
            expires_in,
            refresh_token: None,
            scope,
            id_token: None,
            organization_id: None,
        }
    }

    /// The same answer with a refresh token.
    #[must_use]
    pub fn with_refresh_token(self, refresh_token: String) -> Self {
        Self { refresh_token: Some(refresh_token), ..self }
    }

    /// The same answer with an ID token, where there is one.
    #[must_use]
    pub fn with_id_token(self, id_token: Option<String>) -> Self {
        Self { id_token, ..self }
    }

    /// The same answer naming the organization its tokens are bound to.
    #[must_use]
    pub fn in_organization(self, organization_id: Option<String>) -> Self {
        Self { organization_id, ..self }
    }

    /// The parameters of the implicit grant's redirect: never the refresh token (RFC 6749 section 4.2.2).
    pub fn implicit_parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![
            ("access_token", self.access_token.clone()),
            ("token_type", self.token_type.to_owned()),
            ("expires_in", self.expires_in.to_string()),
        ];
        if !self.scope.is_empty() {
            parameters.push(("scope", self.scope.to_string()));
        }
        if let Some(organization_id) = &self.organization_id {
            parameters.push(("organization_id", organization_id.clone()));
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S29, S46.
    #[test]
    fn the_body_has_the_members_of_the_rfc() {
        let scope = ScopeList::parse("org:write org:read").unwrap();
        let response = TokenResponse::bearer("gat_x".to_owned(), 3600, scope).with_refresh_token("grt_x".to_owned());
        assert_eq!(
            serde_json::to_string(&response).unwrap(),
            r#"{"access_token":"gat_x","token_type":"Bearer","expires_in":3600,"refresh_token":"grt_x","scope":"org:read org:write"}"#
        );
        let bare = TokenResponse::bearer("gat_x".to_owned(), 1, ScopeList::empty());
        assert_eq!(
            serde_json::to_string(&bare).unwrap(),
            r#"{"access_token":"gat_x","token_type":"Bearer","expires_in":1}"#
        );
    }

    /// S14.
    #[test]
    fn the_front_channel_never_carries_a_refresh_token() {
        let response = TokenResponse::bearer("gat_x".to_owned(), 60, ScopeList::parse("a b").unwrap());
        let parameters = response.with_refresh_token("grt_x".to_owned()).implicit_parameters();
        let expected = [("access_token", "gat_x"), ("token_type", "Bearer"), ("expires_in", "60"), ("scope", "a b")];
        assert_eq!(parameters, expected.map(|(name, value)| (name, value.to_owned())));
    }
}
