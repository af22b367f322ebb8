//! Derivation keys: those another node or the command line made are taken over, retired ones nobody needs destroyed.

use crate::app::App;
use crate::app::start::load_derivation_keys;
use crate::store::{StoreError, derivation_keys, refresh_tokens};

/// Reads the keys again.
pub async fn take_over(app: &App) -> Result<(), StoreError> {
    match load_derivation_keys(&app.store, &app.keys.master, app.clock.now()).await {
        Ok(keys) => app.keys.replace_derivation(keys),
        Err(error) => tracing::error!(%error, "derivation keys could not be read"),
    }
    Ok(())
}

/// Destroys retired keys that no row names.
pub async fn destroy_unused(app: &App) -> Result<(), StoreError> {
    let retired: Vec<i64> = app
        .store
        .read(derivation_keys::list)
        .await?
        .into_iter()
        .filter(|key| key.retired_at.is_some())
        .map(|key| key.id)
        .collect();
    for id in retired {
        app.store
            .write(move |write| match refresh_tokens::names_key(write, id)? {
                true => Ok(0),
                false => derivation_keys::delete_retired(write, id),
            })
            .await?;
    }
    Ok(())
}
