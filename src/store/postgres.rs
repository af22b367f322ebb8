//! PostgreSQL as a whole: a pool, READ COMMITTED transactions with guarded statements, bounded retries.

use diesel::QueryResult;
use std::time::Duration;

use diesel::connection::TransactionManager;
use diesel::r2d2::R2D2Connection;
use diesel::result::{DatabaseErrorKind, Error};

use super::address::Address;
use super::cache::Touched;
use super::connection::{Conn, Purpose};
use super::error::{StoreError, message};
use super::options::StoreOptions;
use super::pool::{Pool, Pooled, too_late};
use super::rows::Rows;
use super::write::Write;

/// Runs of a closure whose transaction lost against another one.
const ATTEMPTS: u32 = 4;

pub(super) struct Postgres {
    pool: Pool,
}

/// What an error asks for.
#[derive(PartialEq, Eq)]
enum Remedy {
    /// Lost against another transaction: again, on the same connection.
    Again,
    /// The connection is gone, or its prepared statements are of an older schema: again, on another one.
    Reconnect,
    None,
}

impl Postgres {
    pub(super) fn start(address: &Address, options: &StoreOptions) -> Result<Postgres, StoreError> {
        Ok(Postgres { pool: Pool::new(address, Purpose::Write, options)? })
    }

    /// Statements commit one by one; reads change nothing, so a lost connection is replaced and asked again.
    pub(super) async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Conn) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        self.pool.with_pool(too_late(), move |pool| retry(pool, |conn| f(conn).map_err(Failure::Before))).await
    }

    pub(super) async fn view<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Rows<'_>) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        self.read(move |conn| f(&mut Rows::uncached(conn))).await
    }

    pub(super) async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Write<'_>) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        self.pool.with_pool(StoreError::CommitUnknown, move |pool| retry(pool, |conn| transaction(conn, &f))).await
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// Where a transaction failed decides whether it may be run again.
enum Failure {
    /// COMMIT was never sent.
    Before(Error),
    /// COMMIT was sent.
    During(Error),
}

fn transaction<T>(conn: &mut Conn, f: &impl Fn(&mut Write<'_>) -> QueryResult<T>) -> Result<T, Failure> {
    <Conn as TransactionManager<Conn>>::begin_transaction(conn).map_err(Failure::Before)?;
    // Nothing is cached on PostgreSQL: another node may write at any time.
    let mut touched = Touched::default();
    match f(&mut Write::new(conn, &mut touched)) {
        Ok(value) => {
            <Conn as TransactionManager<Conn>>::commit_transaction(conn).map_err(Failure::During)?;
            Ok(value)
        }
        Err(error) => {
            // A rollback that fails leaves a broken connection, which the pool drops.
            let _ = <Conn as TransactionManager<Conn>>::rollback_transaction(conn);
            Err(Failure::Before(error))
        }
    }
}

fn retry<T>(pool: &Pool, f: impl Fn(&mut Conn) -> Result<T, Failure>) -> Result<T, StoreError> {
    let mut lost = 0;
    // After a restart of the database every idle connection is dead: each may be met once.
    let mut reconnects = pool.size() + 1;
    let mut conn = pool.get()?;
    loop {
        let error = match f(&mut conn) {
            Ok(value) => return Ok(value),
            Err(Failure::During(_)) if conn.is_broken() => return Err(StoreError::CommitUnknown),
            Err(Failure::Before(error) | Failure::During(error)) => error,
        };
        match remedy(&error, &mut conn) {
            Remedy::Again if lost + 1 < ATTEMPTS => {
                lost += 1;
                // The winner needs a moment, or both meet again.
                std::thread::sleep(Duration::from_millis(5 << lost));
            }
            Remedy::Reconnect if reconnects > 0 => {
                reconnects -= 1;
                // Dropped before the next is asked for: the pool may have no other.
                mark_broken(&mut conn);
                drop(conn);
                conn = pool.get()?;
            }
            Remedy::Again | Remedy::Reconnect => return Err(StoreError::unavailable(error)),
            Remedy::None => return Err(StoreError::unavailable_or_internal(error)),
        }
    }
}

fn remedy(error: &Error, conn: &mut Pooled) -> Remedy {
    if conn.is_broken() {
        return Remedy::Reconnect;
    }
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Remedy::Again,
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => {
            Remedy::Reconnect
        }
        // Their SQLSTATEs (40P01, 0A000) are not in diesel's error.
        error if message(error).contains("deadlock detected") => Remedy::Again,
        error if message(error).contains("cached plan must not change result type") => Remedy::Reconnect,
        _ => Remedy::None,
    }
}

fn mark_broken(conn: &mut Conn) {
    <Conn as TransactionManager<Conn>>::transaction_manager_status_mut(conn).set_in_error();
}
