//! People: how accounts come, change and go. Pages and the command line share these; each change writes one audit event
//! in its own transaction.

pub mod addresses;
pub mod administrator;
pub mod amend;
pub mod authorizations;
pub mod claims;
pub mod correct;
pub mod create;
pub mod details;
pub mod devices;
pub mod email;
pub mod ending;
pub mod export;
pub mod find;
mod first_proof;
pub mod imported;
pub mod notices;
mod organizations;
pub mod password;
pub mod profile;
pub mod recover;
mod refusal;
pub mod register;
pub mod set_up;
pub mod sign_out_everywhere;
pub mod status;

pub use details::{NewPerson, is_email};
pub use refusal::PersonRefusal;

pub use crate::store::users::UserRow;

#[cfg(test)]
mod tests;
