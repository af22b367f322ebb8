//! One binary for every integration test.

mod authorize_answers;
mod authorize_parameters;
mod authorize_response_types;
mod banned_crates;
mod cache_loom;
mod consent;
mod redirect_uris;
mod seen;
mod silence;
mod support;
