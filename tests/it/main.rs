//! One binary for every integration test; one file a capability.

mod authorize_answers;
mod authorize_parameters;
mod authorize_response_types;
mod banned_crates;
mod cache_loom;
mod consent;
mod cors;
mod explain;
mod ground;
mod headers;
mod issuer_path;
mod limits;
mod people_pages;
mod redirect_uris;
mod scopes_merge;
mod seen;
mod sign_in;
mod silence;
mod support;
