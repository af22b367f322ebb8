//! Teams: named groups of members.

pub mod access;
pub mod edit;
pub mod list;
pub mod places;
