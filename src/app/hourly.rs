//! What happened, by the hour: collected in memory, added to the database each minute, so that counting never writes a
//! row. All nodes add to the same rows; charts are drawn from them.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::protocol::NumericDate;
use crate::store::hourly_counts::{self, HourlyCountRow};
use crate::store::{Store, StoreError};

/// Seconds of an hour.
pub const HOUR: i64 = 3600;

/// Different counts remembered between two flushes; the names are ours, so there are never so many.
const CAPACITY: usize = 10_000;

/// Hour, name, and a label of one or two words.
type Key = (NumericDate, &'static str, &'static str, &'static str);

/// Counts since the last flush.
#[derive(Default)]
pub struct Hourly(Mutex<HashMap<Key, i64>>);

impl Hourly {
    /// Counts once. The label's words are ours, never a request's.
    pub fn count(&self, now: NumericDate, name: &'static str, label: (&'static str, &'static str)) {
        self.add((now - now.rem_euclid(HOUR), name, label.0, label.1), 1);
    }

    fn add(&self, key: Key, count: i64) {
        let Ok(mut counts) = self.0.lock() else { return };
        if counts.len() < CAPACITY || counts.contains_key(&key) {
            *counts.entry(key).or_insert(0) += count;
        }
    }

    /// Adds what was counted to the rows. What cannot be written is counted again.
    ///
    /// # Errors
    /// The store's.
    pub async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let mut counts: Vec<(Key, i64)> = match self.0.lock() {
            Ok(mut counts) => counts.drain().collect(),
            Err(_) => return Ok(()),
        };
        if counts.is_empty() {
            return Ok(());
        }
        // In one order on every node, or two nodes wait for each other's rows.
        counts.sort_unstable();
        let rows: Vec<HourlyCountRow> = counts.iter().map(|(key, count)| row(*key, *count)).collect();
        let written = store.write(move |write| rows.iter().try_for_each(|row| hourly_counts::add(write, row))).await;
        if let Err(error) = written {
            // Unknown is taken for not done: a chart may show a minute twice, and never loses one silently.
            counts.into_iter().for_each(|(key, count)| self.add(key, count));
            return Err(error);
        }
        Ok(())
    }
}

fn row((hour, name, first, second): Key, count: i64) -> HourlyCountRow {
    let label = if second.is_empty() { first.to_owned() } else { format!("{first} {second}") };
    HourlyCountRow { hour, name: name.to_owned(), label, count }
}
