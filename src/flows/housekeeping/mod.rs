//! What has to be done every minute: times of last use and counts written, expired rows removed in small batches, salts
//! erased, keys of other nodes taken over and signing keys rotated. Every node does it; none depends on another having
//! done it.

mod erase;
mod expired;
mod keys;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::config::keys::REREAD;
use crate::store::{StoreError, hourly_counts};

/// Between two rounds.
const PERIOD: Duration = Duration::from_secs(REREAD.unsigned_abs());

/// Seconds a count is kept.
const COUNTS_KEPT: i64 = 400 * 24 * 3600;

/// Rounds until `stop` turns true, and one last flush.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut progress = Progress::default();
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if let Err(error) = round(&app, &mut progress).await {
                    tracing::warn!(%error, "housekeeping goes on in a minute");
                }
            }
            // The answer holds a lock, which must not live on into the other arm.
            () = async { drop(stop.wait_for(|stopped| *stopped).await) } => break,
        }
    }
    if let Err(error) = app.last_used.flush(&app.store).await {
        tracing::warn!(%error, "the last times of use are lost");
    }
    if let Err(error) = app.metrics.hourly.flush(&app.store).await {
        tracing::warn!(%error, "the last counts are lost");
    }
}

/// How far earlier rounds came.
#[derive(Default)]
struct Progress {
    erased: erase::Erased,
    expired: expired::Progress,
    unused_clients: i64,
}

/// One round, for tests and the command line.
///
/// # Errors
/// The store's; what was done until then stays done.
pub async fn sweep(app: &App) -> Result<(), StoreError> {
    round(app, &mut Progress::default()).await
}

/// Every step on its own: one that fails is tried again next time and keeps no other from its work.
async fn round(app: &App, progress: &mut Progress) -> Result<(), StoreError> {
    let steps = [
        app.last_used.flush(&app.store).await,
        app.metrics.hourly.flush(&app.store).await,
        forget_counts(app).await,
        keys::take_over(app).await,
        super::signing_keys::round(app).await,
        erase::salts(app, &mut progress.erased).await,
        keys::destroy_unused(app, &progress.erased).await,
        delete_clients(app).await,
        delete_unused_clients(app, &mut progress.unused_clients).await,
        delete_organizations(app).await,
        super::organizations::delete::forget_invitations(app).await,
        expired::remove(app, &mut progress.expired).await,
    ];
    steps.into_iter().collect::<Result<(), StoreError>>()?;
    app.metrics.housekeeping_done();
    Ok(())
}

/// Charts never look further back.
async fn forget_counts(app: &App) -> Result<(), StoreError> {
    let before = app.clock.now() - COUNTS_KEPT;
    app.store.write(move |write| hourly_counts::delete_before(write, before)).await?;
    Ok(())
}

async fn delete_clients(app: &App) -> Result<(), StoreError> {
    let gone = super::clients::delete::carry_out_due(app).await?;
    if gone > 0 {
        tracing::info!(gone, "clients whose deletion was due are gone");
    }
    Ok(())
}

async fn delete_unused_clients(app: &App, after: &mut i64) -> Result<(), StoreError> {
    let gone = super::clients::delete::unused(app, after).await?;
    if gone > 0 {
        tracing::info!(gone, "clients that registered themselves and that nobody ever used are gone");
    }
    Ok(())
}

async fn delete_organizations(app: &App) -> Result<(), StoreError> {
    let gone = super::organizations::delete::carry_out_due(app).await?;
    if gone > 0 {
        tracing::info!(gone, "organizations whose deletion was due are gone");
    }
    Ok(())
}
