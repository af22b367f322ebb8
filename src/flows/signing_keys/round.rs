//! What has to be done every minute: rotation that is due, private parts erased, keys of other nodes taken over.

use super::rotate::{How, rotate};
use super::{NOTICED, SigningKeyFailure, take_over};
use crate::app::App;
use crate::app::start::StartError;
use crate::flows::audit::Actor;
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
        match rotate(app, None, Actor::System, &due, How::Ahead).await {
            Ok(made) => tracing::info!(keys = made.len(), "signing keys are rotated, as the schedule has it"),
            // Another node did the same.
            Err(SigningKeyFailure::Overtaken) => {}
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

/// Algorithms whose next key must be published by now, so that it signs when the interval is over.
fn due(app: &App, rows: &[SigningKeyRow], now: NumericDate) -> Vec<SigningAlgorithm> {
    let keys = &app.config.keys;
    if keys.rotation_interval == 0 {
        return Vec::new();
    }
    let ends = |row: &SigningKeyRow| row.active_from.saturating_add(keys.rotation_interval);
    let last = rows.iter().filter(|row| row.retired_at.is_none());
    let due = last.filter(|row| ends(row).saturating_sub(keys.publish_ahead) <= now);
    due.filter_map(|row| SigningAlgorithm::parse(&row.algorithm)).collect()
}
