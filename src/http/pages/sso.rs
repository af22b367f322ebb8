//! Single sign-on: an organization's door, what is asked of whoever is back from its provider, a person's identities.

use super::{Frame, Hidden, Link};
use askama::Template;

/// One button that leads to the organization's provider. Posts the carried fields.
#[derive(Template)]
#[template(path = "sso_door.html")]
pub struct SsoDoorPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries what waits.
    pub carried: Vec<Hidden>,
    /// Heading.
    pub title: String,
    /// The organization's name.
    pub organization: String,
    /// What comes next.
    pub text: String,
    /// The button.
    pub button: String,
    /// Another way.
    pub other: Option<Link>,
}

impl SsoDoorPage {
    fn initial(&self) -> char {
        super::parts::initial(&self.organization)
    }
}

/// Something and its name.
pub struct Fact {
    /// Name.
    pub label: String,
    /// Value.
    pub value: String,
}

impl Fact {
    /// A fact.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Fact {
        Fact { label: label.into(), value: value.into() }
    }
}

/// A button of [`SsoConfirmPage`].
pub struct Choice {
    /// Value of the field `op`, and the end of the button's id.
    pub op: String,
    /// On the button.
    pub label: String,
    /// Not the main one.
    pub calm: bool,
}

/// What is asked of somebody who is back: posts `flow`, `op` and `csrf_token`.
#[derive(Template)]
#[template(path = "sso_confirm.html")]
pub struct SsoConfirmPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Names the flow.
    pub flow: String,
    /// Heading.
    pub title: String,
    /// What happens on a click.
    pub text: String,
    /// Who came back.
    pub facts: Vec<Fact>,
    /// Buttons.
    pub choices: Vec<Choice>,
    /// Other ways.
    pub links: Vec<Link>,
}

/// The dummy provider's form: posts `state`, `id`, `email`, `email_verified`, `name`, `legacy_id`, `op`.
#[derive(Template)]
#[template(path = "sso_dummy.html")]
pub struct DummyProviderPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Goes back unchanged.
    pub state: String,
    /// Filled in.
    pub email: String,
}

/// `/account/identities`.
#[derive(Template)]
#[template(path = "identities.html")]
pub struct IdentitiesPage {
    /// Around the page.
    pub frame: Frame,
    /// Newest first.
    pub identities: Vec<IdentityLine>,
    /// What was just done.
    pub done: Option<String>,
}

/// An identity.
pub struct IdentityLine {
    /// The question before it is unlinked.
    pub unlink_href: String,
    /// The organization's name.
    pub organization: String,
    /// What its provider is called.
    pub provider: String,
    /// The account there.
    pub account: String,
    /// When it was linked, in words.
    pub linked: String,
    /// When the provider last vouched, in words.
    pub vouched: String,
    /// Why it opens nothing any more.
    pub invalid: Option<String>,
    /// Nobody gets in without it.
    pub only_way_in: bool,
    /// Where to link anew.
    pub link_href: String,
}
