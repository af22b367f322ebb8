//! grantor: an OAuth 2.0 authorization server. Read `protocol` first, then `flows`, `store` and `http`; ARCHITECTURE.md
//! walks through them.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod flows;
pub mod http;
pub mod outbound;
pub mod protocol;
pub mod store;

pub use http::run::{Listeners, run, signals};
