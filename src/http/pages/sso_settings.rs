//! `/orgs/{org}/sso`: the kinds of providers, the form that tries one, the one that is on.

use askama::Template;

use super::orgs::{Choice, OrgFrame};
use super::{Fact, Frame, Hidden};

/// The kinds to choose from.
#[derive(Template)]
#[template(path = "sso_kinds.html")]
pub struct SsoKindsPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// There is one, which ends when another is switched on.
    pub replaces: bool,
    /// The kinds.
    pub kinds: Vec<KindLink>,
}

/// A kind.
pub struct KindLink {
    /// What people call it.
    pub label: String,
    /// One sentence.
    pub about: String,
    /// Own path of its form.
    pub href: String,
}

/// One input of a form: posts its key.
pub struct SsoField {
    /// Name in the form.
    pub key: String,
    /// Above.
    pub label: String,
    /// Under.
    pub hint: String,
    /// As typed; empty for a secret.
    pub value: String,
    /// Never shown again.
    pub secret: bool,
    /// It may stay empty.
    pub optional: bool,
}

impl SsoField {
    /// Its id on the page.
    fn id(&self) -> String {
        format!("sso-{}", self.key.replace('.', "-"))
    }
}

/// The form: posts `kind`, the fields, `joining`, `require` and `csrf_token`.
#[derive(Template)]
#[template(path = "sso_set_up.html")]
pub struct SsoSetUpPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// Where the form posts to.
    pub action: String,
    /// Back to the kinds.
    pub back_href: String,
    /// The kind.
    pub kind: String,
    /// What people call it.
    pub label: String,
    /// One sentence.
    pub about: String,
    /// To be registered at the provider.
    pub callback: String,
    /// The same, for providers that ask for an origin.
    pub origin: String,
    /// Inputs.
    pub fields: Vec<SsoField>,
    /// Claim paths.
    pub claims: Vec<SsoField>,
    /// Members have to be linked.
    pub require: bool,
    /// Who becomes a member by its word.
    pub joining: Vec<Choice>,
    /// What is wrong.
    pub error: Option<String>,
    /// Something is.
    pub status_bad: bool,
    /// Of the one script, which copies.
    pub nonce: String,
}

/// The provider that is on: posts claim paths, `secret`, `joining`, `require` and `csrf_token`.
#[derive(Template)]
#[template(path = "sso_settings.html")]
pub struct SsoSettingsPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub org: OrgFrame,
    /// What is set.
    pub facts: Vec<Fact>,
    /// Members who are linked.
    pub linked: usize,
    /// Members who are not.
    pub unlinked: usize,
    /// Members have to be linked.
    pub require: bool,
    /// Who becomes a member by its word.
    pub joining: Vec<Choice>,
    /// A secret is kept.
    pub has_secret: bool,
    /// Claim paths.
    pub claims: Vec<SsoField>,
    /// Where the form posts to.
    pub edit_action: String,
    /// Where the reminder posts to.
    pub remind_action: String,
    /// Own path of the page that switches it off.
    pub disable_href: String,
    /// Own path of the kinds.
    pub replace_href: String,
    /// Hidden fields of the form.
    pub carried: Vec<Hidden>,
    /// Why nothing was saved.
    pub error: Option<String>,
}
