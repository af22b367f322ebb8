//! Pages: for people, with cookies.

pub mod account;
pub mod addresses;
pub mod admin;
pub mod ask_owner;
pub mod choose_organization;
pub mod consent;
pub mod email;
mod faults;
pub mod home;
pub mod invitation;
pub mod mailbox;
pub mod not_found;
mod once;
pub mod orgs;
pub mod password;
pub mod recover;
pub mod register;
pub mod select_account;
pub mod sessions;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
pub mod signed_in;
pub mod sso;
pub mod step_up;
