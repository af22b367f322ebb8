//! What the network and other sessions do to PostgreSQL connections.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::sql_types::{BigInt, Bool, Integer};

use super::*;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Pid {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

fn kill_others(bench: &Bench) {
    let mut conn = PgConnection::establish(&bench.url).unwrap();
    diesel::sql_query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(&mut conn)
    .unwrap();
}

fn pid(conn: &mut Conn) -> QueryResult<i32> {
    Ok(diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result::<Pid>(conn)?.pid)
}

/// The statement cache works through the enum: one preparation a statement and connection. diesel keeps no
/// UPDATE outside [`prepared_update`], and an INSERT only of a struct with `treat_none_as_default_value = false`.
#[test]
fn statements_are_prepared_once_a_connection() {
    let Some(bench) = postgres_bench(StoreOptions { pool_size: 1, ..options() }) else { return };
    bench.add(Thing { tags: TextArray(vec!["a".to_owned()]), ..thing(1, "x") }).unwrap();
    let lookups = |times: usize| {
        for id in 0..times {
            bench.name(id as i64);
            run(bench.store.write(move |write| rename(write, id as i64, &format!("x{id}")))).unwrap();
        }
        let prepared = "SELECT count(*) AS count FROM pg_prepared_statements";
        run(bench.store.read(move |conn| Ok(diesel::sql_query(prepared).get_result::<Count>(conn)?.count))).unwrap()
    };
    let after_one = lookups(1);
    assert_eq!(after_one, 3, "the INSERT, the SELECT and the UPDATE");
    assert_eq!(lookups(20), after_one);
}

/// D8: every idle connection dies at once, and nobody notices.
#[test]
fn connections_killed_while_idle_are_replaced() {
    let Some(bench) = postgres_bench(options()) else { return };
    bench.add(thing(1, "a")).unwrap();
    run(async {
        let reads = (0..8).map(|_| bench.store.read(|conn| diesel::sql_query("SELECT pg_sleep(0.05)").execute(conn)));
        futures_util::future::join_all(reads).await
    });
    kill_others(&bench);
    assert_eq!(bench.name(1).as_deref(), Some("a"));
    kill_others(&bench);
    bench.add(thing(2, "b")).unwrap();
}

/// D9: a connection that dies before COMMIT was sent has changed nothing, and the write is done again.
#[test]
fn a_connection_killed_inside_a_transaction_is_replaced_and_nothing_is_done_twice() {
    let Some(bench) = postgres_bench(options()) else { return };
    let runs = Arc::new(AtomicU32::new(0));
    let (url, counted) = (bench.url.clone(), Arc::clone(&runs));
    let done = run(bench.store.write(move |write| {
        let inserted = insert(write, &thing(1, "once"))?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let victim = pid(write.conn())?;
            let mut killer = PgConnection::establish(&url).unwrap();
            diesel::sql_query(format!("SELECT pg_terminate_backend({victim}, 5000)")).execute(&mut killer)?;
            things::table.count().get_result::<i64>(write.conn())?;
        }
        Ok(inserted)
    }));
    assert_eq!(done.unwrap(), 1);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

/// D9: killed between the last statement and COMMIT.
#[test]
fn a_connection_killed_at_commit_is_an_unknown_outcome() {
    let Some(bench) = postgres_bench(options()) else { return };
    let url = bench.url.clone();
    let outcome = run(bench.store.write(move |write| {
        insert(write, &thing(1, "perhaps"))?;
        let victim = pid(write.conn())?;
        let mut killer = PgConnection::establish(&url).unwrap();
        diesel::sql_query(format!("SELECT pg_terminate_backend({victim}, 5000)")).execute(&mut killer)?;
        Ok(())
    }));
    assert!(matches!(outcome, Err(StoreError::CommitUnknown)), "{outcome:?}");
    assert_eq!(bench.name(1), None);
}

/// D12.
#[test]
fn a_deadlock_is_run_again() {
    let Some(bench) = postgres_bench(options()) else { return };
    bench.add(thing(1, "a")).unwrap();
    bench.add(thing(2, "b")).unwrap();
    let meet = Arc::new(std::sync::Barrier::new(2));
    let first_runs = Arc::new(Mutex::new(0));
    let cross = |from: i64, to: i64| {
        let (store, meet, first_runs) = (bench.store.clone(), Arc::clone(&meet), Arc::clone(&first_runs));
        std::thread::spawn(move || {
            run(store.write(move |write| {
                diesel::update(things::table.find(from)).set(things::used_at.eq(from)).execute(write.conn())?;
                let both_hold_one = {
                    let mut runs = first_runs.lock().unwrap();
                    *runs += 1;
                    *runs <= 2
                };
                if both_hold_one {
                    meet.wait();
                }
                diesel::update(things::table.find(to)).set(things::used_at.eq(from)).execute(write.conn())
            }))
        })
    };
    let both = [cross(1, 2), cross(2, 1)];
    for side in both {
        assert_eq!(side.join().unwrap().unwrap(), 1);
    }
    assert!(*first_runs.lock().unwrap() >= 3);
}

/// D12: SQLSTATE 40001, three times, then an answer.
#[test]
fn a_serialization_failure_is_run_again_a_bounded_number_of_times() {
    let Some(bench) = postgres_bench(options()) else { return };
    let failing = |failures: u32| {
        let runs = AtomicU32::new(0);
        run(bench.store.write(move |write| {
            if runs.fetch_add(1, Ordering::SeqCst) < failures {
                write.conn().batch_execute("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")?;
            }
            Ok(())
        }))
    };
    assert!(failing(3).is_ok());
    assert!(matches!(failing(4), Err(StoreError::Unavailable(_))));
}

/// D11.
#[test]
fn a_statement_that_hangs_is_cancelled_and_unavailable() {
    // The pool would give it up, too, in its own time.
    let patient = Duration::from_secs(300);
    let hurry = StoreOptions { statement_timeout: Duration::from_secs(1), answer_within: patient, ..options() };
    let Some(bench) = postgres_bench(hurry) else { return };
    let slow = run(bench.store.read(|conn| diesel::sql_query("SELECT pg_sleep(120)").execute(conn)));
    assert!(matches!(slow, Err(StoreError::Unavailable(_))), "{slow:?}");
    bench.add(thing(1, "fine")).unwrap();
}

/// D10.
#[test]
fn a_busy_pool_answers_unavailable_in_bounded_time() {
    let small = StoreOptions { pool_size: 1, acquire_timeout: Duration::from_millis(500), ..options() };
    let Some(bench) = postgres_bench(small) else { return };
    run(async {
        let slow = bench.store.read(|conn| diesel::sql_query("SELECT pg_sleep(3)").execute(conn));
        let waiting = bench.store.read(|conn| diesel::sql_query("SELECT 1").execute(conn));
        let (slow, waiting) = futures_util::future::join(slow, waiting).await;
        assert!(slow.is_ok());
        assert!(matches!(waiting, Err(StoreError::Unavailable(_))));
    });
}

/// Another node migrates under a prepared statement: one reconnect, no error.
#[test]
fn a_changed_result_type_is_met_by_one_reconnect() {
    let Some(bench) = postgres_bench(StoreOptions { pool_size: 1, ..options() }) else { return };
    bench.add(thing(1, "a")).unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("a"));
    let mut other = PgConnection::establish(&bench.url).unwrap();
    other.batch_execute("ALTER TABLE things ALTER COLUMN name TYPE VARCHAR(200)").unwrap();
    assert_eq!(bench.name(1).as_deref(), Some("a"));
    other.batch_execute("ALTER TABLE things ALTER COLUMN name TYPE TEXT").unwrap();
    let seen = run(bench.store.write(|write| Thing::load(write.conn(), 1)));
    assert_eq!(seen.unwrap().unwrap().name, "a");
}

#[test]
fn settings_are_made_on_every_connection() {
    #[derive(QueryableByName)]
    struct Settings {
        #[diesel(sql_type = Bool)]
        good: bool,
    }
    let Some(bench) = postgres_bench(options()) else { return };
    let settings = run(bench.store.read(|conn| {
        diesel::sql_query(
            "SELECT current_setting('statement_timeout') = '10s' AND current_setting('lock_timeout') = '5s'
             AND current_setting('application_name') = 'grantor' AND current_setting('timezone') = 'UTC'
             AND current_setting('transaction_isolation') = 'read committed' AS good",
        )
        .get_result::<Settings>(conn)
    }));
    assert!(settings.unwrap().good);
}
