//! A change somebody else has made and not committed yet, while a request is on its way.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query, sql_types::BigInt};
use grantor::store::{StoreError, Table};
use tokio::task::JoinHandle;

use super::database::postgres;
use super::{Database, TestApp};

/// It stands in the database and holds its rows, on SQLite the one writer.
struct Held {
    release: mpsc::Sender<()>,
    done: JoinHandle<Result<(), StoreError>>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl TestApp {
    async fn db_hold(&self, sql: &str, then: &str) -> Held {
        let (store, sql, then) = (self.app().store.clone(), sql.to_owned(), then.to_owned());
        let (release, released) = mpsc::channel();
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let released = Mutex::new(released);
        let done = tokio::spawn(async move {
            let write = store.write(move |write| {
                write.conn().batch_execute(&sql)?;
                for table in [Table::User, Table::Client, Table::Organization, Table::Member] {
                    write.touch_table(table);
                }
                for table in [Table::ApiKey, Table::PersonalToken, Table::Session] {
                    write.touch_table(table);
                }
                let _ = begun.send(());
                // Whoever is gone waits for nothing.
                let _ = released.lock().expect("one transaction").recv();
                // PostgreSQL takes no empty statement.
                if then.is_empty() { Ok(()) } else { write.conn().batch_execute(&then) }
            });
            write.await
        });
        begins.recv().await.expect("the statements run");
        Held { release, done }
    }

    /// The same, committed.
    pub async fn db_change(&self, sql: &str) {
        self.db_hold(sql, "").await.commit().await;
    }

    fn db_somebody_waits(&self) -> bool {
        match self.database {
            Database::Sqlite => self.app().store.writes_waiting() > 0,
            Database::Postgres => {
                let waiting = "SELECT count(*) AS count FROM pg_stat_activity \
                               WHERE datname = current_database() AND wait_event_type = 'Lock'";
                let count = sql_query(waiting).get_result::<Count>(&mut postgres(&self.database_url()));
                count.expect("the activity").count > 0
            }
        }
    }

    /// Sends a request while `sql` is done by somebody else, and commits that once the request has been judged, has read
    /// what it reads, and waits to write.
    pub async fn db_meanwhile<T: Send + 'static>(
        &self,
        sql: &str,
        request: impl Future<Output = T> + Send + 'static,
    ) -> (T, bool) {
        self.db_meanwhile_and_then(sql, "", request).await
    }

    /// The same, with `then` done by that somebody before they commit, while the request waits.
    pub async fn db_meanwhile_and_then<T: Send + 'static>(
        &self,
        sql: &str,
        then: &str,
        request: impl Future<Output = T> + Send + 'static,
    ) -> (T, bool) {
        let held = self.db_hold(sql, then).await;
        let request = tokio::spawn(request);
        let mut waited = false;
        while !waited && !request.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            waited = self.db_somebody_waits();
        }
        held.commit().await;
        (request.await.expect("an answer"), waited)
    }
}

impl Held {
    async fn commit(self) {
        drop(self.release);
        self.done.await.expect("the transaction ends").expect("the store answers");
    }
}
