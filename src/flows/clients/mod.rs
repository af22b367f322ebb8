//! Applications: registering, changing and removing them. One story a file, one audit event each, in the name of whoever
//! asked for it.

pub mod create;
pub mod delete;
mod failure;
pub mod metadata;
pub mod open;
mod owner;
pub mod registered;
pub mod registration;
pub mod rotate_secret;
pub mod secret;
mod sector;
pub mod show;
pub mod status;
mod told;
pub mod update;

pub use failure::ClientFailure;
pub use metadata::ClientMetadata;
pub use registration::{ClientRegistration, LONGEST_ACCESS_TOKEN, Problem};
