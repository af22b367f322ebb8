//! Derivation keys: those another node or the command line made are taken over, retired ones nobody needs destroyed.

use super::erase::{Erased, longest_window};
use crate::app::App;
use crate::app::start::load_derivation_keys;
use crate::store::ids::first_id_of;
use crate::store::{StoreError, derivation_keys};

/// Seconds after which every node has noticed that a key is retired, and what it derived is committed.
const NOTICED: i64 = 600;

/// Reads the keys again.
pub async fn take_over(app: &App) -> Result<(), StoreError> {
    match load_derivation_keys(&app.store, &app.keys.master, app.clock.now()).await {
        Ok(keys) => app.keys.replace_derivation(keys),
        Err(error) => tracing::error!(%error, "derivation keys could not be read"),
    }
    Ok(())
}

/// Destroys retired keys that no row names: all it derived lost their salts.
pub async fn destroy_unused(app: &App, erased: &Erased) -> Result<(), StoreError> {
    let (now, window) = (app.clock.now(), longest_window(app).await?);
    for key in app.store.read(derivation_keys::list).await? {
        let Some(retired_at) = key.retired_at else { continue };
        let unnamed = erased.up_to >= first_id_of((retired_at + NOTICED) * 1000);
        if unnamed && retired_at + NOTICED + window < now {
            app.store.write(move |write| derivation_keys::delete_retired(write, key.id)).await?;
        }
    }
    Ok(())
}
