//! What a provider's row says in JSON: endpoints, client, claim paths, rules. Each kind uses what it needs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Settings without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Issuer identifier, or the base address of the site.
    pub issuer: String,
    /// Our client identifier there.
    pub client_id: String,
    /// Only where there is no discovery.
    pub authorization_endpoint: String,
    /// Only where there is no discovery.
    pub token_endpoint: String,
    /// Only where there is no discovery.
    pub userinfo_endpoint: String,
    /// `client_secret_basic` or `client_secret_post`; empty: what the provider offers.
    pub token_authentication: String,
    /// Space separated.
    pub scopes: String,
    /// Claim paths, dots between members.
    pub claims: Claims,
    /// Hosted domains that are let in; empty: any with a domain.
    pub domains: Vec<String>,
    /// The organization there whose members are let in.
    pub organization: String,
}

/// Which claim means what. A path with dots leads into objects; an empty path is not looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Claims {
    /// The account's name there for ever.
    pub subject: String,
    /// A name the provider knew it by before.
    pub legacy_subject: String,
    /// Address.
    pub email: String,
    /// Whether the address was verified.
    pub email_verified: String,
    /// Display name.
    pub name: String,
    /// A text or list of texts that are slugs of teams.
    pub teams: String,
}

impl Claims {
    /// The standard claims of OpenID Connect Core section 5.1.
    pub fn standard() -> Claims {
        Claims {
            subject: "sub".to_owned(),
            email: "email".to_owned(),
            email_verified: "email_verified".to_owned(),
            name: "name".to_owned(),
            ..Claims::default()
        }
    }

    /// The same, where somebody chose no other path.
    #[must_use]
    pub fn or_standard(self) -> Claims {
        let or = |chosen: String, standard: &str| if chosen.is_empty() { standard.to_owned() } else { chosen };
        Claims {
            subject: or(self.subject, "sub"),
            email: or(self.email, "email"),
            email_verified: or(self.email_verified, "email_verified"),
            name: or(self.name, "name"),
            ..self
        }
    }
}

/// The value at a path of dots.
pub fn at<'a>(claims: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return None;
    }
    // A claim whose own name has dots, such as a URL, comes first.
    claims.get(path).or_else(|| path.split('.').try_fold(claims, |value, member| value.get(member)))
}

/// The text or number at a path, as text.
pub fn text_at(claims: &Value, path: &str) -> Option<String> {
    match at(claims, path)? {
        // PostgreSQL keeps no text with a NUL in it.
        Value::String(text) if !text.is_empty() && !text.contains('\0') => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The texts at a path: one, or a list.
pub fn list_at(claims: &Value, path: &str) -> Vec<String> {
    match at(claims, path) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).take(100).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// One input of the set-up form.
pub struct Field {
    /// Name in the form and in [`Settings`].
    pub key: &'static str,
    /// Above the input.
    pub label: &'static str,
    /// Under the input.
    pub hint: &'static str,
    /// It may stay empty.
    pub optional: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_claim() {
        let claims = serde_json::json!({
            "id": 7, "profile": { "mail": "a@b.example", "groups": ["x", 1, "y"] }, "https://c.example/r": "z", "n": null, "odd": "a\u{0}b"
        });
        assert_eq!(text_at(&claims, "id").as_deref(), Some("7"));
        assert_eq!(text_at(&claims, "profile.mail").as_deref(), Some("a@b.example"));
        assert_eq!(text_at(&claims, "https://c.example/r").as_deref(), Some("z"));
        assert_eq!(list_at(&claims, "profile.groups"), ["x", "y"]);
        for missing in ["", "n", "odd", "profile", "profile.x", "id.x", "profile.groups"] {
            assert_eq!(text_at(&claims, missing), None, "{missing}");
        }
    }
}
