//! Transactions: savepoints, group commit, one-time use, panics, full queues.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use diesel::result::Error;

use super::*;

fn names(bench: &Bench) -> Vec<String> {
    run(bench.store.read(|conn| things::table.select(things::name).order(things::id).load(conn))).unwrap()
}

#[test]
fn an_error_of_a_job_undoes_that_job_only() {
    for bench in benches() {
        bench.add(thing(1, "one")).unwrap();
        let failed = run(bench.store.write(|write| {
            rename(write, 1, "lost")?;
            insert(write, &thing(1, "twice"))
        }));
        assert!(matches!(failed, Err(StoreError::Internal(_))));
        let rolled_back = run(bench.store.write(|write| {
            rename(write, 1, "lost")?;
            Err::<(), _>(Error::RollbackTransaction)
        }));
        assert!(matches!(rolled_back, Err(StoreError::Internal(_))));
        assert_eq!(names(&bench), ["one"]);
        assert_eq!(bench.name(1).as_deref(), Some("one"));
    }
}

#[test]
fn a_refusal_is_committed() {
    for bench in benches() {
        bench.add(thing(1, "live")).unwrap();
        let refused = run(bench.store.write(|write| {
            rename(write, 1, "revoked")?;
            Ok(Err::<(), _>("replayed"))
        }));
        assert_eq!(refused.unwrap(), Err("replayed"));
        assert_eq!(bench.name(1).as_deref(), Some("revoked"));
    }
}

#[test]
fn a_taken_name_is_met_inside_a_savepoint_and_the_transaction_goes_on() {
    for bench in benches() {
        bench.add(thing(1, "taken")).unwrap();
        let outcome = run(bench.store.write(|write| {
            insert(write, &thing(2, "kept"))?;
            let taken = write.unless_taken(|write| {
                insert(write, &thing(3, "lost"))?;
                insert(write, &thing(4, "taken"))
            })?;
            insert(write, &thing(5, "also kept"))?;
            Ok(taken)
        }));
        assert_eq!(outcome.unwrap(), None);
        assert_eq!(names(&bench), ["taken", "kept", "also kept"]);
    }
}

#[test]
fn savepoints_nest_three_deep() {
    for bench in benches() {
        run(bench.store.write(|write| {
            write.savepoint(|write| {
                insert(write, &thing(1, "outer"))?;
                let inner: QueryResult<()> = write.savepoint(|write| {
                    insert(write, &thing(2, "inner"))?;
                    let innermost: QueryResult<()> = write.savepoint(|write| {
                        insert(write, &thing(3, "innermost"))?;
                        Err(Error::RollbackTransaction)
                    });
                    assert!(innermost.is_err());
                    Ok(())
                });
                inner
            })
        }))
        .unwrap();
        assert_eq!(names(&bench), ["outer", "inner"]);
    }
}

/// One guarded statement, whose affected-row count is the answer.
#[test]
fn of_many_uses_at_once_exactly_one_wins() {
    for bench in benches() {
        bench.add(thing(1, "code")).unwrap();
        let wins: usize = run(async {
            let uses = (0..32).map(|moment| {
                bench.store.write(move |write| {
                    write.touch(Table::Client, 1);
                    prepared_update(
                        things::table,
                        things::used_at.eq(moment),
                        things::id.eq(1).and(things::used_at.is_null()),
                    )
                    .execute(write.conn())
                })
            });
            futures_util::future::join_all(uses).await.into_iter().map(Result::unwrap).sum()
        });
        assert_eq!(wins, 1);
    }
}

#[test]
fn concurrent_unions_of_a_list_lose_nothing() {
    for bench in benches() {
        bench.add(thing(1, "authorization")).unwrap();
        run(async {
            let unions = (0..16).map(|n| {
                bench.store.write(move |write| {
                    // The lock is the first statement: the read after it sees what the one before us committed.
                    diesel::update(things::table.find(1)).set(things::used_at.eq(n)).execute(write.conn())?;
                    let mut tags: TextArray = things::table.find(1).select(things::tags).first(write.conn())?;
                    tags.0.push(n.to_string());
                    diesel::update(things::table.find(1)).set(things::tags.eq(tags)).execute(write.conn())
                })
            });
            futures_util::future::join_all(unions).await.into_iter().for_each(|done| assert_eq!(done.unwrap(), 1));
        });
        let tags = run(bench.store.read(|conn| things::table.find(1).select(things::tags).first::<TextArray>(conn)));
        assert_eq!(tags.unwrap().0.len(), 16);
    }
}

/// Holds the writer inside a job until `release` is called, so that what is sent meanwhile becomes one batch.
fn hold(bench: &Bench) -> (std::thread::JoinHandle<Result<(), StoreError>>, std::sync::mpsc::SyncSender<()>) {
    let (entered, is_in) = sync_channel(1);
    let (release, released) = sync_channel(1);
    let released = Mutex::new(released);
    let store = bench.store.clone();
    let holder = std::thread::spawn(move || {
        run(store.write(move |_| {
            entered.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
            Ok(())
        }))
    });
    is_in.recv().unwrap();
    (holder, release)
}

