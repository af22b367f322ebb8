//! SQLite as a whole: one writer thread, a few reading connections, a checkpoint thread, the row cache.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::prelude::*;
use tokio::sync::mpsc;

use super::address::Address;
use super::cache::Cache;
use super::checkpoint::Checkpoints;
use super::connection::{self, Conn, Purpose};
use super::error::StoreError;
use super::lock_file::LockFile;
use super::options::StoreOptions;
use super::pool::Pool;
use super::rows::Rows;
use super::stats::WriterStats;
use super::write::Write;
use super::writer::{Message, Writer, job};

/// The first release without the WAL-reset corruption of 3.7.0 to 3.51.2.
const OLDEST: i32 = 3_051_003;

pub(super) struct Sqlite {
    readers: Pool,
    /// `None` when opened to look only.
    writer: Option<WriterHandle>,
    cache: Arc<Cache>,
    answer_within: Duration,
    pub stats: Arc<WriterStats>,
}

// Fields drop in order: the queue closes before the threads are waited for.
struct WriterHandle {
    queue: mpsc::Sender<Message>,
    threads: Threads,
}

/// The threads that write, and the lock that lets them.
struct Threads(Mutex<(Vec<JoinHandle<()>>, Option<LockFile>)>);

impl Threads {
    /// Waits for the threads, then lets go of the lock.
    fn join(&self) {
        let (threads, _lock) = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A job may hold the last handle; a thread cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.join();
    }
}

/// Refuses a SQLite that can corrupt its log, and a file with damaged pages.
pub(super) fn check(address: &Address, path: &str, options: &StoreOptions) -> Result<(), StoreError> {
    check_version()?;
    let conn = &mut connection::open(address, Purpose::Write, options).map_err(|error| damaged(path, &error))?;
    if options.quick_check {
        let found = diesel::sql_query("PRAGMA quick_check(1)").get_result::<QuickCheck>(conn);
        match found {
            Ok(found) if found.quick_check == "ok" => {}
            Ok(found) => return Err(damaged(path, &found.quick_check)),
            Err(error) => return Err(damaged(path, &error)),
        }
    }
    Ok(())
}

fn damaged(path: &str, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!(
        "{path} cannot be used: {reason}. If the file is damaged, stop the server, move {path}, {path}-wal and \
         {path}-shm aside and put the latest backup in their place"
    ))
}

#[derive(QueryableByName)]
struct QuickCheck {
    #[diesel(sql_type = diesel::sql_types::Text)]
    quick_check: String,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

fn check_version() -> Result<(), StoreError> {
    let mut conn = SqliteConnection::establish(":memory:").map_err(StoreError::unavailable)?;
    let version = diesel::sql_query("SELECT sqlite_version() AS version")
        .get_result::<Version>(&mut conn)
        .map_err(StoreError::unavailable)?
        .version;
    let mut number = 0;
    for part in version.split('.').take(3) {
        number = number * 1000 + part.parse::<i32>().unwrap_or(0);
    }
    if number < OLDEST {
        return Err(StoreError::Unavailable(format!(
            "SQLite {version} can corrupt its log; 3.51.3 or later is needed"
        )));
    }
    Ok(())
}

/// A database full of digests and mail addresses is its owner's alone; SQLite gives its other files the same mode.
pub(super) fn create_private(path: &str) -> Result<(), StoreError> {
    let mut file = std::fs::File::options();
    file.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("{path}: {error}"))),
    }
}

impl Sqlite {
    /// Starts the threads. The lock is held until the last of them has ended.
    pub(super) fn start(
        address: &Address,
        options: &StoreOptions,
        lock: Option<LockFile>,
    ) -> Result<Sqlite, StoreError> {
        let cache = Arc::new(Cache::new(options.cache_entries));
        let stats = Arc::new(WriterStats::default());
        let writer = match options.read_only {
            true => None,
            false => Some(WriterHandle::start(address, options, &cache, &stats, lock)?),
        };
        let readers = Pool::new(address, Purpose::Read, options)?;
        Ok(Sqlite { readers, writer, cache, answer_within: options.answer_within, stats })
    }

    /// Several lookups share one snapshot, and the cost of beginning it.
    pub(super) async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Conn) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        self.readers
            .with(move |conn| conn.transaction(|conn| f(conn)).map_err(StoreError::unavailable_or_internal))
            .await
    }

    pub(super) async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Write<'_>) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        let Some(writer) = &self.writer else {
            return Err(StoreError::Unavailable("the database was opened to look only".to_owned()));
        };
        let (job, answer) = job(f);
        writer.queue.try_send(Message::Job(job)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                self.stats.record_refusal();
                StoreError::QueueFull
            }
            mpsc::error::TrySendError::Closed(_) => StoreError::Unavailable("the store is closed".to_owned()),
        })?;
        match tokio::time::timeout(self.answer_within, answer).await {
            Ok(Ok(answer)) => answer,
            // The thread answers every job it took: it died in a batch, or hangs with the disk.
            Ok(Err(_)) | Err(_) => Err(StoreError::CommitUnknown),
        }
    }

    pub(super) async fn view<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Rows<'_>) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        if self.writer.is_none() {
            // Without the lock somebody else may be writing: nothing may be kept.
            return self.read(move |conn| f(&mut Rows::uncached(conn))).await;
        }
        if let Some(found) = Rows::from_cache_only(&self.cache, &f) {
            return found.map_err(StoreError::unavailable_or_internal);
        }
        let cache = Arc::clone(&self.cache);
        self.readers
            .with(move |conn| f(&mut Rows::filling(conn, &cache)).map_err(StoreError::unavailable_or_internal))
            .await
    }

    /// Jobs the writer has not taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.writer.as_ref().map_or(0, |writer| writer.queue.max_capacity() - writer.queue.capacity())
    }

    /// Does what is waiting, refuses what comes after, and returns when the threads have ended.
    pub(super) async fn close(&self) {
        if let Some(writer) = &self.writer {
            let _ = writer.queue.send(Message::Stop).await;
            writer.queue.closed().await;
        }
    }

    /// The blocking half of [`Sqlite::close`].
    pub(super) fn join(&self) {
        if let Some(writer) = &self.writer {
            writer.threads.join();
        }
    }
}

impl WriterHandle {
    fn start(
        address: &Address,
        options: &StoreOptions,
        cache: &Arc<Cache>,
        stats: &Arc<WriterStats>,
        lock: Option<LockFile>,
    ) -> Result<WriterHandle, StoreError> {
        let conn = connection::open(address, Purpose::Write, options)?;
        let (checkpoints, checkpointer) = Checkpoints::start(address, options)?;
        let (queue, waiting) = mpsc::channel(options.queue_length);
        let writer = Writer {
            address: address.clone(),
            options: options.clone(),
            cache: Arc::clone(cache),
            stats: Arc::clone(stats),
            checkpoints,
            conn: Some(conn),
            data_version: None,
        };
        let thread = std::thread::Builder::new()
            .name("grantor-writer".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(StoreError::unavailable)?;
        Ok(WriterHandle { queue, threads: Threads(Mutex::new((vec![thread, checkpointer], lock))) })
    }
}
