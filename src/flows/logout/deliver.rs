//! Sending logout tokens. Any node may: a guarded update gives each to one of them for as long as an attempt can last.
//! Clients are chosen first and their tokens then, so that however many wait for one, the others' turn comes; one that
//! fails, or takes its time, is left alone for a while.

use std::collections::HashMap;
use std::time::Duration;
use std::{pin::pin, sync::Arc};

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
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

/// Tokens on their way at once from one node, and those of one client among them.
const SLOTS: usize = 16;
const OF_ONE_CLIENT: usize = 4;

/// How long a client has to answer, and may take without being left alone.
const PATIENCE: Duration = Duration::from_secs(5);
const QUICK: Duration = Duration::from_secs(1);

/// Seconds a claim lasts: the attempt, and the note of its end.
const CLAIM: i64 = 60;

/// Seconds a token is tried.
const DAY: i64 = 24 * 3600;

/// Seconds between two attempts, at first and at most.
const FIRST_WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 3600;

/// Seconds until a client that takes its time gets the next tokens.
const BREATH: i64 = 10;

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
    let stopping = stop.clone();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            // The answer holds a lock, which must not live on into the other arm.
            () = async { drop(stop.wait_for(|stopped| *stopped).await) } => break,
        }
        if let Err(error) = send(&app, || *stopping.borrow()).await {
            tracing::warn!(%error, "the queue of logout tokens cannot be read; trying again");
        }
    }
}

/// Sends what is due; the count of clients told.
///
/// # Errors
/// The store's; what was sent until then is noted.
pub async fn round(app: &App) -> Result<usize, StoreError> {
    send(app, || false).await
}

/// Whoever has answered makes room for the next at once: nobody waits for the slowest.
async fn send(app: &App, stops: impl Fn() -> bool) -> Result<usize, StoreError> {
    let (mut told, mut under_way) = (0, FuturesUnordered::new());
    let mut busy: HashMap<i64, usize> = HashMap::new();
    let mut queue = Ok(());
    loop {
        if queue.is_ok() && !stops() {
            match claim(app, &busy).await {
                Ok(claimed) => {
                    for row in claimed {
                        *busy.entry(row.client).or_default() += 1;
                        under_way.push(async move { (row.client, attempt(app, &row).await) });
                    }
                }
                // What is on its way is noted all the same.
                Err(error) => queue = Err(error),
            }
        }
        if under_way.is_empty() {
            return queue.map(|()| told);
        }
        // Those that take their time keep nobody's new tokens from being seen.
        let Ok(mut ended) = tokio::time::timeout(PERIOD, under_way.next()).await else { continue };
        while let Some((client, was_told)) = ended {
            told += usize::from(was_told);
            if let Some(count) = busy.get_mut(&client) {
                *count = count.saturating_sub(1);
            }
            busy.retain(|_, count| *count > 0);
            ended = under_way.next().now_or_never().flatten();
        }
    }
}

