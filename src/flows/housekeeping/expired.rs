//! Expired rows go in small batches: a range of old ids plus a check of their own end, so that no index is needed.

use std::time::Duration;

use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::ids::first_id_of;
use crate::store::{
    QueryResult, StoreError, Write, access_tokens, consent_requests, grants, refresh_tokens, sessions, used_marks,
};

/// Rows in one transaction: short enough that nobody waits for it.
const BATCH: i64 = 500;

/// Batches of one table in one round.
const BATCHES: usize = 200;

/// How long a row is kept after its end, so that a late question still gets the precise answer.
const KEPT: i64 = 3600;

type Delete = fn(&mut Write<'_>, i64, NumericDate, i64) -> QueryResult<usize>;

/// Removes what is over.
pub async fn remove(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let before = now - KEPT;
    let tokens = &app.config.tokens;
    let ranges: [(Delete, i64); 6] = [
        (access_tokens::delete_old, tokens.access_token_lifetime),
        (refresh_tokens::delete_old, tokens.refresh_idle_lifetime.min(tokens.refresh_absolute_lifetime)),
        (grants::delete_old, tokens.access_token_lifetime),
        (|write, _, before, batch| consent_requests::delete_old(write, before, batch), 0),
        (|write, _, before, batch| used_marks::delete_old(write, before, batch), 0),
        (|write, _, before, batch| sessions::delete_old(write, before, batch), 0),
    ];
    for (delete, lifetime) in ranges {
        // Nothing made later than this can have ended by its default lifetime.
        let below = first_id_of((before - lifetime).max(0) * 1000);
        for _ in 0..BATCHES {
            let deleted = app.store.write(move |write| delete(write, below, before, BATCH)).await?;
            if deleted < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}
