//! Expired rows go in small batches. There is no index on their end: each round goes on where the last one stopped and
//! looks at a bounded window of ids, so that its cost depends on what there is to do and not on what there is.

use std::time::Duration;

use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::ends::{Perishable, delete, ends};
use crate::store::ids::first_id_of;
use crate::store::{StoreError, used_marks};

/// Rows looked at in one read, and deleted in one transaction at most.
const WINDOW: i64 = 500;

/// Windows in one round in which nothing was deleted, and windows in all.
const IDLE_WINDOWS: usize = 20;
const WINDOWS: usize = 1000;

/// How long a row is kept after its end, so that a late question still gets the precise answer.
const KEPT: i64 = 3600;

/// How far earlier rounds came, by table.
#[derive(Default)]
pub struct Progress {
    from: [i64; Perishable::ALL.len()],
}

/// Removes what is over.
pub async fn remove(app: &App, progress: &mut Progress) -> Result<(), StoreError> {
    let before = app.clock.now() - KEPT;
    for (table, from) in Perishable::ALL.into_iter().zip(&mut progress.from) {
        *from = walk(app, table, *from, before).await?;
    }
    app.store.write(move |write| used_marks::delete_old(write, before, WINDOW)).await?;
    Ok(())
}

/// Goes through the table from `from`; where the next round begins.
async fn walk(app: &App, table: Perishable, mut from: i64, before: NumericDate) -> Result<i64, StoreError> {
    // Younger rows cannot have ended before this.
    let below = first_id_of(before.max(0) * 1000);
    let mut idle = 0;
    for _ in 0..WINDOWS {
        let seen = app.store.read(move |conn| ends(conn, table, from, below, WINDOW)).await?;
        let Some(last) = seen.last().map(|row| row.id) else { return Ok(0) };
        let over: Vec<i64> = seen.iter().filter(|row| row.end < before).map(|row| row.id).collect();
        from = last + 1;
        if over.is_empty() {
            idle += 1;
        } else {
            app.store.write(move |write| delete(write, table, &over)).await?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if idle >= IDLE_WINDOWS {
            break;
        }
    }
    Ok(from)
}
