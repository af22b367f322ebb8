//! Answers: JSON for clients, pages for people.

pub mod json;
