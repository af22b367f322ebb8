//! Single sign-on: an organization's upstream provider, and what its word is worth here.

pub mod access;
pub mod standing;
