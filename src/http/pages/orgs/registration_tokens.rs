//! `/orgs/{org}/registration-tokens`: the tokens and what they registered, the form for one, and a new one's value.

use askama::Template;

use super::{Choice, OrgFrame};
use crate::http::pages::{Frame, Hidden, Input};

/// The list.
#[derive(Template)]
#[template(path = "orgs_registration_tokens.html")]
pub struct RegistrationTokensPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Newest first.
    pub tokens: Vec<RegistrationTokenItem>,
    /// The next page.
    pub next_href: Option<String>,
    /// Own path of the form for a new one.
    pub new_href: String,
    /// Applications they registered, newest first.
    pub registered: Vec<RegisteredItem>,
}

/// A token.
pub struct RegistrationTokenItem {
    /// What people call it.
    pub name: String,
    /// The last characters of its value.
    pub last_four: String,
    /// What it may still register, and until when.
    pub left: String,
    /// Who made it, and what it registered.
    pub text: String,
    /// Why it registers nothing now.
    pub trouble: Option<&'static str>,
    /// Own path of the page that deletes it.
    pub delete_href: String,
}

/// An application that registered itself.
pub struct RegisteredItem {
    /// What it calls itself.
    pub name: String,
    /// Its identifier on the wire.
    pub client_id: String,
    /// Somebody vouched for it since.
    pub verified: bool,
    /// When it registered.
    pub when: String,
}

impl RegisteredItem {
    /// What stands in the avatar.
    pub fn initial(&self) -> char {
        crate::http::pages::parts::initial(&self.name)
    }
}

/// The form for a new one: posts `name`, `uses` and `ends`.
#[derive(Template)]
#[template(path = "orgs_registration_token.html")]
pub struct NewRegistrationTokenPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Where the form posts to.
    pub action: String,
    /// What the form carries.
    pub carried: Vec<Hidden>,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// What people call it.
    pub name: Input,
    /// How many applications it registers.
    pub uses: Input,
    /// When it ends.
    pub ends: Vec<Choice>,
    /// Back to the list.
    pub tokens_href: String,
}

/// The value of a new token, once. A script copies it; nothing else does anything.
#[derive(Template)]
#[template(path = "orgs_registration_token_made.html")]
pub struct RegistrationTokenMadePage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// What people call it.
    pub name: String,
    /// The value.
    pub token: String,
    /// Where applications register.
    pub endpoint: String,
    /// Of the script.
    pub nonce: String,
    /// Back to the list.
    pub tokens_href: String,
}
