//! Answers: JSON for clients, pages and redirects for browsers.

pub mod authorization;
pub mod cors;
pub mod json;
pub mod page;
pub mod refusal_page;
