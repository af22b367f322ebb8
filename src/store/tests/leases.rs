//! Node numbers on PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::store::address::Address;
use crate::store::ids::IdSource;
use crate::store::node_lease::NodeLease;

fn node(store: &Store) -> i64 {
    store.next_id().unwrap() >> 12 & 1023
}

#[test]
fn sqlite_is_node_zero() {
    assert_eq!(node(&sqlite_bench(options()).store), 0);
}

#[test]
fn two_nodes_never_share_a_number_and_a_number_comes_back() {
    let Some(bench) = postgres_bench(options()) else { return };
    let second = Store::open(&bench.url, options(), Clock::system()).unwrap();
    assert_eq!((node(&bench.store), node(&second)), (0, 1));
    let newest = second.next_id().unwrap();
    run(second.close());
    assert!(matches!(second.next_id(), Err(StoreError::Unavailable(_))));
    let third = Store::open(&bench.url, options(), Clock::system()).unwrap();
    assert_eq!(node(&third), 1);
    assert!(third.next_id().unwrap() > newest);
    assert!(bench.store.skew_millis().abs() < 1000);
}

#[test]
fn nodes_that_start_together_get_different_numbers() {
    let Some(bench) = postgres_bench(options()) else { return };
    let address = Address::parse(&bench.url).unwrap();
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let address = address.clone();
            std::thread::spawn(move || {
                let ids = Arc::new(IdSource::new(Clock::system()));
                let lease = NodeLease::take(&address, Arc::clone(&ids), Clock::system()).unwrap();
                (ids.next().unwrap() >> 12 & 1023, lease)
            })
        })
        .collect();
    let taken: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
    let mut numbers: Vec<i64> = taken.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
}

/// The heartbeat finds somebody else's name beside its number: no id with that number is made again.
#[test]
fn a_stolen_number_is_given_up_at_the_next_heartbeat() {
    let Some(bench) = postgres_bench(options()) else { return };
    bench.batch("UPDATE node_leases SET holder = 'thief', lease_until = 9000000000000");
    // The lease itself would end after thirty seconds.
    let given_up = (0..250).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        bench.store.next_id().is_ok_and(|id| id >> 12 & 1023 == 1)
    });
    assert!(given_up, "the stolen number is still in use");
    for _ in 0..5 {
        assert_eq!(node(&bench.store), 1);
    }
}

#[test]
fn a_moved_clock_of_a_test_does_not_end_the_lease() {
    let Some(bench) = postgres_bench(options()) else { return };
    let clock = Clock::manual(1_900_000_000);
    let store = Store::open(&bench.url, options(), clock.clone()).unwrap();
    clock.advance(Duration::from_secs(86_400));
    assert_eq!(crate::store::ids::millis_of(store.next_id().unwrap()), 1_900_086_400_000);
}
