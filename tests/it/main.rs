//! One binary for every integration test.
mod cache_loom;
