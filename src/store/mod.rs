//! The store: the only place that says `diesel`. One door to read, one to write, one to the rows of the hot paths.

pub mod access_tokens;
mod address;
pub mod api_keys;
pub mod audit_events;
pub mod authorizations;
mod cache;
mod checkpoint;
pub mod client_secrets;
pub mod client_usage;
pub mod clients;
#[expect(missing_docs, reason = "the derive of the connection makes public items without them")]
pub mod connection;
pub mod consent_requests;
pub mod derivation_keys;
pub mod diagnosis;
pub mod email_addresses;
pub mod ends;
mod error;
pub mod grants;
pub mod hourly_counts;
pub mod idempotency_keys;
pub mod identities;
pub mod ids;
pub mod imported_secrets;
pub mod instance;
pub mod invitations;
pub mod known_devices;
mod lock_file;
pub mod logout_tokens;
pub mod mail_links;
pub mod mails;
pub mod member_standing;
pub mod migrations;
mod newest_id;
mod node_lease;
mod options;
pub mod organization_clients;
pub mod organization_end;
pub mod organization_members;
pub mod organization_use;
pub mod organizations;
pub mod overview;
pub mod personal_tokens;
mod pool;
mod postgres;
mod prepared;
pub mod providers;
pub mod refresh_tokens;
pub mod refusals;
pub mod registrations;
pub mod resource_servers;
mod rows;
#[expect(missing_docs, reason = "the tables are described where their rows are")]
pub mod schema;
pub mod scope_holders;
mod scope_list;
pub mod session_clients;
pub mod session_proofs;
pub mod sessions;
pub mod signing_keys;
mod sqlite;
pub mod sso_flows;
pub mod stats;
pub mod team_members;
pub mod teams;
#[cfg(test)]
mod tests;
pub mod types;
pub mod used_marks;
pub mod users;
mod write;
mod writer;

use std::sync::Arc;

/// What store functions inside a closure return.
pub use diesel::QueryResult;

use crate::clock::Clock;
use address::Address;
use ids::{IdSource, Lease};
use lock_file::LockFile;
use node_lease::NodeLease;
use stats::WriterStats;

pub use address::sqlite_path;
pub use connection::Conn;
pub use error::{StoreError, Unmet};
pub use newest_id::newest_id;
pub use options::StoreOptions;
pub use prepared::{PreparedUpdate, prepared_update};
pub use rows::{CachedRow, Rows};
pub use write::Write;

/// Which database is behind a [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One process, one file.
    Sqlite,
    /// Any number of nodes.
    Postgres,
}

/// Tables whose rows the cache may hold; at most 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is the table of its name")]
pub enum Table {
    Client,
    ClientSecret,
    User,
    Session,
    Authorization,
    Grant,
    AccessToken,
    RefreshToken,
    ResourceServer,
    PersonalToken,
    ApiKey,
    Scope,
    SigningKey,
    Organization,
    /// [`member_standing::MemberStanding`]: a membership with its organization, provider and identity.
    Member,
    /// [`session_proofs::Proofs`], by session.
    SessionProofs,
}

