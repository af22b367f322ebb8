//! A new secret for a confidential client, while the others go on working for an overlap: nothing has to be swapped
//! at the same instant.

use serde_json::json;

use super::secret::{self, ImportedSecret, MAX_LIVE, NewSecret};
use super::{ClientFailure, show, told};
use crate::app::App;
use crate::crypto::token::PlainToken;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod as Method;
use crate::store::audit_events;
use crate::store::{client_secrets, clients};

/// The new secret.
pub struct Rotated {
    /// Told once; absent when it was brought along.
    pub secret: Option<PlainToken>,
    /// Its last four characters.
    pub last_four: String,
    /// The last moment an older secret works.
    pub others_end_at: NumericDate,
}

/// Adds a secret and lets the others end after `overlap` seconds, or the configured overlap.
///
/// # Errors
/// [`ClientFailure::Conflict`] for a public client and for one with too many live secrets.
pub async fn rotate_secret(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    brought: Option<&ImportedSecret>,
    overlap: Option<i64>,
) -> Result<Rotated, ClientFailure> {
    rotate(app, caller, actor, client_id, NewSecret::or_drawn(brought), overlap).await
}

/// [`rotate_secret`] with a given secret. The owner hears of it by mail when a person did it.
///
/// # Errors
/// As [`rotate_secret`].
pub async fn rotate(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    secret: NewSecret<'_>,
    overlap: Option<i64>,
) -> Result<Rotated, ClientFailure> {
    let row = show::row(app, client_id).await?;
    if !row.is_confidential() {
        return Err(ClientFailure::Conflict(format!("{} is a public client: it has no secret", row.name)));
    }
    if row.authentication_method == Method::PrivateKeyJwt.as_str() {
        return Err(ClientFailure::Conflict(format!("{} has keys of its own: it has no secret", row.name)));
    }
    let now = app.clock.now();
    let overlap = overlap.unwrap_or(app.config.clients.secret_overlap);
    if overlap < 0 {
        return Err(ClientFailure::Conflict("the overlap is a number of seconds, 0 or more".to_owned()));
    }
    let end = now.saturating_add(overlap);
    let (secret_row, plain) = secret::draft(app, &row, secret)?;
    let last_four = secret_row.last_four.clone();
    let letter = told::of_secret(app, actor, &row).await?;
    let data = json!({ "last_four": secret_row.last_four, "others_end_at": end });
    let event = audit::draft(app, caller, "client.rotate_secret", actor, Target::Client(&row), data)?;
    let client = row.id;
    let written = terms::of(app, caller)
        .write(move |write| {
            // Two rotations at once must see each other's secret.
            clients::hold(write, client)?;
            client_secrets::expire_others(write, client, secret_row.id, end)?;
            let others = client_secrets::list(write, client)?;
            let (live, dead): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| other.is_live(now));
            if live.len() >= MAX_LIVE {
                return Ok(false);
            }
            for other in dead {
                client_secrets::delete(write, client, other.id)?;
            }
            client_secrets::insert(write, &secret_row)?;
            audit_events::insert(write, &event)?;
            mail::queue(write, &letter)?;
            Ok(true)
        })
        .await?;
    if written { Ok(Rotated { secret: plain, last_four, others_end_at: end }) } else { Err(full(&row.name)) }
}

/// Whether a rotation with the configured overlap would find room for another secret.
///
/// # Errors
/// [`ClientFailure::Conflict`] as [`rotate_secret`].
pub async fn check_room(app: &App, client_id: &str) -> Result<(), ClientFailure> {
    let row = show::row(app, client_id).await?;
    let (client, now) = (row.id, app.clock.now());
    let secrets = app.store.read(move |conn| client_secrets::list(conn, client)).await?;
    let end = now.saturating_add(app.config.clients.secret_overlap);
    let kept = secrets.iter().filter(|secret| secret.is_live(now) && now < end).count();
    if kept < MAX_LIVE { Ok(()) } else { Err(full(&row.name)) }
}

fn full(name: &str) -> ClientFailure {
    ClientFailure::Conflict(format!(
        "{name} has {MAX_LIVE} live secrets already: rotate with an overlap of 0 to end them now"
    ))
}
