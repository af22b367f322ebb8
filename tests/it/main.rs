//! One binary for every integration test.

mod banned_crates;
mod cache_loom;
mod lifecycle_model;
mod support;
