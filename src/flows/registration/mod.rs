//! Clients that register themselves (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration): closed unless the
//! operator opens it, within the scopes and numbers the operator says, and unverified until somebody vouches.

mod answer;
mod manage;
mod refusal;
mod register;
mod request;
pub mod tokens;

use crate::app::App;
use crate::config::registration::Mode;

pub use answer::Registered;
pub use manage::{delete, read, update};
pub use refusal::RegistrationRefusal;
pub use register::register;

/// Whether the endpoint is there.
pub fn is_on(app: &App) -> bool {
    app.config.registration.mode != Mode::Off
}

/// Whether organizations hand out initial access tokens themselves.
pub fn organizations_may(app: &App) -> bool {
    is_on(app) && app.config.registration.organizations
}

/// Whether anybody may register without a token.
pub fn is_open(app: &App) -> bool {
    app.config.registration.mode == Mode::Open
}
