//! Single sign-on in the browser: the organization's door, the way back from its provider, and what is asked then.

pub mod callback;
pub mod confirm;
pub mod dummy;
pub mod identities;
pub mod link;
pub mod login;
mod preview;
mod refused;
pub mod settings;
