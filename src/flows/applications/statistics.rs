//! How a developer's application is doing: who uses it, and why its requests are refused.

use super::ApplicationRefusal as Refusal;
use super::show;
use crate::app::App;
use crate::flows::explain::{self, Explanation};
use crate::protocol::NumericDate;
use crate::store::users::UserRow;
use crate::store::{StoreError, authorizations, client_secrets, client_usage};

pub use crate::store::client_usage::Counted;

/// Counted no further.
const MOST: usize = 1000;

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub struct Statistics {
    /// People who let it do something; one in two organizations counts twice.
    pub users: Counted,
    /// Access tokens that work now.
    pub live_tokens: Counted,
    /// When a token was last got or a secret last used, to the minute.
    pub last_used_at: Option<NumericDate>,
}

/// Counts what one of the person's applications has.
///
/// # Errors
/// [`Refusal::NotFound`], or the store's.
pub async fn statistics(app: &App, user: &UserRow, client_id: &str) -> Result<Statistics, Refusal> {
    Ok(of(app, show(app, user, client_id).await?.row.id).await?)
}

/// Counts what a client has, whoever's it is.
///
/// # Errors
/// The store's.
pub async fn of(app: &App, id: i64) -> Result<Statistics, StoreError> {
    let now = app.clock.now();
    let counted = app.store.read(move |conn| {
        let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
        let users = authorizations::count_of_client(conn, id, limit + 1)?;
        let live_tokens = client_usage::live_tokens(conn, id, now, MOST)?;
        let secrets = client_secrets::list(conn, id)?;
        let used = client_usage::last_used(conn, id, limit)?;
        let last_used_at = secrets.into_iter().filter_map(|secret| secret.last_used_at).chain(used).max();
        Ok(Statistics { users: Counted { count: users.min(MOST), more: users > MOST }, live_tokens, last_used_at })
    });
    counted.await
}

/// The newest refusals of one of the person's applications with what stood behind each.
///
/// # Errors
/// [`Refusal::NotFound`], or the store's.
pub async fn refusals(app: &App, user: &UserRow, client_id: &str, limit: i64) -> Result<Vec<Explanation>, Refusal> {
    let row = show(app, user, client_id).await?.row;
    Ok(explain::recent(app, Some(&row.client_id), limit).await?)
}
