//! PostgreSQL: a node's number, leased on the database's clock and renewed by a heartbeat that also measures that clock.
//! The lease is real time on this machine: it ends `LEASE` after the renewal was *sent*, before the database thinks so.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::address::Address;
use super::connection::{self, Conn, Purpose};
use super::error::{StoreError, is_unique_violation};
use super::ids::{IdSource, Lease, NODES};
use super::options::StoreOptions;
use crate::clock::Clock;

const LEASE: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Nodes that start together may reach for the same number.
const ATTEMPTS: usize = 50;

diesel::table! {
    node_leases (node) {
        node -> Integer,
        holder -> Text,
        lease_until -> BigInt,
    }
}

/// The heartbeat thread; dropping it gives the number back.
pub(super) struct NodeLease {
    skew_millis: Arc<AtomicI64>,
    running: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

struct Heart {
    address: Address,
    ids: Arc<IdSource>,
    /// The clock whose offset is set.
    clock: Clock,
    /// The machine's own clock, which no offset moves.
    machine: Clock,
    skew_millis: Arc<AtomicI64>,
    conn: Option<Conn>,
    held: Option<Held>,
}

struct Held {
    node: i32,
    holder: String,
}

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = BigInt)]
    millis: i64,
    #[diesel(sql_type = Text)]
    random: String,
}

impl NodeLease {
    /// Leases a number, measures the clock and starts the heartbeat.
    pub(super) fn take(address: &Address, ids: Arc<IdSource>, clock: Clock) -> Result<NodeLease, StoreError> {
        let skew_millis = Arc::new(AtomicI64::new(0));
        let mut heart = Heart {
            address: address.clone(),
            ids,
            clock,
            machine: Clock::system(),
            skew_millis: Arc::clone(&skew_millis),
            conn: None,
            held: None,
        };
        heart.beat()?;
        let (running, stop) = channel();
        let thread = std::thread::Builder::new()
            .name("grantor-heartbeat".to_owned())
            .spawn(move || heart.run(&stop))
            .map_err(StoreError::unavailable)?;
        Ok(NodeLease { skew_millis, running: Mutex::new(Some((running, thread))) })
    }

    pub(super) fn skew_millis(&self) -> i64 {
        self.skew_millis.load(Relaxed)
    }

    /// Ends the heartbeat; no id is made afterwards.
    pub(super) fn give_back(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((running, thread)) = running {
            drop(running);
            if thread.join().is_err() {
                tracing::error!("the heartbeat panicked");
            }
        }
    }
}

impl Drop for NodeLease {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl Heart {
    fn run(mut self, stop: &Receiver<()>) {
        while stop.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = self.beat() {
                // The lease runs out by itself; the next beat opens a new connection.
                tracing::warn!(%error, "the heartbeat failed");
                self.conn = None;
            }
        }
        self.ids.set_lease(None);
        if let (Some(conn), Some(held)) = (&mut self.conn, &self.held)
            && let Err(error) = give_back(conn, held, self.ids.newest_millis())
        {
            tracing::warn!(%error, "the node number was not given back; it is free when its lease ends");
        }
    }

    fn beat(&mut self) -> Result<(), StoreError> {
        let sent = self.ids.stopwatch();
        if self.conn.is_none() {
            let mut conn = connection::open(&self.address, Purpose::Write, &StoreOptions::default())?;
            statement_limit(&mut conn).map_err(StoreError::unavailable)?;
            self.conn = Some(conn);
        }
        let Some(conn) = &mut self.conn else { return Ok(()) };
        let now = measure(conn, &self.machine, &self.clock, &self.skew_millis).map_err(StoreError::unavailable)?;
        let until = now.millis + LEASE.as_millis() as i64;
        if let Some(held) = &self.held {
            if renew(conn, held, until).map_err(StoreError::unavailable)? {
                self.ids.set_lease(Some(Lease { node: held.node, until: Some(sent + LEASE) }));
                return Ok(());
            }
            tracing::error!(node = held.node, "another process took this node's number");
            self.ids.set_lease(None);
            self.held = None;
        }
        let (held, free_since) = acquire(conn, &now, until)?;
        // Whoever held the number before made no id later than this.
        self.ids.start_at_millis(free_since.max(now.millis));
        self.ids.set_lease(Some(Lease { node: held.node, until: Some(sent + LEASE) }));
        tracing::info!(node = held.node, "node number leased");
        self.held = Some(held);
        Ok(())
    }
}

fn statement_limit(conn: &mut Conn) -> QueryResult<()> {
    // A beat that hangs is worth nothing: the next one may meet a database that answers.
    diesel::sql_query("SET statement_timeout = 4000").execute(conn).map(drop)
}

