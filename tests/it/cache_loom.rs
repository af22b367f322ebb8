//! The row cache under every interleaving: the shard's own source file, with the model checker's mutex.

use loom::sync::Arc;
use loom::sync::atomic::AtomicU64;
use loom::sync::atomic::Ordering::SeqCst;

mod sync {
    pub(super) use loom::sync::Mutex;
}

#[path = "../../src/store/cache/shard.rs"]
#[expect(dead_code, reason = "the model needs no way to forget everything")]
mod shard;

use shard::Shard;

const KEY: (u8, i64) = (3, 42);
const TABLE: u64 = 1 << 3;

/// What the database answers: the last committed version of the one row.
struct World {
    shard: Shard<u64>,
    committed: AtomicU64,
    /// The newest version anybody was told is committed.
    acknowledged: AtomicU64,
}

impl World {
    fn new() -> Arc<World> {
        Arc::new(World { shard: Shard::new(4), committed: AtomicU64::new(1), acknowledged: AtomicU64::new(1) })
    }

    fn write(&self, keys: &[(u8, i64)], tables: u64, commits: bool) {
        self.shard.mark(keys, tables);
        if commits {
            self.committed.store(self.committed.load(SeqCst) + 1, SeqCst);
        }
        self.shard.release(keys, tables);
        self.acknowledged.store(self.committed.load(SeqCst), SeqCst);
    }

    fn read(&self) -> u64 {
        if let Some(version) = self.shard.get(&KEY) {
            return version;
        }
        let seq = self.shard.seq();
        let version = self.committed.load(SeqCst);
        self.shard.fill(seq, KEY, version);
        version
    }

    /// Nobody hears less than what was acknowledged before they asked.
    fn check(&self) {
        let floor = self.acknowledged.load(SeqCst);
        let heard = self.read();
        assert!(heard >= floor, "heard {heard} after {floor} was acknowledged");
    }
}

/// Two readers beside a writer; up to three preemptions find every ordering of a read around mark, commit and release.
fn explore(writer: fn(&World)) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || {
        let world = World::new();
        let reader = {
            let world = Arc::clone(&world);
            loom::thread::spawn(move || {
                world.check();
                world.check();
            })
        };
        let other = {
            let world = Arc::clone(&world);
            loom::thread::spawn(move || world.check())
        };
        writer(&world);
        reader.join().expect("the first reader");
        other.join().expect("the second reader");
        // Whatever was filled meanwhile is what is committed.
        assert_eq!(world.read(), world.committed.load(SeqCst));
    });
}

#[test]
fn no_reader_hears_an_older_row_than_was_acknowledged() {
    explore(|world| world.write(&[KEY], 0, true));
}

#[test]
fn a_statement_without_ids_is_as_safe_as_one_with() {
    explore(|world| world.write(&[], TABLE, true));
}

#[test]
fn a_failed_commit_leaves_the_committed_row() {
    explore(|world| world.write(&[KEY], 0, false));
}
