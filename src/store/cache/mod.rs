//! Committed rows by (table, id) in front of SQLite, exact because this process is the only writer.
//! Never composed answers, never absence: expiry, roles and freshness are computed per request.

mod shard;
mod sync;

use std::any::Any;
use std::sync::Arc;

use super::Table;
use shard::{Key, Shard};

const SHARDS: usize = 64;

/// A row of any table, as the cache keeps it.
type Row = Arc<dyn Any + Send + Sync>;

/// The cache: a fixed number of shards, each with a bound on its rows.
pub(super) struct Cache {
    shards: Vec<Shard<Row>>,
}

/// What one batch of writes touched.
#[derive(Default)]
pub(super) struct Touched {
    keys: Vec<Key>,
    tables: u64,
}

impl Touched {
    pub(super) fn row(&mut self, table: Table, id: i64) {
        self.keys.push((table as u8, id));
    }

    pub(super) fn table(&mut self, table: Table) {
        self.tables |= 1 << (table as u8);
    }
}

/// The marks of a batch; they are dropped with it, so that no way out of a commit can leave them standing.
pub(super) struct Marks<'a> {
    cache: &'a Cache,
    by_shard: Vec<(usize, Vec<Key>)>,
    tables: u64,
}

impl Cache {
    pub(super) fn new(entries: usize) -> Cache {
        let each = (entries / SHARDS).max(1);
        Cache { shards: (0..SHARDS).map(|_| Shard::new(each)).collect() }
    }

    /// The committed row, if it is here.
    pub(super) fn get<R: Any + Send + Sync>(&self, table: Table, id: i64) -> Option<Arc<R>> {
        let key = (table as u8, id);
        self.shards[place(&key)].get(&key)?.downcast().ok()
    }

    /// The counter [`Cache::fill`] wants, read before the row is.
    pub(super) fn seq(&self, table: Table, id: i64) -> u64 {
        self.shards[place(&(table as u8, id))].seq()
    }

    /// Keeps a row read from the database, if nothing was committed beside it since `seq` was read.
    pub(super) fn fill<R: Any + Send + Sync>(&self, seq: u64, table: Table, id: i64, row: &Arc<R>) {
        let key = (table as u8, id);
        self.shards[place(&key)].fill(seq, key, Arc::clone(row) as Row);
    }

    /// Marks all a batch touched, before its COMMIT; dropping the answer releases it, before any reply.
    pub(super) fn mark(&self, touched: Touched) -> Marks<'_> {
        let mut keys = touched.keys;
        keys.sort_unstable_by_key(|key| (place(key), *key));
        keys.dedup();
        let mut by_shard: Vec<(usize, Vec<Key>)> = Vec::new();
        if touched.tables == 0 {
            for key in keys {
                match by_shard.last_mut() {
                    Some((shard, group)) if *shard == place(&key) => group.push(key),
                    _ => by_shard.push((place(&key), vec![key])),
                }
            }
        } else {
            by_shard = (0..SHARDS).map(|shard| (shard, Vec::new())).collect();
            for key in keys {
                by_shard[place(&key)].1.push(key);
            }
        }
        for (shard, keys) in &by_shard {
            self.shards[*shard].mark(keys, touched.tables);
        }
        Marks { cache: self, by_shard, tables: touched.tables }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.shards.iter().for_each(Shard::clear);
    }
}

impl Drop for Marks<'_> {
    fn drop(&mut self) {
        for (shard, keys) in &self.by_shard {
            self.cache.shards[*shard].release(keys, self.tables);
        }
    }
}

// The low bits of an id are a sequence number that is nearly always zero: spread by multiplication, take the top.
fn place(key: &Key) -> usize {
    let mixed = (key.1.cast_unsigned() ^ (u64::from(key.0) << 56)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 58) as usize
}
