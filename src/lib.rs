//! grantor: an OAuth 2.0 authorization server. Modules in reading order.

pub mod protocol;
pub mod clock;
pub mod crypto;
pub mod config;
pub mod outbound;
pub mod store;
pub mod app;
pub mod flows;
pub mod http;
pub mod cli;
