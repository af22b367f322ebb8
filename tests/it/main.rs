//! The integration tests: one binary, one file a capability.

mod banned_crates;
