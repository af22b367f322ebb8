//! Applications a person develops.

use askama::Template;

use super::ScopeGroup;
use crate::http::pages::orgs::Choice;
use crate::http::pages::parts::initial;
use crate::http::pages::{Frame, Hidden, Input};

/// The list.
#[derive(Template)]
#[template(path = "account_developer.html")]
pub struct DeveloperPage {
    /// Around the page.
    pub frame: Frame,
    /// By name.
    pub applications: Vec<ApplicationItem>,
    /// Own path of the form, for those who may.
    pub new_href: Option<String>,
    /// Why there is none.
    pub closed: Option<String>,
    /// More of them.
    pub next_href: Option<String>,
    /// What has just been done.
    pub done: Option<String>,
}

/// One application.
pub struct ApplicationItem {
    /// Registered name.
    pub name: String,
    /// Own path.
    pub href: String,
    /// Its identifier.
    pub client_id: String,
    /// Confidential or public.
    pub kind: String,
    /// Off, or about to be deleted.
    pub trouble: Option<&'static str>,
}

impl ApplicationItem {
    /// What stands in the avatar.
    fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// The form for a new one, or for changing one. Lists are entries with spaces between them.
#[derive(Template)]
#[template(path = "account_application_form.html")]
pub struct ApplicationFormPage {
    /// Around the page.
    pub frame: Frame,
    /// Heading and page title.
    pub title: String,
    /// It is a new one.
    pub new: bool,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// What the form carries.
    pub carried: Vec<Hidden>,
    /// Back.
    pub cancel_href: String,
    /// Where that is.
    pub cancel_label: String,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// Name.
    pub name: Input,
    /// Confidential or public; empty when that is settled.
    pub kinds: Vec<Choice>,
    /// Redirect URIs.
    pub redirect_uris: Input,
    /// Scopes to choose from.
    pub groups: Vec<ScopeGroup>,
    /// What is wrong with the choice.
    pub scopes_fault: Option<String>,
    /// Bound to an organization each time.
    pub organization_access: bool,
    /// Browser origins.
    pub allowed_origins: Input,
    /// Home page.
    pub homepage_url: Input,
    /// Privacy policy.
    pub privacy_url: Input,
    /// Terms of service.
    pub terms_url: Input,
    /// What it registers as an OpenID Connect client.
    pub openid: OpenIdInputs,
}

/// The collapsed part of the form.
#[derive(Default)]
pub struct OpenIdInputs {
    /// Shown at once, because something stands there.
    pub open: bool,
    /// Where people come back to after logout.
    pub post_logout_redirect_uris: Input,
    /// Loaded in a frame at logout.
    pub frontchannel_logout_uri: Input,
    /// Told of a logout.
    pub backchannel_logout_uri: Input,
    /// Where a sign-in begins that starts elsewhere.
    pub initiate_login_uri: Input,
    /// Where its keys are.
    pub jwks_uri: Input,
    /// People have names of their own there.
    pub pairwise: bool,
    /// What is wrong with that.
    pub subject_fault: Option<String>,
}

/// One application: what it is, how much it is used, why its requests are refused.
#[derive(Template)]
#[template(path = "account_application.html")]
pub struct ApplicationPage {
    /// Around the page.
    pub frame: Frame,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Back to the list.
    pub list_href: String,
    /// What has just been done.
    pub done: Option<String>,
    /// Off, or declared elsewhere: a sentence.
    pub trouble: Option<String>,
    /// Registered name.
    pub name: String,
    /// Checked by an administrator of this server.
    pub verified: bool,
    /// Its identifier.
    pub client_id: String,
    /// Confidential or public, and how it authenticates.
    pub kind: String,
    /// Where people come back to.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: String,
    /// Browser origins.
    pub origins: Vec<String>,
    /// Bound to an organization each time.
    pub organization_access: bool,
    /// Own path of the form.
    pub edit_href: Option<String>,
    /// Own path of the question before a new secret.
    pub rotate_href: Option<String>,
    /// How many people, in words.
    pub users: String,
    /// How many tokens, in words.
    pub tokens: String,
    /// When it was last used, in words.
    pub used: String,
    /// Its secrets, in words.
    pub hints: Vec<String>,
    /// Newest first.
    pub refusals: Vec<RefusalItem>,
    /// Where the deletion is taken back.
    pub restore_action: Option<String>,
    /// When it will be gone, a sentence.
    pub deletion: String,
    /// Own path of the question before it is deleted.
    pub delete_href: Option<String>,
    /// How long that can be taken back, in words.
    pub delay: String,
}

/// A refused request.
pub struct RefusalItem {
    /// Error code.
    pub code: String,
    /// When, in words.
    pub when: String,
    /// Which endpoint.
    pub endpoint: String,
    /// What the answer showed.
    pub reference: String,
    /// What the answer said.
    pub description: String,
    /// What stood behind it: label and value.
    pub evidence: Vec<(String, String)>,
}

impl ApplicationPage {
    fn initial(&self) -> char {
        initial(&self.name)
    }
}
