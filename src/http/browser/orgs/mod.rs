//! `/orgs/..`: pages of organizations.

pub mod applications;
pub mod audit;
pub(super) mod audit_words;
pub mod break_glass;
pub(super) mod confirm;
pub mod delete;
pub mod enter;
pub mod frame;
pub mod invite;
mod key_form;
pub mod keys;
pub mod leave;
pub mod list;
pub mod member;
pub mod members;
pub mod new;
pub mod overview;
pub mod refused;
pub mod registration_tokens;
pub mod settings;
pub mod team;
pub mod teams;
mod words;

const ENDPOINT: &str = "organizations";
