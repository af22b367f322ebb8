//! What has to be done every minute: times of last use written, expired rows removed in small batches, salts erased,
//! keys of other nodes taken over. Every node does it; none depends on another having done it.

mod erase;
mod expired;
mod keys;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::store::StoreError;

/// Between two rounds.
const PERIOD: Duration = Duration::from_secs(60);

/// Rounds until `stop` turns true, and one last flush.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut erase = erase::Erased::default();
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if let Err(error) = round(&app, &mut erase).await {
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
}

/// One round, for tests and the command line.
///
/// # Errors
/// The store's; what was done until then stays done.
pub async fn sweep(app: &App) -> Result<(), StoreError> {
    round(app, &mut erase::Erased::default()).await
}

async fn round(app: &App, erased: &mut erase::Erased) -> Result<(), StoreError> {
    app.last_used.flush(&app.store).await?;
    keys::take_over(app).await?;
    erase::salts(app, erased).await?;
    keys::destroy_unused(app).await?;
    let gone = super::clients::delete::carry_out_due(app).await?;
    if gone > 0 {
        tracing::info!(gone, "clients whose deletion was due are gone");
    }
    expired::remove(app).await
}
