//! Who holds one of some scopes: the four tables whose lists PostgreSQL has an inverted index over.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::api_keys::ApiKeyRow;
use super::authorizations::AuthorizationRow;
use super::clients::ClientRow;
use super::connection::Conn;
use super::personal_tokens::PersonalTokenRow;
use super::schema;
use super::types::{TextArray, sql_types};
use crate::protocol::NumericDate;

/// What stands before and after the list of scopes in the condition. Both databases take the same list as their own
/// array; SQLite looks at every row.
fn overlap(conn: &Conn, table: &str) -> (String, &'static str) {
    match conn {
        Conn::Postgres(_) => (format!("{table}.scopes && "), ""),
        Conn::Sqlite(_) => (
            format!("EXISTS (SELECT 1 FROM json_each({table}.scopes) held JOIN json_each("),
            ") asked ON held.value = asked.value)",
        ),
    }
}

// Without an order: it would lead PostgreSQL to walk the primary key instead of the inverted index.
macro_rules! holders {
    ($(#[$doc:meta])+ $table:ident, $row:ty) => {
        $(#[$doc])+
        pub fn $table(conn: &mut Conn, scopes: &[String], limit: i64) -> QueryResult<Vec<$row>> {
            let (before, after) = overlap(conn, stringify!($table));
            let list = TextArray(scopes.to_vec());
            schema::$table::table
                .filter(sql::<Bool>(&before).bind::<sql_types::TextArray, _>(list).sql(after))
                .limit(limit)
                .select(<$row>::as_select())
                .load(conn)
        }
    };
}

/// The same of what has an end, where that is to come.
macro_rules! ending_holders {
    ($(#[$doc:meta])+ $table:ident, $row:ty) => {
        $(#[$doc])+
        pub fn $table(conn: &mut Conn, scopes: &[String], now: NumericDate, limit: i64) -> QueryResult<Vec<$row>> {
            let (before, after) = overlap(conn, stringify!($table));
            let list = TextArray(scopes.to_vec());
            let end = schema::$table::expires_at;
            schema::$table::table
                .filter(sql::<Bool>(&before).bind::<sql_types::TextArray, _>(list).sql(after))
                .filter(end.is_null().or(end.assume_not_null().gt(now)))
                .limit(limit)
                .select(<$row>::as_select())
                .load(conn)
        }
    };
}

holders!(
    /// Authorizations with one of these scopes, at most `limit`, in no order.
    authorizations,
    AuthorizationRow
);
ending_holders!(
    /// Personal tokens with one of these scopes that have not ended, at most `limit`, in no order.
    personal_tokens,
    PersonalTokenRow
);
ending_holders!(
    /// API keys with one of these scopes that have not ended, at most `limit`, in no order.
    api_keys,
    ApiKeyRow
);
holders!(
    /// Clients that may be given one of these scopes, at most `limit`, in no order.
    clients,
    ClientRow
);

/// Logins by row id.
pub fn logins(conn: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<(i64, String)>> {
    let columns = (schema::users::id, schema::users::login);
    schema::users::table.filter(schema::users::id.eq_any(ids)).select(columns).load(conn)
}

/// Client identifiers and names by row id.
pub fn client_names(conn: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<(i64, (String, String))>> {
    let columns = (schema::clients::id, (schema::clients::client_id, schema::clients::name));
    schema::clients::table.filter(schema::clients::id.eq_any(ids)).select(columns).load(conn)
}

/// Slugs by row id.
pub fn slugs(conn: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<(i64, String)>> {
    let columns = (schema::organizations::id, schema::organizations::slug);
    schema::organizations::table.filter(schema::organizations::id.eq_any(ids)).select(columns).load(conn)
}
