//! Names of requests, for the log and the `X-Request-Id` of the answer. None is accepted from outside.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::crypto::{base62, random};

/// Gives each request of one server another name.
pub struct RequestIds {
    start: String,
    next: AtomicU32,
}

impl RequestIds {
    /// Names that begin unlike those of any other start.
    pub fn new() -> RequestIds {
        RequestIds { start: random::url_safe_text(4), next: AtomicU32::new(0) }
    }

    /// The next name.
    pub fn next(&self) -> String {
        format!("{}{}", self.start, base62::encode_u32(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}
