//! One shard of the row cache: the rule that keeps it equal to what is committed. Rule numbers are those of ARCHITECTURE.
//! Knows nothing of rows or databases, so that the model checker can include this very file.

use std::collections::HashSet;

use super::sync::Mutex;

/// (number of the table, row id).
pub(super) type Key = (u8, i64);

/// Entries, marks and the counter that tells a late fill from a good one, under one lock.
pub(super) struct Shard<V> {
    state: Mutex<State<V>>,
}

struct State<V> {
    seq: u64,
    entries: quick_cache::unsync::Cache<Key, V>,
    pending: HashSet<Key>,
    /// Bit n: every row of table n is pending.
    pending_tables: u64,
}

impl<V> State<V> {
    fn is_pending(&self, key: &Key) -> bool {
        self.pending_tables & bit(key.0) != 0 || self.pending.contains(key)
    }
}

impl<V: Clone> Shard<V> {
    pub(super) fn new(capacity: usize) -> Shard<V> {
        Shard {
            state: Mutex::new(State {
                seq: 0,
                entries: quick_cache::unsync::Cache::new(capacity),
                pending: HashSet::new(),
                pending_tables: 0,
            }),
        }
    }

    /// The committed row, if it is here. A pending row never is: marking removed it.
    pub(super) fn get(&self, key: &Key) -> Option<V> {
        self.with(|state| state.entries.get(key).cloned())
    }

    /// The counter, to be read before the database is.
    pub(super) fn seq(&self) -> u64 {
        self.with(|state| state.seq)
    }

    /// Rule 5: keeps a row read from the database only if no commit touched this shard since `seq` was read.
    pub(super) fn fill(&self, seq: u64, key: Key, value: V) {
        self.with(|state| {
            if state.seq == seq && !state.is_pending(&key) {
                state.entries.insert(key, value);
            }
        });
    }

    /// Rule 3, before COMMIT: from here on these rows are read from the database and not kept.
    pub(super) fn mark(&self, keys: &[Key], tables: u64) {
        self.with(|state| {
            state.seq += 1;
            for key in keys {
                state.entries.remove(key);
                state.pending.insert(*key);
            }
            if tables != 0 {
                state.entries.retain(|key, _| tables & bit(key.0) == 0);
                state.pending_tables |= tables;
            }
        });
    }

    /// Rule 4, after COMMIT and before any reply, whatever COMMIT said.
    pub(super) fn release(&self, keys: &[Key], tables: u64) {
        self.with(|state| {
            state.seq += 1;
            for key in keys {
                state.pending.remove(key);
            }
            state.pending_tables &= !tables;
        });
    }

    /// Forgets every row and refuses the fills under way.
    pub(super) fn clear(&self) {
        self.with(|state| {
            state.seq += 1;
            state.entries.clear();
        });
    }

    fn with<T>(&self, f: impl FnOnce(&mut State<V>) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        f(&mut state)
    }
}

fn bit(table: u8) -> u64 {
    1 << table
}
