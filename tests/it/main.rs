//! One binary for every integration test; one file a capability.

mod authorization_code;
mod banned_crates;
mod cache_loom;
mod client_authentication;
mod client_credentials;
mod faults;
mod ground;
mod introspection;
mod lifecycle_model;
mod oauth2_crate;
mod races;
mod refresh;
mod refresh_derivation;
mod refresh_ends;
mod revocation;
mod scopes_merge;
mod stage;
mod support;
