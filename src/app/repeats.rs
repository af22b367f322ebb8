//! Values that a client should draw afresh for each authorization request, and how many requests brought each of them.
//! In this process's memory, of bounded size: what comes often stays, what came once makes way. Losing it, or a second
//! node, only means that a warning comes later or twice.

use std::sync::{Mutex, PoisonError};

use quick_cache::unsync::Cache;

/// Different requests with one value, of which the last is told.
pub const TOLD_AT: usize = 5;

/// Values remembered; about two megabytes.
const CAPACITY: usize = 16_384;

/// Digests of values, each with the first [`TOLD_AT`] requests that brought it.
pub struct Repeats(Mutex<Cache<[u8; 32], Vec<u64>>>);

impl Default for Repeats {
    fn default() -> Repeats {
        Repeats(Mutex::new(Cache::new(CAPACITY)))
    }
}

impl Repeats {
    /// Notes that this request brought this value; true for the one that makes it [`TOLD_AT`] different ones. The same
    /// request again, such as a page loaded once more, does not count.
    pub fn note(&self, value: [u8; 32], request: u64) -> bool {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut requests) = values.get_mut(&value) {
            let counts = requests.len() < TOLD_AT && !requests.contains(&request);
            if counts {
                requests.push(request);
            }
            return counts && requests.len() == TOLD_AT;
        }
        values.insert(value, vec![request]);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(number: u32) -> [u8; 32] {
        let mut value = [0; 32];
        value[..4].copy_from_slice(&number.to_be_bytes());
        value
    }

    /// A28.
    #[test]
    fn the_fifth_request_with_one_value_is_told_and_no_other() {
        let repeats = Repeats::default();
        let told: Vec<bool> = [1, 1, 2, 3, 2, 1, 4, 5, 5, 6, 7].map(|request| repeats.note(value(0), request)).into();
        assert_eq!(told.iter().position(|told| *told), Some(7));
        assert_eq!(told.iter().filter(|told| **told).count(), 1);
        assert!(!repeats.note(value(1), 8), "another value");
    }

    /// A28: a million values that come once, and one in a hundred that comes again.
    #[test]
    fn memory_is_bounded_and_what_comes_often_is_found_all_the_same() {
        let repeats = Repeats::default();
        let mut told = 0;
        for request in 0..1_000_000 {
            repeats.note(value(request), u64::from(request));
            if request % 100 == 0 {
                told += u32::from(repeats.note([255; 32], u64::from(request)));
            }
        }
        assert_eq!(told, 1);
        assert!(repeats.0.lock().unwrap_or_else(PoisonError::into_inner).len() <= CAPACITY);
    }
}
