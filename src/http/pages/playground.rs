//! The playground's first page: choose what a real client asks for. Development only.

use super::{Frame, Hidden};
use askama::Template;

/// The start form: posts `client_id`, `scope` (repeated), one field an option group, `csrf_token` and the carried ones.
#[derive(Template)]
#[template(path = "playground.html")]
pub struct PlaygroundPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// E.g. the id of this run.
    pub carried: Vec<Hidden>,
    /// What went wrong with the last start.
    pub error: Option<String>,
    /// `value` is the client_id, `note` e.g. "Confidential: keeps a secret on a server."
    pub clients: Vec<Choice>,
    /// The catalogue.
    pub scope_sets: Vec<ScopeSet>,
    /// `response_type`, `response_mode`, `prompt`.
    pub options: Vec<OptionGroup>,
    /// Shown only: the server keeps it with the run.
    pub code_verifier: String,
    /// Shown only.
    pub code_challenge: String,
    /// Shown only.
    pub state: String,
}

/// One radio button or check box.
pub struct Choice {
    /// Sent.
    pub value: String,
    /// Shown.
    pub label: String,
    /// Explains.
    pub note: String,
    /// Checked at first.
    pub chosen: bool,
}

/// One set of scopes.
pub struct ScopeSet {
    /// E.g. "Projects".
    pub title: String,
    /// Levels in it.
    pub scopes: Vec<Choice>,
}

/// One parameter with its values.
pub struct OptionGroup {
    /// Parameter and field name.
    pub name: String,
    /// In human words.
    pub title: String,
    /// Its values; an empty `value` means the parameter is left out.
    pub choices: Vec<Choice>,
}
