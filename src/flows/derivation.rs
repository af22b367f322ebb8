//! Rotating the key that refresh tokens are derived with: a new one, and the others retired. Tokens made with a
//! retired key go on working; the key is destroyed when no row names it.

use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::app::start::{self, StartError};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::{StoreError, audit_events, derivation_keys};

/// What may be known of a key.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct KeyView {
    /// Row id, as text.
    pub id: String,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it was replaced.
    pub retired_at: Option<NumericDate>,
}

/// Every key, newest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App) -> Result<Vec<KeyView>, StoreError> {
    let rows = app.store.read(derivation_keys::list).await?;
    let view = |row: derivation_keys::DerivationKeyRow| KeyView {
        id: row.id.to_string(),
        created_at: row.created_at,
        retired_at: row.retired_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Makes a key, retires the others and uses it from now on; other nodes take it over within a minute.
///
/// # Errors
/// The store's, and a key that does not open.
pub async fn rotate(app: &App, caller: Option<&Caller>, actor: Actor<'_>) -> Result<KeyView, StartError> {
    let now = app.clock.now();
    let row = start::new_derivation_key(&app.store, &app.keys.master, now)?;
    let view = KeyView { id: row.id.to_string(), created_at: now, retired_at: None };
    let target = Target::Named("derivation_key", &view.id);
    let event = audit::draft(app, caller, "key.rotate", actor, target, json!({}))?;
    terms::of(app, caller)
        .write(move |write| {
            derivation_keys::insert(write, &row)?;
            derivation_keys::retire_others(write, row.id, now)?;
            audit_events::insert(write, &event)
        })
        .await?;
    app.keys.replace_derivation(start::load_derivation_keys(&app.store, &app.keys.master, now).await?);
    Ok(view)
}
