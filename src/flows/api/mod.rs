//! Who may do what at the API: one credential a request, and one rule for each kind of thing it reaches.

mod bearer;
pub mod credential;
pub mod idempotency;
pub mod needs;
pub mod organization;
pub mod refusal;
mod still_good;

pub use credential::Credential;
pub use needs::Needs;
pub use organization::Inside;
pub use refusal::ApiRefusal;
pub use still_good::StillGood;

/// Below the issuer.
pub const BASE: &str = "/api/v1";
