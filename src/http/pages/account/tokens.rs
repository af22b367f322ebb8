//! Personal tokens: the list, the form, and the page that shows a secret once.

use askama::Template;

use crate::http::pages::orgs::Choice;
use crate::http::pages::{Frame, Hidden, Input, Link};

/// The list.
#[derive(Template)]
#[template(path = "account_tokens.html")]
pub struct TokensPage {
    /// Around the page.
    pub frame: Frame,
    /// Newest first.
    pub tokens: Vec<TokenItem>,
    /// Own path of the form.
    pub new_href: String,
    /// Address of the API.
    pub api: String,
    /// Older ones.
    pub next_href: Option<String>,
    /// What has just been done.
    pub done: Option<String>,
}

/// One token.
pub struct TokenItem {
    /// What its maker calls it.
    pub name: String,
    /// End of its value.
    pub last_four: String,
    /// What it may do.
    pub scopes: String,
    /// Name of the organization it is bound to.
    pub organization: Option<String>,
    /// When it was made, in words.
    pub made: String,
    /// When it ends, in words.
    pub ends: String,
    /// Its time is over.
    pub over: bool,
    /// When it last worked, in words.
    pub used: String,
    /// Own path of the question before it is deleted.
    pub delete_href: String,
}

/// Check boxes of one set of scopes.
pub struct ScopeGroup {
    /// The set's name.
    pub name: String,
    /// Its levels.
    pub scopes: Vec<Choice>,
}

/// The form: posts `name`, `scope` (several), `expiry`, `organization` and `csrf_token`.
#[derive(Template)]
#[template(path = "account_token_new.html")]
pub struct NewTokenPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// What the form carries.
    pub carried: Vec<Hidden>,
    /// Back to the list.
    pub cancel_href: String,
    /// Name.
    pub name: Input,
    /// Scopes to choose from.
    pub groups: Vec<ScopeGroup>,
    /// What is wrong with the choice.
    pub scopes_fault: Option<String>,
    /// Ends to choose from.
    pub expiries: Vec<Choice>,
    /// Organizations to choose from, none first.
    pub organizations: Vec<Choice>,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
}

/// A secret, shown once. Its answer needs `script-src 'nonce-..'` for the copy button; without scripts the text is there.
#[derive(Template)]
#[template(path = "account_secret.html")]
pub struct SecretPage {
    /// Around the page.
    pub frame: Frame,
    /// Heading and page title.
    pub title: String,
    /// What to do with it.
    pub warning: String,
    /// What else belongs to it: label and value.
    pub facts: Vec<(String, String)>,
    /// What the secret is called.
    pub label: String,
    /// The secret.
    pub secret: String,
    /// Where to go on.
    pub next: Link,
    /// Of this answer's Content-Security-Policy.
    pub nonce: String,
}
