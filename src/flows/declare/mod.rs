//! Clients and resource servers as a file says: read, planned, then carried out.

pub mod apply;
pub mod file;
pub mod plan;
