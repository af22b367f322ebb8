//! The schema's history, embedded, in two dialects under the same names; applied by one process while others wait.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::address::Address;
use super::connection::{self, Conn, Purpose};
use super::error::StoreError;
use super::lock_file::LockFile;
use super::options::StoreOptions;
use super::sqlite;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// "grantor" in ASCII, the key of PostgreSQL's advisory lock.
const LOCK: i64 = 0x0067_7261_6e74_6f72;

/// Applies what is pending; answers the names applied, oldest first.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be reached or a server uses the file,
/// [`StoreError::Internal`] when a migration fails.
pub fn run(url: &str) -> Result<Vec<String>, StoreError> {
    alone(&Address::parse(url)?, apply)
}

/// Undoes every migration, newest first; answers the names undone. All data is lost.
///
/// # Errors
/// As [`run`].
pub fn revert_all(url: &str) -> Result<Vec<String>, StoreError> {
    alone(&Address::parse(url)?, |conn| {
        let undone = match conn {
            Conn::Sqlite(conn) => names(conn.revert_all_migrations(SQLITE)),
            Conn::Postgres(conn) => names(conn.revert_all_migrations(POSTGRESQL)),
        };
        undone.map_err(failed)
    })
}

/// The names not yet applied, oldest first. Takes no lock.
///
/// # Errors
/// As [`run`].
pub fn pending(url: &str) -> Result<Vec<String>, StoreError> {
    let address = Address::parse(url)?;
    match &address {
        // Looking must not create the file.
        Address::Sqlite { path } if !std::path::Path::new(path).exists() => all(),
        _ => pending_at(&address),
    }
}

pub(super) fn pending_at(address: &Address) -> Result<Vec<String>, StoreError> {
    let mut conn = connection::open(address, Purpose::Maintenance, &StoreOptions::default())?;
    let pending = match &mut conn {
        Conn::Sqlite(conn) => {
            conn.pending_migrations(SQLITE).map(|list| list.iter().map(|m| m.name().to_string()).collect())
        }
        Conn::Postgres(conn) => {
            conn.pending_migrations(POSTGRESQL).map(|list| list.iter().map(|m| m.name().to_string()).collect())
        }
    };
    pending.map_err(failed)
}

fn all() -> Result<Vec<String>, StoreError> {
    let all: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE.migrations().map_err(failed)?;
    let mut names: Vec<String> = all.iter().map(|migration| migration.name().to_string()).collect();
    names.sort();
    Ok(names)
}

/// Applies what is pending; on SQLite the caller holds the lock file.
pub(super) fn run_at(address: &Address) -> Result<Vec<String>, StoreError> {
    let mut conn = connection::open(address, Purpose::Maintenance, &StoreOptions::default())?;
    locked(&mut conn, apply)
}

fn apply(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let applied = match conn {
        Conn::Sqlite(conn) => names(conn.run_pending_migrations(SQLITE)),
        Conn::Postgres(conn) => names(conn.run_pending_migrations(POSTGRESQL)),
    };
    applied.map_err(failed)
}

fn alone<T>(address: &Address, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let _lock = match address {
        Address::Sqlite { path } => {
            sqlite::create_private(path)?;
            Some(LockFile::take(path)?)
        }
        Address::Postgres { .. } => None,
    };
    let mut conn = connection::open(address, Purpose::Maintenance, &StoreOptions::default())?;
    locked(&mut conn, f)
}

// The advisory lock belongs to the session: a killed process lets go of it.
fn locked<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let postgres = matches!(conn, Conn::Postgres(_));
    if postgres {
        conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})")).map_err(StoreError::unavailable)?;
    }
    let done = f(conn);
    if postgres {
        conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).map_err(StoreError::unavailable)?;
    }
    done
}

type Outcome<T> = diesel::migration::Result<T>;

fn names(versions: Outcome<Vec<diesel::migration::MigrationVersion<'_>>>) -> Outcome<Vec<String>> {
    versions.map(|versions| versions.iter().map(ToString::to_string).collect())
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Internal(format!("migration failed: {error}"))
}
