//! Checkpoints of SQLite's log, off the commit path: a thread of their own copies pages back while writing goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;

use diesel::prelude::*;

use super::address::Address;
use super::connection::{self, Conn, Purpose};
use super::error::StoreError;
use super::options::StoreOptions;

/// Pages in the log (64 MiB) from which the writer helps: a passive checkpoint never catches up with a writer that
/// never rests, and the log would grow without end.
const HELP_FROM: i64 = 16_384;

/// The writer's side: tells the thread there is something to do.
pub(super) struct Checkpoints {
    dirty: Arc<AtomicBool>,
    help: Arc<AtomicBool>,
    // Dropping it ends the thread.
    _running: Sender<()>,
}

#[derive(QueryableByName)]
struct Progress {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    log: i64,
}

impl Checkpoints {
    /// Starts the thread; it ends when the answer is dropped.
    pub(super) fn start(
        address: &Address,
        options: &StoreOptions,
    ) -> Result<(Checkpoints, JoinHandle<()>), StoreError> {
        let conn = connection::open(address, Purpose::Write, options)?;
        let (running, stop) = channel();
        let dirty = Arc::new(AtomicBool::new(false));
        let help = Arc::new(AtomicBool::new(false));
        let this = Checkpoints { dirty: Arc::clone(&dirty), help: Arc::clone(&help), _running: running };
        let every = options.checkpoint_interval;
        let thread = std::thread::Builder::new()
            .name("grantor-checkpoint".to_owned())
            .spawn(move || serve(conn, &stop, every, &dirty, &help))
            .map_err(StoreError::unavailable)?;
        Ok((this, thread))
    }

    /// Called between two batches. Rarely, when the log grew large, finishes the few pages the thread left over.
    pub(super) fn after_commit(&self, conn: Option<&mut Conn>) {
        self.dirty.store(true, Relaxed);
        if self.help.swap(false, Relaxed)
            && let Some(conn) = conn
        {
            passive(conn);
        }
    }
}

fn serve(mut conn: Conn, stop: &Receiver<()>, every: std::time::Duration, dirty: &AtomicBool, help: &AtomicBool) {
    while stop.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        if dirty.swap(false, Relaxed) && passive(&mut conn) > HELP_FROM {
            help.store(true, Relaxed);
        }
    }
}

/// Copies what can be copied without waiting for anybody; answers the number of pages in the log.
fn passive(conn: &mut Conn) -> i64 {
    match diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Progress>(conn) {
        Ok(progress) => progress.log,
        Err(error) => {
            tracing::warn!(%error, "a checkpoint failed; it is tried again");
            0
        }
    }
}