/// The database, and the ids of its rows. Cloning is cheap; the last clone to go closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    ids: Arc<IdSource>,
    // `None` on SQLite, which is one process and node 0.
    lease: Option<NodeLease>,
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Store {
    /// Opens the database: checks it, migrates it, starts the threads and takes a node number. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for a URL or a migration that is wrong, [`StoreError::Unavailable`] for a database
    /// that cannot be reached, is damaged, is in use by another process or is not migrated.
    pub fn open(url: &str, options: StoreOptions, clock: Clock) -> Result<Store, StoreError> {
        let address = Address::parse(url)?;
        let lock = match &address {
            Address::Sqlite { path } if !options.read_only => {
                sqlite::create_private(path)?;
                let lock = LockFile::take(path)?;
                sqlite::check(&address, path, &options)?;
                Some(lock)
            }
            Address::Sqlite { path } if !std::path::Path::new(path).exists() => {
                return Err(StoreError::Unavailable(format!("{path}: no such file")));
            }
            _ => None,
        };
        if options.migrate && !options.read_only {
            migrations::run_at(&address)?;
        } else if let Some(first) = migrations::pending_at(&address)?.first() {
            return Err(StoreError::Unavailable(format!("migration {first} is pending: run grantor migrate")));
        }
        let ids = Arc::new(IdSource::new(clock.clone()));
        let (engine, lease) = match &address {
            Address::Sqlite { .. } => {
                ids.set_lease(Some(Lease { node: 0, until: None }));
                (Engine::Sqlite(sqlite::Sqlite::start(&address, &options, lock)?), None)
            }
            Address::Postgres { .. } => {
                let lease = NodeLease::take(&address, Arc::clone(&ids), clock)?;
                (Engine::Postgres(postgres::Postgres::start(&address, &options)?), Some(lease))
            }
        };
        Ok(Store { inner: Arc::new(Inner { engine, ids, lease }) })
    }

    /// Reads. On SQLite `f` sees one snapshot, on PostgreSQL each statement sees its own.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and [`StoreError::Internal`].
    pub async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Conn) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.read(f).await,
            Engine::Postgres(engine) => engine.read(f).await,
        }
    }

    /// Runs `f` in a transaction: `Ok` commits, `Err` rolls back. May run `f` more than once, so it holds no randomness
    /// and has no effect outside the database. Answers only what is committed.
    ///
    /// # Errors
    /// All of [`StoreError`]; an error of `f` itself is [`StoreError::Internal`].
    pub async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Write<'_>) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.write(f).await,
            Engine::Postgres(engine) => engine.write(f).await,
        }
    }

    /// Rows by id, from the cache when every one is there (no thread hop), else one trip to the database that fills it.
    /// May run `f` twice.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and [`StoreError::Internal`].
    pub async fn view<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Rows<'_>) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.view(f).await,
            Engine::Postgres(engine) => engine.view(f).await,
        }
    }

    /// A new row id: time-ordered, unique over all nodes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when this node's number is no longer its own.
    pub fn next_id(&self) -> Result<i64, StoreError> {
        self.inner.ids.next()
    }

    /// A new id inside a transaction, later than every grant committed before: for marks that void what is older.
    ///
    /// # Errors
    /// Rolls back when this node's number is no longer its own.
    pub fn id_within(&self, write: &mut Write<'_>) -> QueryResult<i64> {
        let id = self.next_id().map_err(|_| diesel::result::Error::RollbackTransaction)?;
        Ok(id.max(grants::newest(write)? + 1))
    }

    /// An id inside a transaction that did not know before how many it needs; one that is rolled back leaves a gap.
    ///
    /// # Errors
    /// Rolls back when this node's number is no longer its own.
    pub fn another_id(&self) -> QueryResult<i64> {
        self.next_id().map_err(|_| diesel::result::Error::RollbackTransaction)
    }

    /// Ids made from now on are later than `newest`, the newest found in the tables at start.
    pub fn ids_start_after(&self, newest: i64) {
        self.inner.ids.start_after(newest);
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        match &self.inner.engine {
            Engine::Sqlite(_) => Backend::Sqlite,
            Engine::Postgres(_) => Backend::Postgres,
        }
    }

    /// This machine's clock minus the database's, in milliseconds, as far as the heartbeats were sure of it; 0 on SQLite.
    /// A node more than 2 000 off is not ready.
    pub fn skew_millis(&self) -> i64 {
        self.inner.lease.as_ref().map_or(0, NodeLease::skew_millis)
    }

    /// What SQLite's writer did; `None` on PostgreSQL.
    pub fn writer_stats(&self) -> Option<Arc<WriterStats>> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => Some(Arc::clone(&engine.stats)),
            Engine::Postgres(_) => None,
        }
    }

    /// Writes that wait for the writer now; PostgreSQL has none.
    pub fn writes_waiting(&self) -> u64 {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.waiting() as u64,
            Engine::Postgres(_) => 0,
        }
    }

    /// Finishes the waiting writes, refuses later ones, ends the threads and gives the node number back.
    pub async fn close(&self) {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close(),
        }
        let inner = Arc::clone(&self.inner);
        let _ = tokio::task::spawn_blocking(move || {
            if let Engine::Sqlite(engine) = &inner.engine {
                engine.join();
            }
            if let Some(lease) = &inner.lease {
                lease.give_back();
            }
        })
        .await;
    }
}
