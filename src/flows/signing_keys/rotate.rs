//! Rotation: the successor is published before it signs, the predecessor stays published until all it signed has ended.
//! After a compromise both happen at once, and nothing the old keys signed is believed any more.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::make::generate;
use super::{MOST_WAITING, SigningKeyFailure, SigningKeyView, kept, list, take_over};
use crate::app::App;
use crate::app::signing_keys::row;
use crate::crypto::signing::SigningKey;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::StoreError;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::signing_keys::{self, SigningKeyRow};

/// Times an emergency is tried again when another rotation comes in between.
const ATTEMPTS: usize = 5;

/// When the new key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// After `keys.publish_ahead` seconds; nobody notices.
    Ahead,
    /// Now, and all others are withdrawn: somebody else may have them.
    AtOnce,
}

/// Makes a new key of each algorithm; the new keys, as they are told.
///
/// # Errors
/// [`SigningKeyFailure`]; algorithms before the one that failed are rotated.
pub async fn rotate(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    algorithms: &[SigningAlgorithm],
    how: How,
) -> Result<Vec<SigningKeyView>, SigningKeyFailure> {
    let algorithms: BTreeSet<SigningAlgorithm> = algorithms.iter().copied().collect();
    if how == How::Ahead {
        let (rows, now) = (app.store.read(signing_keys::list).await?, app.clock.now());
        let waiting = |algorithm: SigningAlgorithm| {
            rows.iter().filter(|row| row.algorithm == algorithm.as_str() && now < row.active_from).count()
        };
        if algorithms.iter().any(|algorithm| waiting(*algorithm) >= MOST_WAITING) {
            return Err(SigningKeyFailure::TooManyWait);
        }
    }
    let mut kids = Vec::new();
    for made in join_all(algorithms.into_iter().map(|algorithm| generate(app, algorithm))).await {
        let key = made?;
        match how {
            How::Ahead => {
                let last = without_successor(app, key.algorithm()).await?;
                ahead(app, caller, actor, &key, last).await?;
            }
            How::AtOnce => at_once(app, caller, actor, &key).await?,
        }
        kids.push(key.kid().to_owned());
    }
    take_over(app).await?;
    let all = list(app).await?;
    Ok(all.into_iter().filter(|view| kids.contains(&view.kid)).collect())
}

/// Gives each of these keys a successor, and no other key: of several nodes that find the same ones due, one does it. How
/// many this node replaced.
///
/// # Errors
/// [`SigningKeyFailure`], but not for a key that another node was first with.
pub(super) async fn succeed(app: &App, due: &[(SigningAlgorithm, i64)]) -> Result<usize, SigningKeyFailure> {
    let mut replaced = 0;
    let made = join_all(due.iter().map(|(algorithm, _)| generate(app, *algorithm))).await;
    for (key, (_, last)) in made.into_iter().zip(due) {
        match ahead(app, None, Actor::System, &key?, Some(*last)).await {
            Ok(()) => replaced += 1,
            Err(SigningKeyFailure::Overtaken) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(replaced)
}

async fn without_successor(app: &App, algorithm: SigningAlgorithm) -> Result<Option<i64>, StoreError> {
    let rows = app.store.read(signing_keys::list).await?;
    let last = rows.iter().find(|row| row.algorithm == algorithm.as_str() && row.retired_at.is_none());
    Ok(last.map(|row| row.id))
}

/// `last` is the key that gets a successor.
async fn ahead(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    key: &SigningKey,
    last: Option<i64>,
) -> Result<(), SigningKeyFailure> {
    let now = app.clock.now();
    // Without a predecessor nobody knows any key: there is nothing to wait for.
    let active_from = last.map_or(now, |_| now.saturating_add(app.config.keys.publish_ahead));
    let until = active_from.saturating_add(kept(app));
    let row = row(&app.store, &app.keys.master, key, now, active_from)?;
    let event = drafted(app, caller, actor, &row, How::Ahead)?;
    let done = terms::of(app, caller).write(move |write| {
        write.unless_taken(|write| {
            // One successor each: of two rotations at once, the later one finds it has one.
            if let Some(last) = last
                && signing_keys::retire(write, last, active_from, until)? == 0
            {
                return Ok(false);
            }
            signing_keys::insert(write, &row)?;
            audit_events::insert(write, &event)?;
            Ok(true)
        })
    });
    if done.await? == Some(true) { Ok(()) } else { Err(SigningKeyFailure::Overtaken) }
}

async fn at_once(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    key: &SigningKey,
) -> Result<(), SigningKeyFailure> {
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let row = row(&app.store, &app.keys.master, key, now, now)?;
        let event = drafted(app, caller, actor, &row, How::AtOnce)?;
        let done = terms::of(app, caller).write(move |write| {
            write.unless_taken(|write| {
                signing_keys::withdraw(write, &row.algorithm, now)?;
                signing_keys::insert(write, &row)?;
                audit_events::insert(write, &event)
            })
        });
        if done.await?.is_some() {
            return Ok(());
        }
    }
    Err(SigningKeyFailure::Overtaken)
}

fn drafted(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    row: &SigningKeyRow,
    how: How,
) -> Result<AuditEventRow, StoreError> {
    let others = if how == How::AtOnce { "withdrawn" } else { "kept" };
    let data = json!({ "algorithm": row.algorithm, "active_from": row.active_from, "others": others });
    audit::draft(app, caller, "key.rotate", actor, Target::Named("signing_key", &row.kid), data)
}
