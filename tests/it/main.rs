//! One binary for every integration test; one file a capability.

mod authorization_code;
mod authorize_redirects;
mod authorize_requests;
mod banned_crates;
mod cache_loom;
mod client_authentication;
mod client_credentials;
mod faults;
mod ground;
mod introspection;
mod lifecycle_model;
mod races;
mod refresh;
mod refresh_derivation;
mod refresh_ends;
mod revocation;
mod scopes_merge;
mod stage;
mod support;
