//! The row cache is equal to what is committed, whenever anybody looks.

use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use super::*;
use crate::store::cache::{Cache, Touched};

#[test]
fn a_row_is_served_from_memory_until_it_is_written() {
    let bench = sqlite_bench(options());
    bench.add(thing(1, "first")).unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("first"));
    // Behind the engine's back, without a touch: only a cache can still say "first".
    run(bench
        .store
        .write(|write| diesel::update(things::table.find(1)).set(things::name.eq("unseen")).execute(write.conn())))
    .unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("first"));
    run(bench.store.write(|write| rename(write, 1, "second"))).unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("second"));
    run(bench.store.write(|write| {
        write.touch_table(Table::Client);
        diesel::update(things::table).set(things::name.eq("third")).execute(write.conn())
    }))
    .unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("third"));
}

#[test]
fn absence_is_never_remembered() {
    for bench in benches() {
        assert_eq!(bench.name(7), None);
        bench.add(thing(7, "there")).unwrap();
        assert_eq!(bench.name(7).as_deref(), Some("there"));
    }
}

/// The reader has its row and has not yet filled; a commit comes between.
#[test]
fn a_row_read_before_a_commit_is_not_kept_after_it() {
    struct Slow(String);
    static READ: Barrier = Barrier::new(2);
    static COMMITTED: Barrier = Barrier::new(2);
    static ARMED: AtomicBool = AtomicBool::new(true);

    impl CachedRow for Slow {
        const TABLE: Table = Table::Client;
        fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<Slow>> {
            let name = things::table.find(id).select(things::name).first(conn)?;
            if ARMED.swap(false, SeqCst) {
                READ.wait();
                COMMITTED.wait();
            }
            Ok(Some(Slow(name)))
        }
    }

    let bench = sqlite_bench(options());
    bench.add(thing(1, "old")).unwrap();
    let view = |store: Store| run(store.view(|rows| Ok(rows.get::<Slow>(1)?.map(|slow| slow.0.clone())))).unwrap();
    let store = bench.store.clone();
    let reader = std::thread::spawn(move || view(store));
    READ.wait();
    run(bench.store.write(|write| rename(write, 1, "new"))).unwrap();
    COMMITTED.wait();
    // The reader began before the commit: either answer is right for it, but nobody after it may hear the old one.
    assert_eq!(reader.join().unwrap().as_deref(), Some("old"));
    assert_eq!(view(bench.store.clone()).as_deref(), Some("new"));
}

#[test]
fn a_marked_row_is_neither_served_nor_kept() {
    let cache = Cache::new(64);
    let row = std::sync::Arc::new(1_u32);
    let seq = cache.seq(Table::User, 9);
    cache.fill(seq, Table::User, 9, &row);
    assert!(cache.get::<u32>(Table::User, 9).is_some());
    let mut touched = Touched::default();
    touched.row(Table::User, 9);
    let marks = cache.mark(touched);
    assert!(cache.get::<u32>(Table::User, 9).is_none());
    let during = cache.seq(Table::User, 9);
    cache.fill(during, Table::User, 9, &row);
    assert!(cache.get::<u32>(Table::User, 9).is_none());
    drop(marks);
    cache.fill(during, Table::User, 9, &row);
    assert!(cache.get::<u32>(Table::User, 9).is_none());
    cache.fill(cache.seq(Table::User, 9), Table::User, 9, &row);
    assert!(cache.get::<u32>(Table::User, 9).is_some());
}

/// Rule 6: the lock file is the mechanism, this is the alarm.
#[test]
fn a_foreign_write_is_noticed_and_the_cache_cleared() {
    let bench = sqlite_bench(options());
    bench.add(thing(1, "ours")).unwrap();
    bench.add(thing(2, "other")).unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("ours"));
    let mut foreign = SqliteConnection::establish(bench.url.strip_prefix("sqlite:").unwrap()).unwrap();
    foreign.batch_execute("PRAGMA busy_timeout = 5000; UPDATE things SET name = 'theirs' WHERE id = 1").unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("ours"));
    run(bench.store.write(|write| rename(write, 2, "any"))).unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("theirs"));
}

#[test]
fn checkpoints_do_not_sound_the_alarm() {
    let bench = sqlite_bench(StoreOptions { checkpoint_interval: std::time::Duration::from_millis(1), ..options() });
    bench.add(thing(1, "kept")).unwrap();
    bench.add(thing(2, "x")).unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("kept"));
    // Untouched on purpose: "kept" can only come from a cache that was never cleared.
    run(bench
        .store
        .write(|write| diesel::update(things::table.find(1)).set(things::name.eq("unseen")).execute(write.conn())))
    .unwrap();
    for round in 0..30 {
        std::thread::sleep(std::time::Duration::from_millis(3));
        run(bench.store.write(move |write| rename(write, 2, &round.to_string()))).unwrap();
    }
    assert_eq!(bench.name(1).as_deref(), Some("kept"));
}

#[test]
fn no_reader_hears_less_than_was_acknowledged() {
    let bench = sqlite_bench(options());
    bench.add(Thing { used_at: Some(0), ..thing(1, "counter") }).unwrap();
    let acknowledged = std::sync::atomic::AtomicI64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while acknowledged.load(SeqCst) < 300 {
                    let floor = acknowledged.load(SeqCst);
                    let heard = run(bench.store.view(|rows| Ok(rows.get::<Thing>(1)?.and_then(|row| row.used_at))));
                    assert!(heard.unwrap().unwrap() >= floor);
                }
            });
        }
        for count in 1..=300 {
            run(bench.store.write(move |write| {
                write.touch(Table::Client, 1);
                diesel::update(things::table.find(1)).set(things::used_at.eq(count)).execute(write.conn())
            }))
            .unwrap();
            acknowledged.store(count, SeqCst);
        }
    });
}
