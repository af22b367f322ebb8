//! Migrations: the same names for both databases, up, down and up again, and one schema that fits both.

use std::collections::BTreeMap;

use diesel::connection::Connection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::Database;
use crate::support::database::{Place, postgres};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// Table and column -> kind in the words of `schema.rs`.
type Columns = BTreeMap<(String, String), String>;

fn names_of(dialect: &str) -> Vec<String> {
    let folder = format!("{}/migrations/{dialect}", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("migrations")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn both_databases_have_migrations_of_the_same_names() {
    assert_eq!(names_of("sqlite"), names_of("postgresql"));
}

fn up_down_up(database: Database) {
    let place = Place::empty(database);
    let url = place.url();
    grantor::store::migrations::run(&url).expect("up");
    let first = columns(database, &url);
    assert!(first.len() > 100, "{}", first.len());
    grantor::store::migrations::revert_all(&url).expect("down");
    assert_eq!(columns(database, &url), Columns::new(), "down leaves nothing");
    grantor::store::migrations::run(&url).expect("up again");
    assert_eq!(columns(database, &url), first);
}

fn columns(database: Database, url: &str) -> Columns {
    let rows: Vec<Column> = match database {
        Database::Postgres => diesel::sql_query(
            "SELECT table_name::text, column_name::text, \
             (data_type || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END)::text AS kind \
             FROM information_schema.columns WHERE table_schema = 'public'",
        )
        .load(&mut postgres(url))
        .expect("the columns"),
        Database::Sqlite => {
            let path = url.strip_prefix("sqlite:").expect("a file");
            let mut conn = SqliteConnection::establish(path).expect("the file opens");
            diesel::sql_query(
                "SELECT m.name AS table_name, c.name AS column_name, \
                 c.type || CASE c.\"notnull\" WHEN 0 THEN ' null' ELSE '' END AS kind \
                 FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
            )
            .load(&mut conn)
            .expect("the columns")
        }
    };
    rows.into_iter()
        .filter(|row| !row.table_name.starts_with("__diesel") && !row.table_name.starts_with("sqlite_"))
        .map(|row| ((row.table_name, row.column_name), row.kind.to_lowercase()))
        .collect()
}

/// `schema.rs` as it is written: table and column -> diesel type.
fn schema() -> Columns {
    let text = [
        include_str!("../../../src/store/schema.rs"),
        include_str!("../../../src/store/schema/of_logout.rs"),
        include_str!("../../../src/store/schema/of_openid.rs"),
        include_str!("../../../src/store/schema/of_organizations.rs"),
        include_str!("../../../src/store/schema/of_registration.rs"),
        include_str!("../../../src/store/schema/of_the_api.rs"),
    ];
    let text = text.concat();
    let mut found = Columns::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            found.insert((table.clone(), column.to_owned()), kind.to_owned());
        } else if let Some((name, rest)) = line.split_once(" (")
            && rest.ends_with("{")
        {
            table = name.to_owned();
        }
    }
    found
}

/// What each diesel type is called by each database.
fn said_by(database: Database, kind: &str) -> Vec<String> {
    let (inner, null) = match kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>')) {
        Some(inner) => (inner, " null"),
        None => (kind, ""),
    };
    let names: &[&str] = match (database, inner) {
        (Database::Postgres, "BigInt") => &["bigint"],
        (Database::Postgres, "Text") => &["text"],
        (Database::Postgres, "Binary") => &["bytea"],
        (Database::Postgres, "Bool") => &["boolean"],
        (Database::Postgres, "TextArray") => &["array"],
        (Database::Sqlite, "BigInt") => &["bigint", "integer"],
        (Database::Sqlite, "Text" | "TextArray") => &["text"],
        (Database::Sqlite, "Binary") => &["blob"],
        (Database::Sqlite, "Bool") => &["boolean"],
        _ => &[],
    };
    names.iter().map(|name| format!("{name}{null}")).collect()
}

fn schema_fits(database: Database) {
    let place = Place::migrated(database);
    if database == Database::Sqlite {
        grantor::store::migrations::run(&place.url()).expect("up");
    }
    let mut real = columns(database, &place.url());
    real.retain(|(table, _), _| table != "node_leases");
    let written = schema();
    assert_eq!(written.keys().collect::<Vec<_>>(), real.keys().collect::<Vec<_>>());
    for (column, kind) in &written {
        let allowed = said_by(database, kind);
        assert!(allowed.contains(&real[column]), "{column:?} is {} where the schema says {kind}", real[column]);
    }
}

#[test]
fn sqlite_goes_up_down_and_up() {
    up_down_up(Database::Sqlite);
}

#[test]
fn postgres_goes_up_down_and_up() {
    up_down_up(Database::Postgres);
}

#[test]
fn the_schema_is_that_of_sqlite() {
    schema_fits(Database::Sqlite);
}

#[test]
fn the_schema_is_that_of_postgres() {
    schema_fits(Database::Postgres);
}
