//! http
pub mod assets;
pub mod pages;
