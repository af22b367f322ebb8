//! Faults made inside the database, from a connection of the test's own.

use diesel::connection::SimpleConnection;

use super::database::{postgres, sqlite};
use super::{Database, TestApp};

impl TestApp {
    /// Runs SQL behind the server's back.
    pub fn db_batch(&self, sql: &str) {
        let url = self.database_url();
        match self.database {
            Database::Postgres => postgres(&url).batch_execute(sql).expect("the statements run"),
            Database::Sqlite => {
                let path = url.strip_prefix("sqlite:").expect("a path");
                sqlite(path).batch_execute(sql).expect("the statements run");
            }
        }
    }

    /// Whatever asks for the table fails from now on.
    pub fn db_hide_table(&self, table: &str) {
        self.db_batch(&format!("ALTER TABLE {table} RENAME TO hidden_{table}"));
    }

    pub fn db_show_table(&self, table: &str) {
        self.db_batch(&format!("ALTER TABLE hidden_{table} RENAME TO {table}"));
    }

    /// Whatever changes the table fails from now on, as when the disk is full.
    pub fn db_break_writes(&self, table: &str) {
        for (verb, name) in [("INSERT", "insert"), ("UPDATE", "update")] {
            self.db_batch(&match self.database {
                Database::Sqlite => format!(
                    "CREATE TRIGGER broken_{name} BEFORE {verb} ON {table} \
                     BEGIN SELECT RAISE(ROLLBACK, 'disk I/O error'); END"
                ),
                Database::Postgres => format!(
                    "CREATE OR REPLACE FUNCTION broken() RETURNS trigger AS $$ BEGIN \
                     RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql; \
                     CREATE TRIGGER broken_{name} BEFORE {verb} ON {table} EXECUTE FUNCTION broken()"
                ),
            });
        }
    }

    /// An administrator who is always faster: whoever changes their password is disabled in the same moment.
    pub fn db_shut_accounts_that_change_their_password(&self) {
        self.db_batch(match self.database {
            Database::Sqlite => {
                "CREATE TRIGGER shut AFTER UPDATE OF password_changed_at ON users \
                 BEGIN UPDATE users SET status = 'disabled' WHERE id = NEW.id; END"
            }
            Database::Postgres => {
                "CREATE FUNCTION shut() RETURNS trigger AS $$ BEGIN NEW.status := 'disabled'; RETURN NEW; END $$ \
                 LANGUAGE plpgsql; \
                 CREATE TRIGGER shut BEFORE UPDATE OF password_changed_at ON users \
                 FOR EACH ROW EXECUTE FUNCTION shut()"
            }
        });
    }

    pub fn db_mend_writes(&self, table: &str) {
        for name in ["insert", "update"] {
            self.db_batch(&match self.database {
                Database::Sqlite => format!("DROP TRIGGER broken_{name}"),
                Database::Postgres => format!("DROP TRIGGER broken_{name} ON {table}"),
            });
        }
    }
}
