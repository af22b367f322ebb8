//! What has to be done every minute: rotation that is due, private parts erased, keys of other nodes taken over.

use super::rotate::succeed;
use super::{NOTICED, SigningKeyFailure, take_over};
use crate::app::App;
use crate::app::start::StartError;
use crate::protocol::NumericDate;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::StoreError;
use crate::store::signing_keys::{self, SigningKeyRow};

/// One round. Every node does it; none depends on another having done it.
///
/// # Errors
/// The store's; other trouble is logged, and the keys stay as they are.
pub async fn round(app: &App) -> Result<(), StoreError> {
    let (rows, now) = (app.store.read(signing_keys::list).await?, app.clock.now());
    let over = now - NOTICED;
    if rows.iter().any(|row| row.sealed.is_some() && row.retired_at.is_some_and(|at| at < over)) {
        app.store.write(move |write| signing_keys::erase(write, over)).await?;
    }
    let due = due(app, &rows, now);
    if !due.is_empty() {
        match succeed(app, &due).await {
            // Another node did it.
            Ok(0) => {}
            Ok(keys) => tracing::info!(keys, "signing keys are rotated, as the schedule has it"),
            Err(SigningKeyFailure::Keys(StartError::Store(error))) => return Err(error),
            Err(error) => tracing::error!(%error, "signing keys could not be rotated"),
        }
    }
    match take_over(app).await {
        Ok(()) => {}
        Err(StartError::Store(error)) => return Err(error),
        Err(error) => tracing::error!(%error, "signing keys could not be read"),
    }
    Ok(())
}

/// Keys whose successors must be published by now, so that they sign when the interval is over: algorithm and row id.
fn due(app: &App, rows: &[SigningKeyRow], now: NumericDate) -> Vec<(SigningAlgorithm, i64)> {
    let keys = &app.config.keys;
    if keys.rotation_interval == 0 {
        return Vec::new();
    }
    let ends = |row: &SigningKeyRow| row.active_from.saturating_add(keys.rotation_interval);
    let last = rows.iter().filter(|row| row.retired_at.is_none());
    let due = last.filter(|row| ends(row).saturating_sub(keys.publish_ahead) <= now);
    due.filter_map(|row| Some((SigningAlgorithm::parse(&row.algorithm)?, row.id))).collect()
}
