//! Fresh databases: a file for SQLite, a copy of a migrated template for PostgreSQL; and everything in them as text.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use grantor::crypto::digest;

/// Which database a story is played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// One database, gone when this is.
pub enum Place {
    File(tempfile::TempDir),
    Postgres { name: String },
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Only when somebody says so: a missing PostgreSQL fails the tests that need it.
pub fn postgres_is_skipped() -> bool {
    std::env::var_os("GRANTOR_TEST_SKIP_POSTGRES").is_some_and(|value| value == "1")
}

/// URL of the maintenance database.
pub fn maintenance_url() -> String {
    std::env::var("GRANTOR_TEST_POSTGRES").expect(
        "GRANTOR_TEST_POSTGRES names no PostgreSQL (postgres://user:password@host:port/postgres): scripts/test starts \
         one; GRANTOR_TEST_SKIP_POSTGRES=1 leaves the PostgreSQL half out",
    )
}

pub fn postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("PostgreSQL is reachable")
}

/// Runs SQL in the maintenance database, on a connection that stays for the next one: making one costs both sides more
/// than what most stories ask of it.
fn maintain(sql: &str) -> Result<(), String> {
    static IDLE: Mutex<Vec<PgConnection>> = Mutex::new(Vec::new());
    let idle = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let last = idle().pop();
    let made = || PgConnection::establish(&maintenance_url()).map_err(|error| error.to_string());
    let mut conn = last.map_or_else(made, Ok)?;
    conn.batch_execute(sql).map_err(|error| error.to_string())?;
    idle().push(conn);
    Ok(())
}

/// A look from outside, patient while the server checkpoints.
pub fn sqlite(path: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path).expect("the file opens");
    conn.batch_execute("PRAGMA busy_timeout = 60000").expect("a busy timeout");
    conn
}

fn url_of(name: &str) -> String {
    let url = maintenance_url();
    let (server, _) = url.rsplit_once('/').expect("a URL with a database");
    format!("{server}/{name}")
}

/// The migrated database the others are copies of. Its name tells its schema, so it is made once a cluster.
fn template() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let mut ups: Vec<PathBuf> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgresql"))
            .expect("migrations")
            .map(|entry| entry.expect("a migration").path().join("up.sql"))
            .collect();
        ups.sort();
        let schema: Vec<u8> = ups.iter().flat_map(|path| std::fs::read(path).expect("an up.sql")).collect();
        let tag: String = digest::sha256(&[&schema])[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("grantor_template_{tag}");
        let mut conn = postgres(&maintenance_url());
        // Two test processes may start together.
        conn.batch_execute("SELECT pg_advisory_lock(4711)").expect("the lock of the template");
        let exists = diesel::sql_query("SELECT datname::text AS line FROM pg_database WHERE datname = $1")
            .bind::<Text, _>(&name)
            .load::<Line>(&mut conn)
            .expect("the list of databases");
        if exists.is_empty() {
            let draft = format!("{name}_draft");
            conn.batch_execute(&format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).expect("no draft");
            conn.batch_execute(&format!("CREATE DATABASE {draft}")).expect("a draft");
            grantor::store::migrations::run(&url_of(&draft)).expect("migrations run");
            conn.batch_execute(&format!("ALTER DATABASE {draft} RENAME TO {name}")).expect("a template");
        }
        name
    })
}

/// A migrated file.
fn sqlite_template() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("template.db");
        grantor::store::migrations::run(&format!("sqlite:{}", path.display())).expect("migrations run");
        let mut conn = sqlite(&path.display().to_string());
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE").expect("one file");
        std::fs::read(&path).expect("the file")
    })
}

/// A name nobody else in this cluster uses.
pub fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("grantor_it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Place {
    /// A migrated database.
    pub fn migrated(database: Database) -> Place {
        match database {
            Database::Sqlite => {
                let place = Place::empty(database);
                let url = place.url();
                let path = url.strip_prefix("sqlite:").expect("a path");
                std::fs::write(path, sqlite_template()).expect("a copy of the template");
                place
            }
            Database::Postgres => {
                let (name, template) = (fresh_name(), template());
                maintain(&format!("CREATE DATABASE {name} TEMPLATE {template}")).expect("a copy of the template");
                Place::Postgres { name }
            }
        }
    }

    /// A database without tables.
    pub fn empty(database: Database) -> Place {
        match database {
            Database::Sqlite => Place::File(tempfile::tempdir().expect("a directory")),
            Database::Postgres => {
                let name = fresh_name();
                maintain(&format!("CREATE DATABASE {name}")).expect("a database");
                Place::Postgres { name }
            }
        }
    }

    pub fn url(&self) -> String {
        match self {
            Place::File(directory) => format!("sqlite:{}", directory.path().join("grantor.db").display()),
            Place::Postgres { name } => url_of(name),
        }
    }

    /// Every row of every table, one a line after its table's name; binary columns in hex.
    pub fn dump(&self) -> String {
        match self {
            Place::File(_) => {
                let url = self.url();
                let path = url.strip_prefix("sqlite:").expect("a path");
                dump_sqlite(&mut sqlite(path))
            }
            Place::Postgres { .. } => dump_postgres(&mut postgres(&self.url())),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Place::Postgres { name } = self {
            let _gone = maintain(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn lines(
    conn: &mut impl diesel::connection::LoadConnection<Backend = diesel::sqlite::Sqlite>,
    sql: &str,
) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn).expect("rows");
    rows.into_iter().map(|row| row.line).collect()
}

fn dump_sqlite(conn: &mut SqliteConnection) -> String {
    let mut text = String::new();
    for table in lines(conn, "SELECT name AS line FROM sqlite_master WHERE type = 'table'") {
        let columns =
            lines(conn, &format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')"));
        let row = columns.join(" || ',' || ");
        for line in lines(conn, &format!("SELECT {row} AS line FROM \"{table}\"")) {
            text.push_str(&format!("{table}: {line}\n"));
        }
    }
    text
}

fn dump_postgres(conn: &mut PgConnection) -> String {
    let load = |conn: &mut PgConnection, sql: &str| -> Vec<String> {
        let rows: Vec<Line> = diesel::sql_query(sql).load(conn).expect("rows");
        rows.into_iter().map(|row| row.line).collect()
    };
    let mut text = String::new();
    for table in load(conn, "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'") {
        for line in load(conn, &format!("SELECT r::text AS line FROM \"{table}\" r")) {
            text.push_str(&format!("{table}: {line}\n"));
        }
    }
    text
}
