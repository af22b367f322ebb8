//! Salts of refresh tokens whose grace window is over: from then on not even the key's holder can compute the token.

use crate::app::App;
use crate::store::ids::first_id_of;
use crate::store::{StoreError, clients, refresh_tokens};

/// Rows in one transaction.
const BATCH: i64 = 500;

/// How far earlier rounds came.
#[derive(Default)]
pub struct Erased {
    up_to: i64,
}

/// Erases what no retry may ask for any more.
pub async fn salts(app: &App, erased: &mut Erased) -> Result<(), StoreError> {
    let tokens = &app.config.tokens;
    let longest_of_clients = app.store.read(clients::longest_refresh_grace).await?;
    let window = tokens.refresh_grace_confidential.max(tokens.refresh_grace_public).max(longest_of_clients);
    let before = app.clock.now() - window;
    let from = erased.up_to;
    loop {
        let done = app.store.write(move |write| refresh_tokens::erase_salts(write, from, before, BATCH)).await?;
        if done < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            break;
        }
    }
    erased.up_to = first_id_of(before.max(0) * 1000);
    Ok(())
}
