//! Sign-in (`/login`, and in place of the consent page for an anonymous visitor).

use super::{ClientBanner, Frame, Hidden};
use askama::Template;

/// The sign-in form: posts `username`, `password`, `csrf_token` and the carried fields.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries the request that waits (`return_to`).
    pub carried: Vec<Hidden>,
    /// The application one signs in for.
    pub client: Option<ClientBanner>,
    /// Filled in from `login_hint` or the failed attempt; empty: none.
    pub login: String,
    /// Why somebody who is signed in sees it.
    pub notice: Option<String>,
    /// One sentence, the same for an unknown user and a wrong password.
    pub error: Option<String>,
    /// Throttled: how long, in words ("30 seconds"). Wins over `error`.
    pub wait: Option<String>,
    /// Where the form goes that takes `organization`, its address.
    pub organization_action: String,
    /// Where to register, while registration is on.
    pub register_href: Option<String>,
    /// Own path of the page to get a new password by mail.
    pub recover_href: Option<String>,
}

impl SignInPage {
    fn refused(&self) -> bool {
        self.error.is_some() || self.wait.is_some()
    }
}
