//! With which account a request goes on.

use super::{ClientBanner, Frame, SignedIn};
use askama::Template;

/// Two links: as who is signed in, or as somebody else.
#[derive(Template)]
#[template(path = "select_account.html")]
pub struct SelectAccountPage {
    /// Around the page.
    pub frame: Frame,
    /// Who asks.
    pub client: ClientBanner,
    /// Who is signed in.
    pub account: SignedIn,
    /// The same request, as that account.
    pub go_on_href: String,
    /// Own path that lets another account sign in for the same request.
    pub other_href: String,
}
