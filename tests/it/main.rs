//! One binary for every integration test.

mod authorization_code;
mod banned_crates;
mod cache_loom;
mod support;
