//! Tests of the engine: the same test on both databases, each on a database of its own.

mod arrays;
mod cached_rows;
mod leases;
mod opening;
mod postgres_faults;
mod scope_holders;
mod writing;

use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::types::{TextArray, sql_types};
use super::{CachedRow, Conn, Rows, Store, StoreError, StoreOptions, Table, Write, prepared_update};
use crate::clock::Clock;

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::TextArray;

    things (id) {
        id -> BigInt,
        name -> Text,
        tags -> TextArray,
        notes -> Nullable<TextArray>,
        used_at -> Nullable<BigInt>,
    }
}

#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = things, treat_none_as_default_value = false)]
struct Thing {
    id: i64,
    name: String,
    tags: TextArray,
    notes: Option<TextArray>,
    used_at: Option<i64>,
}

impl CachedRow for Thing {
    const TABLE: Table = Table::Client;

    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<Thing>> {
        things::table.find(id).select(Thing::as_select()).first(conn).optional()
    }
}

fn thing(id: i64, name: &str) -> Thing {
    Thing { id, name: name.to_owned(), tags: TextArray(vec![]), notes: None, used_at: None }
}

fn insert(write: &mut Write<'_>, thing: &Thing) -> QueryResult<usize> {
    write.touch(Table::Client, thing.id);
    diesel::insert_into(things::table).values(thing).execute(write.conn())
}

fn rename(write: &mut Write<'_>, id: i64, name: &str) -> QueryResult<usize> {
    write.touch(Table::Client, id);
    prepared_update(things::table, things::name.eq(name), things::id.eq(id)).execute(write.conn())
}

fn name_of(rows: &mut Rows<'_>, id: i64) -> QueryResult<Option<String>> {
    Ok(rows.get::<Thing>(id)?.map(|thing| thing.name.clone()))
}

/// A store with its database, which goes when this does.
struct Bench {
    store: Store,
    url: String,
    _database: Database,
}

enum Database {
    File(#[expect(dead_code, reason = "deletes the directory when dropped")] tempfile::TempDir),
    Postgres { maintenance: String, name: String },
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Database::Postgres { maintenance, name } = self
            && let Ok(mut conn) = PgConnection::establish(maintenance)
        {
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn options() -> StoreOptions {
    StoreOptions { pool_size: 4, ..StoreOptions::default() }
}

fn sqlite_bench(options: StoreOptions) -> Bench {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("grantor.db").display());
    bench(url, options, Database::File(directory))
}

/// `None` when no PostgreSQL is named by `GRANTOR_TEST_POSTGRES`.
fn postgres_bench(options: StoreOptions) -> Option<Bench> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let maintenance = std::env::var("GRANTOR_TEST_POSTGRES").ok()?;
    let name = format!("engine_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    PgConnection::establish(&maintenance).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let (server, _) = maintenance.rsplit_once('/').unwrap();
    let url = format!("{server}/{name}");
    Some(bench(url, options, Database::Postgres { maintenance, name }))
}

fn bench(url: String, options: StoreOptions, database: Database) -> Bench {
    let store = Store::open(&url, options, Clock::system()).unwrap();
    let array = if url.starts_with("sqlite") { "TEXT" } else { "TEXT[]" };
    let sql = format!(
        "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, tags {array} NOT NULL,
         notes {array}, used_at BIGINT)"
    );
    let bench = Bench { store, url, _database: database };
    bench.batch(&sql);
    bench
}

impl Bench {
    fn batch(&self, sql: &str) {
        let sql = sql.to_owned();
        run(self.store.write(move |write| write.conn().batch_execute(&sql))).unwrap();
    }

    fn name(&self, id: i64) -> Option<String> {
        run(self.store.view(move |rows| name_of(rows, id))).unwrap()
    }

    fn add(&self, thing: Thing) -> Result<usize, StoreError> {
        run(self.store.write(move |write| insert(write, &thing)))
    }
}

fn benches() -> impl Iterator<Item = Bench> {
    std::iter::once(sqlite_bench(options())).chain(postgres_bench(options()))
}

/// Waits for a future outside any runtime of the test.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
