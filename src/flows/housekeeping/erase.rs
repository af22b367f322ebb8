//! Salts of refresh tokens whose grace window is over: from then on not even the key's holder can compute the token.

use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::ids::first_id_of;
use crate::store::{StoreError, clients, refresh_tokens};

/// Rows in one read.
const WINDOW: i64 = 500;

/// Windows in one round.
const WINDOWS: usize = 1000;

/// A row made this long ago is committed, or never will be.
const SLOWEST_COMMIT: i64 = 60;

/// How far earlier rounds came: no row with a smaller id has a salt.
#[derive(Default)]
pub struct Erased {
    /// The id.
    pub up_to: i64,
}

/// The longest time any retry may ask for its pair again, in seconds.
pub async fn longest_window(app: &App) -> Result<i64, StoreError> {
    let tokens = &app.config.tokens;
    let of_clients = app.store.read(clients::longest_refresh_grace).await?;
    Ok(tokens.refresh_grace_confidential.max(tokens.refresh_grace_public).max(of_clients))
}

/// Erases what no retry may ask for any more.
pub async fn salts(app: &App, erased: &mut Erased) -> Result<(), StoreError> {
    let before: NumericDate = app.clock.now() - longest_window(app).await?;
    let settled = first_id_of((before - SLOWEST_COMMIT).max(0) * 1000);
    // Looked at again each round, because a row drawn earlier may be committed later.
    let mut from = erased.up_to;
    let below = first_id_of(before.max(0) * 1000);
    for _ in 0..WINDOWS {
        let seen = app.store.read(move |conn| refresh_tokens::salted(conn, from, below, WINDOW)).await?;
        let Some(last) = seen.last().map(|row| row.0) else {
            erased.up_to = settled.max(erased.up_to);
            break;
        };
        from = last + 1;
        let salted: Vec<i64> = seen.into_iter().filter(|(_, salted)| *salted).map(|(id, _)| id).collect();
        if !salted.is_empty() {
            app.store.write(move |write| refresh_tokens::erase_salts(write, &salted)).await?;
        }
        erased.up_to = from.min(settled).max(erased.up_to);
    }
    Ok(())
}
