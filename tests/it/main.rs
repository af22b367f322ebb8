//! One binary for every integration test.

mod authorization_code;
mod banned_crates;
mod cache_loom;
mod client_authentication;
mod client_credentials;
mod revocation;
mod support;
