//! Pages: for people, with cookies.

pub mod consent;
pub mod not_found;
pub mod sign_in;
pub mod sign_out;
