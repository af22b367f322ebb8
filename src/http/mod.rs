//! http
pub mod assets;
pub mod pages;
pub mod playground;
pub mod words;
