//! What the database says about itself, for `grantor doctor`.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use super::connection::Conn;

/// What was seen.
pub struct Diagnosis {
    /// Product and version.
    pub version: String,
    /// PostgreSQL: statements of one connection reached different servers, or another port than it was opened on.
    pub pooled_by_transaction: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Pid {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// Looks.
pub fn look(conn: &mut Conn) -> QueryResult<Diagnosis> {
    match conn {
        Conn::Sqlite(conn) => {
            let row: Version = diesel::sql_query("SELECT sqlite_version() AS version").get_result(conn)?;
            Ok(Diagnosis { version: format!("SQLite {}", row.version), pooled_by_transaction: false })
        }
        Conn::Postgres(conn) => {
            let row: Version =
                diesel::sql_query("SELECT current_setting('server_version') AS version").get_result(conn)?;
            let mut pids = Vec::new();
            for _ in 0..8 {
                let row: Pid = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(conn)?;
                pids.push(row.pid);
            }
            pids.dedup();
            Ok(Diagnosis { version: format!("PostgreSQL {}", row.version), pooled_by_transaction: pids.len() > 1 })
        }
    }
}
