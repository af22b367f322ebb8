//! One binary for every integration test; one file a capability.

mod authorization_code;
mod banned_crates;
mod cache_loom;
mod client_authentication;
mod client_credentials;
mod durability;
mod ground;
mod lifecycle_model;
mod oauth2_crate;
mod properties;
mod revocation;
mod support;
