//! Single sign-on: an organization's upstream provider, and what its word is worth here.
//!
//! One way through: [`mod@begin`] sends a browser upstream, [`callback`] takes it back once, [`finish`] decides as a pure
//! function what becomes of it, and [`act`] carries that out in one transaction.

pub mod access;
pub mod act;
pub mod attach;
pub mod begin;
pub mod break_glass;
pub mod callback;
pub mod demo;
pub mod entrance;
pub mod facts;
pub mod finish;
pub mod identities;
pub mod luggage;
pub mod new_person;
pub mod proof;
pub mod providers;
pub mod recheck;
pub mod refusal;
pub mod sessions;
pub mod set_up;
pub mod settings;
pub mod standing;
pub mod teams;
pub mod upstream_error;
pub mod who_joins;

pub use begin::{Begun, Wish, begin};
pub use refusal::SsoRefusal;
pub use upstream_error::UpstreamError;

/// Below the issuer: where upstreams send browsers back to.
pub const CALLBACK: &str = "/sso/callback";
