//! Sending logout tokens. Any node may: a guarded update gives each to one of them for as long as an attempt can last. A
//! client that does not answer is left alone for a while, so that it holds up nobody else's.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::watch;

use super::back_channel;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::outbound::{OutboundError, Request};
use crate::store::clients::ClientRow;
use crate::store::logout_tokens::{self, LogoutTokenRow};
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events};

/// Between two looks at the queue.
const PERIOD: Duration = Duration::from_secs(2);

/// Tokens looked at, those on their way at once from one node, and those of one client among them: one that takes its
/// time holds up nobody else's.
const LOOKED_AT: i64 = 128;
const BATCH: usize = 16;
const OF_ONE_CLIENT: usize = 4;

/// Seconds a client has to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Seconds a claim lasts: the attempt, and the note of its end.
const CLAIM: i64 = 60;

/// Seconds a token is tried.
const DAY: i64 = 24 * 3600;

/// Seconds between two attempts, at first and at most.
const FIRST_WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 3600;

/// Why a client was not told.
#[derive(Debug, thiserror::Error)]
enum Untold {
    /// Not worth another attempt.
    #[error("{0}")]
    Never(String),
    /// It said that it failed (section 2.8).
    #[error("{0}")]
    Refused(String),
    /// It said nothing, or that it is broken: so it will to the next one.
    #[error("{0}")]
    Silent(String),
}

/// Sends until `stop` turns true; an attempt under way is not broken off here.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            // The answer holds a lock, which must not live on into the other arm.
            () = async { drop(stop.wait_for(|stopped| *stopped).await) } => break,
        }
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "the queue of logout tokens cannot be read; trying again");
        }
    }
}

/// Sends what is due; the count of clients told.
///
/// # Errors
/// The store's; what was sent until then is noted.
pub async fn round(app: &App) -> Result<usize, StoreError> {
    let mut told = 0;
    loop {
        let claimed = claim(app).await?;
        if claimed.is_empty() {
            return Ok(told);
        }
        let attempts = join_all(claimed.iter().map(|row| attempt(app, row))).await;
        told += attempts.into_iter().filter(|told| *told).count();
    }
}

/// Takes a batch for this node. The attempt counts from here on.
async fn claim(app: &App) -> Result<Vec<LogoutTokenRow>, StoreError> {
    let now = app.clock.now();
    let due = app.store.read(move |conn| logout_tokens::due(conn, now, LOOKED_AT)).await?;
    if due.is_empty() {
        return Ok(due);
    }
    let claimed = app.store.write(move |write| {
        let mut claimed: Vec<LogoutTokenRow> = Vec::new();
        for row in &due {
            let of_it = claimed.iter().filter(|other| other.client == row.client).count();
            if of_it < OF_ONE_CLIENT
                && claimed.len() < BATCH
                && logout_tokens::claim(write, row.id, now, now + CLAIM)? == 1
            {
                let claimed_until = Some(now + CLAIM);
                claimed.push(LogoutTokenRow { attempts: row.attempts + 1, claimed_until, ..row.clone() });
            }
        }
        Ok(claimed)
    });
    claimed.await
}

/// One token, to whatever end; whether the client took it.
async fn attempt(app: &App, row: &LogoutTokenRow) -> bool {
    let outcome = tell(app, row).await;
    let noted = match &outcome {
        Ok(()) => note_told(app, row.id).await,
        Err(untold) => note_untold(app, row, untold).await,
    };
    if let Err(error) = noted {
        tracing::error!(%error, "what became of a logout token could not be noted; it is tried again later");
    }
    outcome.is_ok()
}

async fn tell(app: &App, row: &LogoutTokenRow) -> Result<(), Untold> {
    let (client, user) = (row.client, row.user_id);
    let found = app.store.view(move |rows| Ok((rows.get::<ClientRow>(client)?, rows.get::<UserRow>(user)?)));
    let (client, user) = found.await.map_err(|error| Untold::Refused(error.to_string()))?;
    let gone = || Untold::Never("the client takes no logout tokens any more".to_owned());
    // A deleted person's row stays, with the name that clients know.
    let (client, user) = (client.filter(|client| client.is_active()).ok_or_else(gone)?, user.ok_or_else(gone)?);
    let url = client.metadata.0.backchannel_logout_uri.clone().ok_or_else(gone)?;
    let token = back_channel::token(app, &client, &user, &row.sid);
    let token = token.ok_or_else(|| Untold::Refused("there is no key for the client's algorithm".to_owned()))?;
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    let headers = vec![
        ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    let sent = app.client_upstream.send(Request { method: "POST", url, headers, body });
    let answer = tokio::time::timeout(PATIENCE, sent).await;
    let answer = answer.map_err(|_| Untold::Silent(format!("no answer within {} seconds", PATIENCE.as_secs())))?;
    match answer {
        Ok(answer) if matches!(answer.status, 200 | 204) => Ok(()),
        Ok(answer) if answer.status >= 500 => Err(Untold::Silent(format!("it answered {}", answer.status))),
        Ok(answer) => Err(Untold::Refused(format!("it answered {}", answer.status))),
        Err(error @ OutboundError::Forbidden(_)) => Err(Untold::Never(error.to_string())),
        Err(error) => Err(Untold::Silent(error.to_string())),
    }
}

async fn note_told(app: &App, id: i64) -> Result<(), StoreError> {
    app.metrics.event("logout_token_sent");
    let now = app.clock.now();
    app.store.write(move |write| logout_tokens::sent(write, id, now)).await?;
    Ok(())
}

async fn note_untold(app: &App, row: &LogoutTokenRow, untold: &Untold) -> Result<(), StoreError> {
    let (id, client, now, text) = (row.id, row.client, app.clock.now(), untold.to_string());
    let next = now + wait(row.attempts);
    let hopeless = matches!(untold, Untold::Never(_)) || next >= row.created_at + DAY;
    if !hopeless {
        app.metrics.event("logout_token_postponed");
        tracing::warn!(client, attempts = row.attempts, reason = text, "a client could not be told of a logout yet");
        let (claimed_until, silent) = (row.claimed_until.unwrap_or_default(), matches!(untold, Untold::Silent(_)));
        app.store
            .write(move |write| {
                logout_tokens::postpone(write, id, claimed_until, next, &text)?;
                match silent {
                    true => logout_tokens::leave_alone(write, client, next),
                    false => Ok(0),
                }
            })
            .await?;
        return Ok(());
    }
    app.metrics.event("logout_token_given_up");
    tracing::warn!(client, attempts = row.attempts, reason = text, "a client is not told of a logout: given up");
    let known = app.store.view(move |rows| rows.get::<ClientRow>(client)).await?;
    let target = known.as_deref().map_or(Target::Named("client", ""), Target::Client);
    let event = audit::draft(app, None, "logout.untold", Actor::System, target, json!({ "reason": text }))?;
    app.store
        .write(move |write| {
            if logout_tokens::give_up(write, id, now, &text)? == 1 {
                audit_events::insert(write, &event)?;
            }
            Ok(())
        })
        .await
}

/// Half a minute, one, two .. an hour.
fn wait(attempts: i64) -> i64 {
    let doubled = u32::try_from(attempts.clamp(1, 10) - 1).map_or(LONGEST_WAIT, |doublings| FIRST_WAIT << doublings);
    doubled.min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_become_rarer_up_to_an_hour() {
        let waits: Vec<i64> = (0..10).map(wait).collect();
        assert_eq!(waits, [30, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }
}