/// Takes for this node as many as it has room for; `busy` are those under way by client. The attempt counts from here on.
async fn claim(app: &App, busy: &HashMap<i64, usize>) -> Result<Vec<LogoutTokenRow>, StoreError> {
    let room = SLOTS.saturating_sub(busy.values().sum());
    let full: Vec<i64> = busy.iter().filter(|(_, count)| **count >= OF_ONE_CLIENT).map(|(client, _)| *client).collect();
    if room == 0 {
        return Ok(Vec::new());
    }
    // Those under way may leave nothing to choose.
    let (now, busy, clients) = (app.clock.now(), busy.clone(), (room + busy.len()) as i64);
    let due = app.store.read(move |conn| {
        let mut due: Vec<Vec<LogoutTokenRow>> = Vec::new();
        for client in logout_tokens::clients_due(conn, now, &full, clients)? {
            let mut rows = logout_tokens::due_of_client(conn, client, now, OF_ONE_CLIENT as i64)?;
            // Whom one did not reach yet is asked with one alone whether it is there again.
            let most = if logout_tokens::is_in_trouble(conn, client)? { 1 } else { OF_ONE_CLIENT };
            rows.truncate(most.saturating_sub(busy.get(&client).copied().unwrap_or_default()));
            due.push(rows);
        }
        Ok(due)
    });
    // The first of each, then the second of each.
    let due = due.await?;
    let in_turn = |nth: usize| due.iter().filter_map(move |rows| rows.get(nth));
    let chosen: Vec<LogoutTokenRow> = (0..OF_ONE_CLIENT).flat_map(in_turn).take(room).cloned().collect();
    if chosen.is_empty() {
        return Ok(chosen);
    }
    let claimed = app.store.write(move |write| {
        let mut claimed = Vec::new();
        for row in &chosen {
            if logout_tokens::claim(write, row.id, now, now + CLAIM)? == 1 {
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
        Ok(quickly) => note_told(app, row, *quickly).await,
        Err(untold) => note_untold(app, row, untold).await,
    };
    if let Err(error) = noted {
        tracing::error!(%error, "what became of a logout token could not be noted; it is tried again later");
    }
    outcome.is_ok()
}

/// Whether the client took it quickly.
async fn tell(app: &App, row: &LogoutTokenRow) -> Result<bool, Untold> {
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
    let mut sent = pin!(app.client_upstream.send(Request { method: "POST", url, headers, body }));
    let (answer, quickly) = match tokio::time::timeout(QUICK, sent.as_mut()).await {
        Ok(answer) => (Ok(answer), true),
        Err(_) => (tokio::time::timeout(PATIENCE - QUICK, sent).await, false),
    };
    let answer = answer.map_err(|_| Untold::Silent(format!("no answer within {} seconds", PATIENCE.as_secs())))?;
    match answer {
        Ok(answer) if matches!(answer.status, 200 | 204) => Ok(quickly),
        Ok(answer) if answer.status >= 500 => Err(Untold::Silent(format!("it answered {}", answer.status))),
        Ok(answer) => Err(Untold::Refused(format!("it answered {}", answer.status))),
        Err(error @ OutboundError::Forbidden(_)) => Err(Untold::Never(error.to_string())),
        Err(error) => Err(Untold::Silent(error.to_string())),
    }
}

async fn note_told(app: &App, row: &LogoutTokenRow, quickly: bool) -> Result<(), StoreError> {
    app.metrics.event("logout_token_sent");
    let (id, client, now) = (row.id, row.client, app.clock.now());
    app.store
        .write(move |write| {
            logout_tokens::sent(write, id, now)?;
            if !quickly {
                logout_tokens::leave_alone(write, client, now, now + BREATH)?;
            }
            Ok(())
        })
        .await
}

async fn note_untold(app: &App, row: &LogoutTokenRow, untold: &Untold) -> Result<(), StoreError> {
    let (id, client, now, text) = (row.id, row.client, app.clock.now(), untold.to_string());
    let next = now + wait(row.attempts);
    let hopeless = matches!(untold, Untold::Never(_)) || next >= row.created_at + DAY;
    if !hopeless {
        app.metrics.event("logout_token_postponed");
        tracing::warn!(client, attempts = row.attempts, reason = text, "a client could not be told of a logout yet");
        let (claimed_until, broken) = (row.claimed_until.unwrap_or_default(), is_broken(untold) || row.attempts > 1);
        return app
            .store
            .write(move |write| {
                // One that refuses may refuse this token alone, the first time.
                let broken = broken || logout_tokens::is_in_trouble(write, client)?;
                logout_tokens::postpone(write, id, claimed_until, next, &text)?;
                if broken {
                    logout_tokens::leave_alone(write, client, now, next)?;
                }
                Ok(())
            })
            .await;
    }
    app.metrics.event("logout_token_given_up");
    tracing::warn!(client, attempts = row.attempts, reason = text, "a client is not told of a logout: given up");
    let known = app.store.view(move |rows| rows.get::<ClientRow>(client)).await?;
    let target = known.as_deref().map_or(Target::Named("client", ""), Target::Client);
    let event = audit::draft(app, None, "logout.untold", Actor::System, target, json!({ "reason": text }))?;
    let until = now + if matches!(untold, Untold::Never(_)) { FIRST_WAIT } else { LONGEST_WAIT };
    app.store
        .write(move |write| {
            if logout_tokens::give_up(write, id, now, &text)? == 1 {
                audit_events::insert(write, &event)?;
            }
            logout_tokens::leave_alone(write, client, now, until).map(drop)
        })
        .await
}

/// Whether the next token would fare no better.
fn is_broken(untold: &Untold) -> bool {
    matches!(untold, Untold::Silent(_))
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
