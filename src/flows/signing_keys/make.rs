//! Making keys, off the event loop, and the ones a first start needs.

use futures_util::future::join_all;
use serde_json::json;

use super::{SigningKeyFailure, take_over};
use crate::app::App;
use crate::crypto::signing::SigningKey;
use crate::flows::audit::{self, Actor, Target};
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::{StoreError, audit_events, signing_keys};

/// A new private key.
pub(super) async fn generate(app: &App, algorithm: SigningAlgorithm) -> Result<SigningKey, SigningKeyFailure> {
    let bits = app.config.keys.rsa_bits;
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm, bits)).await;
    Ok(made.map_err(|error| StoreError::Internal(error.to_string()))??)
}

/// Makes a key for every algorithm that has none, which signs at once: nothing was signed before. Of nodes that start
/// together one makes it, and all use it.
///
/// # Errors
/// [`SigningKeyFailure`].
pub async fn make_missing(app: &App) -> Result<(), SigningKeyFailure> {
    let rows = app.store.read(signing_keys::list).await?;
    let is_there = |algorithm: SigningAlgorithm| {
        rows.iter().any(|row| row.algorithm == algorithm.as_str() && row.retired_at.is_none())
    };
    let missing = SigningAlgorithm::ALL.into_iter().filter(|algorithm| !is_there(*algorithm));
    for made in join_all(missing.map(|algorithm| generate(app, algorithm))).await {
        let (key, now) = (made?, app.clock.now());
        let row = crate::app::signing_keys::row(&app.store, &app.keys.master, &key, now, now)?;
        let data = json!({ "algorithm": row.algorithm, "active_from": now });
        let event = audit::draft(app, None, "key.create", Actor::System, Target::Named("signing_key", &row.kid), data)?;
        let first = app.store.write(move |write| {
            let first = write.unless_taken(|write| signing_keys::insert(write, &row))?;
            if first.is_some() {
                audit_events::insert(write, &event)?;
            }
            Ok(first.is_some())
        });
        if first.await? {
            tracing::info!(kid = key.kid(), algorithm = key.algorithm().as_str(), "made a signing key");
        }
    }
    Ok(take_over(app).await?)
}
