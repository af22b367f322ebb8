//! Opening: locks, migrations, damage, privacy of the file.

use std::io::{Seek, SeekFrom, Write as _};

use super::*;
use crate::store::migrations;

fn path(bench: &Bench) -> &str {
    bench.url.strip_prefix("sqlite:").unwrap()
}

#[test]
fn a_second_process_is_refused_while_the_first_may_write() {
    let bench = sqlite_bench(options());
    let second = Store::open(&bench.url, options(), Clock::system());
    assert!(matches!(second, Err(StoreError::Unavailable(reason)) if reason.contains("another grantor process")));
    assert!(matches!(migrations::run(&bench.url), Err(StoreError::Unavailable(_))));
    bench.add(thing(1, "seen")).unwrap();
    let looking = StoreOptions { read_only: true, ..options() };
    let store = Store::open(&bench.url, looking, Clock::system()).unwrap();
    assert_eq!(run(store.view(|rows| name_of(rows, 1))).unwrap().as_deref(), Some("seen"));
    assert!(run(store.write(|write| insert(write, &thing(2, "refused")))).is_err());
    run(bench.store.close());
    assert!(Store::open(&bench.url, options(), Clock::system()).is_ok());
}

/// D33.
#[test]
fn a_damaged_file_is_refused_and_the_way_back_is_named() {
    let bench = sqlite_bench(options());
    for id in 0..2000 {
        bench.batch(&format!("INSERT INTO things VALUES ({id}, 'a rather long name {id}', '[]', NULL, NULL)"));
        if id == 50 {
            break;
        }
    }
    run(bench.store.close());
    let Bench { store, url, _database } = bench;
    drop(store);
    let file = url.strip_prefix("sqlite:").unwrap();
    let length = std::fs::metadata(file).unwrap().len();
    assert!(length > 8192, "{length}");
    let mut handle = std::fs::File::options().write(true).open(file).unwrap();
    handle.seek(SeekFrom::Start(4096)).unwrap();
    handle.write_all(&vec![0xA5; (length - 4096) as usize]).unwrap();
    drop(handle);
    let refused = Store::open(&url, options(), Clock::system());
    assert!(matches!(&refused, Err(StoreError::Unavailable(reason)) if reason.contains("latest backup")));
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    let bench = sqlite_bench(options());
    bench.add(thing(1, "a")).unwrap();
    for suffix in ["", "-wal"] {
        let mode = std::fs::metadata(format!("{}{suffix}", path(&bench))).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    }
}

#[test]
fn an_unmigrated_database_is_refused_when_told_not_to_migrate() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("g.db").display());
    let refused = Store::open(&url, StoreOptions { migrate: false, ..options() }, Clock::system());
    assert!(matches!(refused, Err(StoreError::Unavailable(reason)) if reason.contains("grantor migrate")));
    assert!(!migrations::run(&url).unwrap().is_empty());
    assert!(migrations::pending(&url).unwrap().is_empty());
    assert!(Store::open(&url, StoreOptions { migrate: false, ..options() }, Clock::system()).is_ok());
}

#[test]
fn every_migration_goes_down_and_up_again() {
    for bench in benches() {
        run(bench.store.close());
        let undone = migrations::revert_all(&bench.url).unwrap();
        assert_eq!(migrations::pending(&bench.url).unwrap().len(), undone.len());
        assert_eq!(migrations::run(&bench.url).unwrap().len(), undone.len());
    }
}

/// D30.
#[test]
fn of_four_nodes_starting_together_one_migrates_and_the_others_wait() {
    let Some(bench) = postgres_bench(options()) else { return };
    run(bench.store.close());
    migrations::revert_all(&bench.url).unwrap();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let url = bench.url.clone();
            std::thread::spawn(move || Store::open(&url, options(), Clock::system()).map(drop))
        })
        .collect();
    for start in starts {
        start.join().unwrap().unwrap();
    }
}

/// Half of "what is acknowledged survives power loss"; the other half is the order of COMMIT and reply.
#[test]
fn the_writer_syncs_at_every_commit() {
    #[derive(QueryableByName)]
    struct Settings {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        synchronous: i32,
    }
    #[derive(QueryableByName)]
    struct Journal {
        #[diesel(sql_type = diesel::sql_types::Text)]
        journal_mode: String,
    }
    let bench = sqlite_bench(options());
    let (full, wal) = run(bench.store.write(|write| {
        let settings = diesel::sql_query("PRAGMA synchronous").get_result::<Settings>(write.conn())?;
        let journal = diesel::sql_query("PRAGMA journal_mode").get_result::<Journal>(write.conn())?;
        Ok((settings.synchronous, journal.journal_mode))
    }))
    .unwrap();
    assert_eq!((full, wal.as_str()), (2, "wal"), "2 is FULL");
}
