//! "Sign out?": shown when sign-out was asked for by a link (GET), which must change nothing.

use super::{ClientBanner, Frame, Hidden};
use askama::Template;

/// The sign-out confirmation: posts `csrf_token` and the carried fields.
#[derive(Template)]
#[template(path = "sign_out.html")]
pub struct SignOutPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries what follows sign-out.
    pub carried: Vec<Hidden>,
    /// Who is signed in.
    pub login: String,
    /// Who asked for the sign-out.
    pub client: Option<ClientBanner>,
    /// Whether the browser is sent back there.
    pub returns: bool,
    /// Names of the applications this browser signed in to.
    pub applications: Vec<String>,
    /// Own path for "Stay signed in".
    pub stay_href: String,
}