#[test]
fn writes_that_wait_share_one_commit() {
    let bench = sqlite_bench(options());
    let before = bench.store.writer_stats().unwrap().batches();
    let (holder, release) = hold(&bench);
    run(async {
        let writes = (1..=50).map(|id| bench.store.write(move |write| insert(write, &thing(id, &id.to_string()))));
        let all = futures_util::future::join_all(writes);
        let release = async { release.send(()).unwrap() };
        let (answers, ()) = futures_util::future::join(all, release).await;
        assert!(answers.iter().all(Result::is_ok));
    });
    holder.join().unwrap().unwrap();
    assert_eq!(bench.store.writer_stats().unwrap().batches() - before, 2);
    assert_eq!(names(&bench).len(), 50);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let bench = sqlite_bench(StoreOptions { queue_length: 1, ..options() });
    let (holder, release) = hold(&bench);
    run(async {
        let writes = (1..=3).map(|id| bench.store.write(move |write| insert(write, &thing(id, &id.to_string()))));
        let all = futures_util::future::join_all(writes);
        let release = async { release.send(()).unwrap() };
        let (answers, ()) = futures_util::future::join(all, release).await;
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(StoreError::QueueFull))).count(), 2);
    });
    holder.join().unwrap().unwrap();
    assert_eq!(names(&bench), ["1"]);
}

/// D26, D27: nothing of a batch with a panic is kept, nobody in it is told it was, and the next batch works.
#[test]
fn a_panic_ends_the_batch_and_not_the_writer() {
    let bench = sqlite_bench(options());
    let (holder, release) = hold(&bench);
    run(async {
        let before = bench.store.write(|write| insert(write, &thing(1, "before")));
        let panicking = bench.store.write(|write| {
            insert(write, &thing(2, "panicking"))?;
            panic!("on purpose")
        });
        let after = bench.store.write(|write| insert(write, &thing(3, "after")));
        let all = futures_util::future::join_all([
            Box::pin(before) as std::pin::Pin<Box<dyn Future<Output = _>>>,
            Box::pin(panicking),
            Box::pin(after),
        ]);
        let release = async { release.send(()).unwrap() };
        let (answers, ()) = futures_util::future::join(all, release).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Unavailable(_)))), "{answers:?}");
    });
    holder.join().unwrap().unwrap();
    assert_eq!(names(&bench), [""; 0]);
    bench.add(thing(4, "healed")).unwrap();
    assert_eq!(names(&bench), ["healed"]);
}

#[test]
fn a_panic_on_postgresql_fails_that_write_only() {
    let Some(bench) = postgres_bench(options()) else { return };
    let failed: Result<(), _> = run(bench.store.write(|write| {
        insert(write, &thing(1, "panicking"))?;
        panic!("on purpose")
    }));
    assert!(matches!(failed, Err(StoreError::Internal(_))));
    bench.add(thing(2, "healed")).unwrap();
    assert_eq!(names(&bench), ["healed"]);
}

#[test]
fn closing_does_what_is_waiting_and_refuses_the_rest() {
    let bench = sqlite_bench(options());
    let answered = Arc::new(Mutex::new(0));
    run(async {
        let writes = (1..=20).map(|id| {
            let answered = Arc::clone(&answered);
            let write = bench.store.write(move |write| insert(write, &thing(id, &id.to_string())));
            async move {
                write.await.unwrap();
                *answered.lock().unwrap() += 1;
            }
        });
        futures_util::future::join(futures_util::future::join_all(writes), bench.store.close()).await;
    });
    assert_eq!(*answered.lock().unwrap(), 20);
    assert!(matches!(bench.add(thing(21, "late")), Err(StoreError::Unavailable(_))));
}

/// D4: a full disk ends the batch, and the next one after space came back is served.
#[test]
fn a_full_disk_is_unavailable_and_heals() {
    let bench = sqlite_bench(options());
    let full = run(bench.store.write(|write| {
        write.conn().batch_execute("PRAGMA max_page_count = 1")?;
        for id in 0..500 {
            insert(write, &thing(id, &format!("{id:0200}")))?;
        }
        Ok(())
    }));
    assert!(matches!(full, Err(StoreError::Unavailable(_))), "{full:?}");
    assert_eq!(names(&bench), [""; 0]);
    bench.add(thing(1, "healed")).unwrap();
    assert_eq!(bench.store.writer_stats().unwrap().failures(), 1);
}

/// D7.
#[test]
fn a_lock_held_by_somebody_else_is_unavailable_and_never_half_a_write() {
    let bench = sqlite_bench(StoreOptions { busy_timeout: std::time::Duration::from_millis(50), ..options() });
    let mut foreign = SqliteConnection::establish(bench.url.strip_prefix("sqlite:").unwrap()).unwrap();
    foreign.batch_execute("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(bench.add(thing(1, "late")), Err(StoreError::Unavailable(_))));
    foreign.batch_execute("ROLLBACK").unwrap();
    assert_eq!(names(&bench), [""; 0]);
    bench.add(thing(1, "in time")).unwrap();
}

/// D5, D11: whoever asked hears in bounded time that nothing is known.
#[test]
fn a_database_that_hangs_is_answered_for() {
    let hurry = || StoreOptions { answer_within: std::time::Duration::from_secs(1), ..options() };
    for bench in std::iter::once(sqlite_bench(hurry())).chain(postgres_bench(hurry())) {
        let nap = || {
            std::thread::sleep(std::time::Duration::from_secs(4));
            Ok(0)
        };
        let write = run(async {
            // The runtime outlives the nap, as a server's does.
            let answer = bench.store.write(move |_| nap()).await;
            let read = bench.store.read(move |_| nap()).await;
            assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
            answer
        });
        assert!(matches!(write, Err(StoreError::CommitUnknown)), "{write:?}");
    }
}
