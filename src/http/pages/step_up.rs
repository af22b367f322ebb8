//! "Confirm it is you": the password again before something dangerous, or because `prompt=login` or `max_age` asks.

use super::{Frame, Hidden};
use askama::Template;

/// The step-up form: posts `username` (fixed), `password`, `csrf_token` and the carried fields.
#[derive(Template)]
#[template(path = "step_up.html")]
pub struct StepUpPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries the request that waits.
    pub carried: Vec<Hidden>,
    /// Who is asked; cannot be changed here, and the server takes it from the session, not from the form.
    pub login: String,
    /// Why we ask, one sentence.
    pub reason: String,
    /// Wrong password.
    pub error: Option<String>,
    /// Throttled: how long, in words. Wins over `error`.
    pub wait: Option<String>,
}
