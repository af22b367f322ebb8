//! One binary for every integration test.

mod authorize_answers;
mod authorize_parameters;
mod authorize_response_types;
mod banned_crates;
mod cache_loom;
mod redirect_uris;
mod seen;
mod support;
