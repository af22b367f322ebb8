//! protocol

/// Seconds since 1970-01-01T00:00:00Z (RFC 7519 section 2).
pub type NumericDate = i64;
