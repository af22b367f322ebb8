//! Whether this node can do its work now.

use std::time::Duration;

use crate::app::App;
use crate::store::instance;

/// Milliseconds this node's clock may differ from the database's.
const MAXIMUM_SKEW: i64 = 2_000;
const WITHIN: Duration = Duration::from_secs(2);

/// What each check says; an empty list of faults is a ready node.
pub async fn faults(app: &App) -> Vec<&'static str> {
    let read = tokio::time::timeout(WITHIN, app.store.read(instance::get));
    // An empty transaction: it passes the queue and the writer, and leaves nothing.
    let write = tokio::time::timeout(WITHIN, app.store.write(|_| Ok(())));
    let (read, write) = tokio::join!(read, write);
    let checks = [
        (matches!(read, Ok(Ok(Some(_)))), "the database cannot be read"),
        (matches!(write, Ok(Ok(()))), "the database cannot be written"),
        (app.store.skew_millis().abs() <= MAXIMUM_SKEW, "the clock is more than two seconds off the database's"),
    ];
    checks.into_iter().filter(|(good, _)| !good).map(|(_, fault)| fault).collect()
}
