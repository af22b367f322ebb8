//! One binary for every integration test; one file a capability.

mod banned_crates;
mod cache_loom;
mod ground;
mod lifecycle_model;
mod oauth2_crate;
mod support;
