//! SQLite's one writer: a named thread that owns the writing connection and commits waiting jobs together.
//! Nothing is answered before the COMMIT that holds it, refusals and read-only verdicts included.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use tokio::sync::{mpsc, oneshot};

use super::address::Address;
use super::cache::{Cache, Touched};
use super::checkpoint::Checkpoints;
use super::connection::{self, Conn, Purpose};
use super::error::{StoreError, is_of_the_job};
use super::options::StoreOptions;
use super::stats::WriterStats;
use super::write::Write;

/// A write closure and the way back to whoever waits for it, with its type erased.
pub(super) trait Job: Send {
    /// Nobody waits any more: a job not yet begun is dropped.
    fn is_abandoned(&self) -> bool;
    fn run(&mut self, write: &mut Write<'_>) -> QueryResult<()>;
    /// Sends what `run` found, or the error of the batch.
    fn reply(self: Box<Self>, batch: Result<(), StoreError>);
}

pub(super) enum Message {
    Job(Box<dyn Job>),
    /// Do what is waiting, then end.
    Stop,
}

/// Wraps a closure as a [`Job`].
pub(super) fn job<T, F>(f: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>)
where
    F: Fn(&mut Write<'_>) -> QueryResult<T> + Send + 'static,
    T: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Typed { f, found: None, reply }), answer)
}

struct Typed<T, F> {
    f: F,
    found: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: Fn(&mut Write<'_>) -> QueryResult<T> + Send> Job for Typed<T, F> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, write: &mut Write<'_>) -> QueryResult<()> {
        let found = write.savepoint(|write| (self.f)(write));
        match found {
            Ok(value) => self.found = Some(Ok(value)),
            Err(error) => {
                self.found = Some(Err(StoreError::internal(&error)));
                return Err(error);
            }
        }
        Ok(())
    }

    fn reply(self: Box<Self>, batch: Result<(), StoreError>) {
        let Typed { found, reply, .. } = *self;
        let answer = match batch {
            Ok(()) => found.unwrap_or_else(|| Err(StoreError::Unavailable("the job was not run".to_owned()))),
            Err(error) => Err(error),
        };
        // The asker may have gone; what is committed stays committed.
        let _ = reply.send(answer);
    }
}

/// The state of the writer thread.
pub(super) struct Writer {
    pub address: Address,
    pub options: StoreOptions,
    pub cache: Arc<Cache>,
    pub stats: Arc<WriterStats>,
    pub checkpoints: Checkpoints,
    pub conn: Option<Conn>,
    pub data_version: Option<i64>,
}

impl Writer {
    /// Serves until [`Message::Stop`] or until the last sender is gone; waiting jobs are done first.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        while let Some(first) = queue.blocking_recv() {
            let mut jobs = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Job(job) if job.is_abandoned() => {}
                    Message::Job(job) => jobs.push(job),
                    Message::Stop => queue.close(),
                }
                next = if jobs.len() < self.options.batch_cap { queue.try_recv().ok() } else { None };
            }
            self.stats.record(jobs.len(), queue.len());
            if !jobs.is_empty() {
                self.serve(jobs);
            }
        }
    }

    fn serve(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        // A panic may come from anywhere inside a statement: nothing of the connection is trusted after it.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.batch(&mut jobs)))
            .unwrap_or_else(|_| Err(StoreError::Unavailable("a write in the same batch panicked".to_owned())));
        if let Err(error) = &outcome {
            tracing::error!(%error, jobs = jobs.len(), "a batch of writes failed; the connection is reopened");
            self.stats.record_failure();
            self.abandon_connection();
        }
        for job in jobs {
            job.reply(outcome.clone());
        }
        if outcome.is_ok() {
            self.checkpoints.after_commit(self.conn.as_mut());
        }
    }

    /// Runs and commits the jobs; an error here is an error of every one of them.
    fn batch(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        if self.conn.is_none() {
            self.conn = Some(connection::open(&self.address, Purpose::Write, &self.options)?);
            self.data_version = None;
        }
        let Some(conn) = self.conn.as_mut() else {
            return Err(StoreError::Unavailable("no connection".to_owned()));
        };
        begin_immediate(conn).map_err(StoreError::unavailable)?;
        sound_the_alarm(conn, &mut self.data_version, &self.cache).map_err(StoreError::unavailable)?;
        let mut touched = Touched::default();
        for job in jobs {
            if let Err(error) = job.run(&mut Write::new(conn, &mut touched))
                && !is_of_the_job(&error)
            {
                return Err(StoreError::unavailable(error));
            }
        }
        let marks = self.cache.mark(touched);
        let committed = <Conn as TransactionManager<Conn>>::commit_transaction(conn);
        drop(marks);
        // The commit record may already be in the log: the outcome is known only after a reread.
        committed.map_err(|error| {
            tracing::error!(%error, "COMMIT failed");
            StoreError::CommitUnknown
        })
    }

    fn abandon_connection(&mut self) {
        if let Some(mut conn) = self.conn.take() {
            // Closing rolls back as well; a ROLLBACK that SQLite did by itself already is an error of no interest.
            let rolled_back = catch_unwind(AssertUnwindSafe(|| {
                let _ = diesel::connection::SimpleConnection::batch_execute(&mut conn, "ROLLBACK");
                drop(conn);
            }));
            if rolled_back.is_err() {
                tracing::error!("closing the writing connection panicked");
            }
        }
    }
}

fn begin_immediate(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        Conn::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
    }
}

#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    data_version: i64,
}

/// Another process wrote behind the cache's back, against the lock file: say so, and forget every row.
fn sound_the_alarm(conn: &mut Conn, last: &mut Option<i64>, cache: &Cache) -> QueryResult<()> {
    let now = diesel::sql_query("PRAGMA data_version").get_result::<DataVersion>(conn)?.data_version;
    if last.is_some_and(|last| last != now) {
        tracing::error!("another process changed the database file while this one serves it; the cache was cleared");
    }
    if *last != Some(now) {
        cache.clear();
        *last = Some(now);
    }
    Ok(())
}