fn measure(conn: &mut Conn, machine: &Clock, clock: &Clock, skew: &AtomicI64) -> QueryResult<Now> {
    let (before, started) = (machine.now_millis(), machine.monotonic());
    let now = diesel::sql_query(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS millis, gen_random_uuid()::text AS random",
    )
    .get_result::<Now>(conn)?;
    let trip = (machine.monotonic() - started).as_millis() as i64;
    let offset = corrected(-skew.load(Relaxed), now.millis - (before + trip / 2), trip);
    clock.set_offset_millis(offset);
    skew.store(-offset, Relaxed);
    Ok(now)
}

/// What corrects this machine's clock from now on: of all that a measurement allows, what is nearest to the correction in
/// force. An answer that came late says little, and nodes that agreed still agree when they are busy.
fn corrected(in_force: i64, measured: i64, trip: i64) -> i64 {
    // Half the way there and back, and what whole milliseconds leave out.
    let error = trip / 2 + 3;
    in_force.clamp(measured - error, measured + error)
}

fn renew(conn: &mut Conn, held: &Held, until: i64) -> QueryResult<bool> {
    let renewed = diesel::update(
        node_leases::table.filter(node_leases::node.eq(held.node)).filter(node_leases::holder.eq(&held.holder)),
    )
    .set(node_leases::lease_until.eq(until))
    .execute(conn)?;
    Ok(renewed == 1)
}

/// A number nobody holds, and the end of the lease that freed it.
fn acquire(conn: &mut Conn, now: &Now, until: i64) -> Result<(Held, i64), StoreError> {
    for _ in 0..ATTEMPTS {
        if let Some(taken) = try_acquire(conn, now, until).map_err(StoreError::unavailable)? {
            return Ok(taken);
        }
    }
    Err(StoreError::Unavailable(format!("no node number is free: {NODES} processes hold one")))
}

fn try_acquire(conn: &mut Conn, now: &Now, until: i64) -> QueryResult<Option<(Held, i64)>> {
    use node_leases::dsl;
    let free: Option<(i32, i64)> = dsl::node_leases
        .filter(dsl::lease_until.lt(now.millis))
        .order(dsl::node.asc())
        .select((dsl::node, dsl::lease_until))
        .first(conn)
        .optional()?;
    let holder = now.random.clone();
    if let Some((node, lease_until)) = free {
        let won = diesel::update(dsl::node_leases.filter(dsl::node.eq(node)).filter(dsl::lease_until.eq(lease_until)))
            .set((dsl::holder.eq(&holder), dsl::lease_until.eq(until)))
            .execute(conn)?;
        return Ok((won == 1).then_some((Held { node, holder }, lease_until)));
    }
    let highest: Option<i32> = dsl::node_leases.select(dsl::node).order(dsl::node.desc()).first(conn).optional()?;
    let node = highest.map_or(0, |highest| highest + 1);
    if node >= NODES {
        return Ok(None);
    }
    let inserted = diesel::insert_into(dsl::node_leases)
        .values((dsl::node.eq(node), dsl::holder.eq(&holder), dsl::lease_until.eq(until)))
        .execute(conn);
    match inserted {
        Ok(_) => Ok(Some((Held { node, holder }, 0))),
        Err(error) if is_unique_violation(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Free from the time of the newest id on, which a burst may have put a little ahead of the clock.
fn give_back(conn: &mut Conn, held: &Held, newest: i64) -> QueryResult<()> {
    diesel::update(
        node_leases::table.filter(node_leases::node.eq(held.node)).filter(node_leases::holder.eq(&held.holder)),
    )
    .set(node_leases::lease_until.eq(newest + 1))
    .execute(conn)
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_does_not_move_a_clock_that_may_be_right() {
        assert_eq!(corrected(0, 180, 400), 0, "within half the trip");
        assert_eq!(corrected(-30, 0, 60), -30);
        assert_eq!(corrected(0, 3, 1), 0, "within what whole milliseconds leave out");
    }

    #[test]
    fn a_clock_that_is_surely_wrong_is_corrected_as_far_as_is_sure() {
        assert_eq!(corrected(0, 5_000, 2), 4_996);
        assert_eq!(corrected(0, -5_000, 3_000), -3_497);
        assert_eq!(corrected(5_000, 4_990, 4), 4_995);
    }

    #[test]
    fn an_answer_six_seconds_late_moves_a_clock_by_milliseconds() {
        assert_eq!(corrected(0, 3_005, 6_000), 2);
    }
}
