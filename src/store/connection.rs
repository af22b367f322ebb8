//! One connection type over two databases, chosen by the scheme of the URL and by nothing else.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection};

use super::address::Address;
use super::error::StoreError;
use super::options::StoreOptions;

/// A connection to either database; the table files see nothing else.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// SQLite, inside the process.
    Sqlite(SqliteConnection),
    /// PostgreSQL, over libpq.
    Postgres(PgConnection),
}

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// SQLite: refuses writes. PostgreSQL makes no difference between this and [`Purpose::Write`].
    Read,
    /// The connection that changes rows.
    Write,
    /// Migrations and the node lease: no statement timeout, because they wait for each other.
    Maintenance,
}

/// Opens, and judges, the connections of one pool.
pub(super) struct Manager {
    pub address: Address,
    pub purpose: Purpose,
    pub options: StoreOptions,
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, diesel::r2d2::Error> {
        establish(&self.address, self.purpose, &self.options)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), diesel::r2d2::Error> {
        conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// Opens one connection outside any pool.
pub(super) fn open(address: &Address, purpose: Purpose, options: &StoreOptions) -> Result<Conn, StoreError> {
    establish(address, purpose, options).map_err(StoreError::unavailable)
}

// The derive's own `establish` tries SQLite first and would turn a mistyped URL into a new empty file.
fn establish(address: &Address, purpose: Purpose, options: &StoreOptions) -> Result<Conn, diesel::r2d2::Error> {
    match address {
        Address::Sqlite { path } => {
            let mut conn = SqliteConnection::establish(path)?;
            conn.batch_execute(&sqlite_settings(purpose, options))?;
            Ok(Conn::Sqlite(conn))
        }
        Address::Postgres { url } => {
            let mut conn = PgConnection::establish(url)?;
            conn.batch_execute(&postgres_settings(purpose, options))?;
            Ok(Conn::Postgres(conn))
        }
    }
}

/// Automatic checkpoints are off everywhere: they would run inside somebody's commit.
fn sqlite_settings(purpose: Purpose, options: &StoreOptions) -> String {
    let busy = options.busy_timeout.as_millis();
    let common = format!(
        "PRAGMA busy_timeout = {busy}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 0;"
    );
    match purpose {
        Purpose::Read => format!("{common} PRAGMA query_only = ON;"),
        // FULL: what was acknowledged survives power loss.
        Purpose::Write | Purpose::Maintenance => format!(
            "{common} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;"
        ),
    }
}

fn postgres_settings(purpose: Purpose, options: &StoreOptions) -> String {
    let (statement, lock) = match purpose {
        Purpose::Maintenance => (0, 0),
        Purpose::Read | Purpose::Write => (options.statement_timeout.as_millis(), options.lock_timeout.as_millis()),
    };
    let idle = options.statement_timeout.as_millis();
    format!(
        "SET application_name = 'grantor'; SET timezone = 'UTC'; SET statement_timeout = {statement}; \
         SET lock_timeout = {lock}; SET idle_in_transaction_session_timeout = {idle};"
    )
}
