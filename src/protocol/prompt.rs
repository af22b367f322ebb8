//! The `prompt` parameter: what the user must be shown, or must not (OpenID Connect Core section 3.1.2.1).

use serde::{Deserialize, Serialize};

use super::error::{Detail, ErrorCode, OAuthError};

/// One value of `prompt` this server honours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Show nothing; answer with an error instead.
    None,
    /// Have the user sign in again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Have the user say with which account to go on.
    SelectAccount,
    /// Have the user make an account (Initiating User Registration via OpenID Connect 1.0); only while registration is on.
    Create,
}

impl Prompt {
    /// Every value.
    pub const ALL: [Self; 5] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }

    /// The value of that name.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == value)
    }
}

/// The values of one request, in the order of [`Prompt::ALL`], each once; `none` only alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PromptSet(Vec<Prompt>);

impl PromptSet {
    /// Reads the space-separated values. The empty text is the empty set.
    ///
    /// # Errors
    /// `invalid_request` for `none` beside another value and for values not honoured: ignoring them would show less than
    /// the client relies on.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        const SPEC: &str = "OpenID Connect Core section 3.1.2.1";
        let values: Vec<_> = text.split(' ').filter(|value| !value.is_empty()).collect();
        if values.contains(&"none") && values.iter().any(|value| *value != "none") {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, "prompt=none excludes all other values")
                .with_detail(Detail::new("prompt_none_alone", SPEC).received(text)));
        }
        if let Some(unknown) = values.iter().find(|value| Prompt::parse(value).is_none()) {
            return Err(Self::unsupported(unknown));
        }
        Ok(Self(Prompt::ALL.into_iter().filter(|prompt| values.contains(&prompt.as_str())).collect()))
    }

    /// The refusal of a value this server does not honour, or not now.
    pub fn unsupported(value: &str) -> OAuthError {
        let detail = Detail::new("prompt_supported", "OpenID Connect Core section 3.1.2.1").received(value);
        let expected = detail.expected("one of prompt_values_supported in the metadata");
        OAuthError::new(ErrorCode::InvalidRequest, "a value of prompt is not supported").with_detail(expected)
    }

    /// Whether the request has this value.
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Whether the request has no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The space-separated form of the wire.
impl std::fmt::Display for PromptSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values: Vec<_> = self.0.iter().map(|prompt| prompt.as_str()).collect();
        formatter.write_str(&values.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_a_set_in_a_fixed_order() {
        let set = PromptSet::parse("consent login consent").unwrap();
        assert_eq!(set.to_string(), "login consent");
        assert!(set.contains(Prompt::Login) && set.contains(Prompt::Consent) && !set.contains(Prompt::None));
        assert!(PromptSet::parse("").unwrap().is_empty());
        assert_eq!(PromptSet::parse("none none").unwrap().to_string(), "none");
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["login","consent"]"#);
    }

    #[test]
    fn what_cannot_be_honoured_is_said() {
        let code = |text| PromptSet::parse(text).unwrap_err().code;
        assert_eq!(code("none login"), ErrorCode::InvalidRequest);
        assert_eq!(code("none select_account"), ErrorCode::InvalidRequest);
        assert_eq!(code("none create"), ErrorCode::InvalidRequest);
        assert_eq!(code("register"), ErrorCode::InvalidRequest);
        assert_eq!(code("Login"), ErrorCode::InvalidRequest);
        assert_eq!(code("login\tconsent"), ErrorCode::InvalidRequest);
    }
}
