//! A pool of connections behind a semaphore with as many permits, so that no thread waits for a connection.

use std::sync::Arc;
use std::time::Duration;

use diesel::r2d2::{Pool as R2d2Pool, PooledConnection};
use tokio::sync::Semaphore;

use super::address::Address;
use super::connection::{Manager, Purpose};
use super::error::StoreError;
use super::options::StoreOptions;

/// A connection that goes back to its pool, or is closed when it is broken.
pub(super) type Pooled = PooledConnection<Manager>;

#[derive(Clone)]
pub(super) struct Pool {
    connections: R2d2Pool<Manager>,
    permits: Arc<Semaphore>,
    patience: Duration,
    answer_within: Duration,
}

impl Pool {
    pub(super) fn new(address: &Address, purpose: Purpose, options: &StoreOptions) -> Result<Pool, StoreError> {
        let manager = Manager { address: address.clone(), purpose, options: options.clone() };
        let connections = R2d2Pool::builder()
            .max_size(options.pool_size)
            .min_idle(Some(0))
            // A broken connection shows itself at its first statement, which is retried: no extra round trip.
            .test_on_check_out(false)
            .connection_timeout(options.acquire_timeout)
            .build_unchecked(manager);
        let permits = Arc::new(Semaphore::new(options.pool_size as usize));
        let (patience, answer_within) = (options.acquire_timeout, options.answer_within);
        Ok(Pool { connections, permits, patience, answer_within })
    }

    /// Runs `f` on a blocking thread with a connection.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Pooled) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.with_pool(too_late(), move |pool| f(&mut pool.get()?)).await
    }

    /// Runs `f` on a blocking thread that may take one connection after the other. Answers `late` when the database
    /// hangs: the thread and its permit stay with it until the network gives up, the caller does not.
    pub(super) async fn with_pool<T: Send + 'static>(
        &self,
        late: StoreError,
        f: impl FnOnce(&Pool) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = match tokio::time::timeout(self.patience, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StoreError::Unavailable("the store is closed".to_owned())),
            Err(_) => return Err(StoreError::Unavailable("all connections are busy".to_owned())),
        };
        let pool = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            f(&pool)
        });
        match tokio::time::timeout(self.answer_within, work).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panicked)) => Err(StoreError::internal(panicked)),
            Err(_) => Err(late),
        }
    }

    /// A connection; waits while the database cannot be reached.
    pub(super) fn get(&self) -> Result<Pooled, StoreError> {
        self.connections.get().map_err(StoreError::unavailable)
    }

    pub(super) fn size(&self) -> u32 {
        self.connections.max_size()
    }

    /// Refuses what comes after.
    pub(super) fn close(&self) {
        self.permits.close();
    }
}

/// What a read is told when it took too long.
pub(super) fn too_late() -> StoreError {
    StoreError::Unavailable("the database did not answer in time".to_owned())
}
