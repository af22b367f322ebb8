//! Consent: what an application asks for, who is behind it, where the answer goes.

use super::{Frame, SignedIn, WebLink, parts::initial};
use askama::Template;

/// The consent form: posts `decision` (`allow` or `deny`), `consent_request` and `csrf_token`.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// The stored, single-use request (`gcr_..`).
    pub consent_request: String,
    /// Who asks.
    pub client: ConsentingClient,
    /// Where the answer goes.
    pub redirect: RedirectTarget,
    /// Who decides.
    pub account: SignedIn,
    /// The organization the access is bound to, for applications that ask for one.
    pub organization: Option<ConsentingOrganization>,
    /// Own path that lets another account sign in for the same request.
    pub switch_account_href: String,
    /// First the fixed account line, then one line a scope set.
    pub lines: Vec<ConsentLine>,
    /// How long the access lasts, one sentence (ASVS 10.7.2).
    pub lifetime: String,
    /// The only services it works at, where the request named some (RFC 8707).
    pub resources: Vec<ConsentingResource>,
}

/// A service that tokens would be for.
pub struct ConsentingResource {
    /// What people call it.
    pub name: String,
    /// Its identifier.
    pub identifier: String,
}

/// The organization an access would be bound to.
pub struct ConsentingOrganization {
    /// Its name.
    pub name: String,
    /// Own path that chooses another one for the same request.
    pub change_href: String,
}

impl ConsentingOrganization {
    fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// The application as the user judges it.
pub struct ConsentingClient {
    /// Registered name.
    pub name: String,
    /// Owner as registered, e.g. a user name or organization; `None` when nobody is named.
    pub owner: Option<String>,
    /// Checked by an administrator of this server.
    pub verified: bool,
    /// Homepage, privacy policy, terms.
    pub links: Vec<WebLink>,
}

impl ConsentingClient {
    fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// Where the browser is sent after the decision.
pub enum RedirectTarget {
    /// Host (and port) of an https address.
    Site(String),
    /// Loopback address or custom scheme: any application on the device may be listening.
    Device(String),
}

impl RedirectTarget {
    fn is_device(&self) -> bool {
        matches!(self, Self::Device(_))
    }

    fn shown(&self) -> &str {
        match self {
            Self::Site(text) | Self::Device(text) => text,
        }
    }
}

/// One permission.
pub struct ConsentLine {
    /// In human words.
    pub text: String,
    /// New, or allowed before.
    pub state: LineState,
}

/// Whether the authorization already covers a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// Asked for the first time.
    New,
    /// Allowed already; allowing again changes nothing.
    Allowed,
}

impl LineState {
    fn is_allowed(self) -> bool {
        self == Self::Allowed
    }
}

impl ConsentPage {
    /// A re-consent: something is allowed already, so each line says whether it is new.
    fn widens(&self) -> bool {
        self.lines.iter().any(|line| line.state.is_allowed())
    }
}
