//! A person's own applications. Switched off ones stay visible to whoever has to mend them (S60).

use std::sync::Arc;

use super::ApplicationRefusal as Refusal;
use crate::app::App;
use crate::flows::client_lookup;
use crate::protocol::NumericDate;
use crate::store::clients::{self, ClientRow};
use crate::store::users::UserRow;
use crate::store::{StoreError, client_secrets};

/// An application and hints of its secrets.
pub struct Owned {
    /// The row.
    pub row: Arc<ClientRow>,
    /// Newest first.
    pub hints: Vec<Hint>,
}

/// What may be known of a secret.
pub struct Hint {
    /// Its last four characters.
    pub last_four: String,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
}

/// Some of them.
pub struct ApplicationPage {
    /// By name.
    pub applications: Vec<Arc<ClientRow>>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// Between name and identifier of a position; no name has one.
const BETWEEN: char = '\n';

/// The person's applications by name, after a position.
///
/// # Errors
/// The store's.
pub async fn page(app: &App, user: &UserRow, after: &str, limit: i64) -> Result<ApplicationPage, StoreError> {
    let (owner, after) = (user.id, after.to_owned());
    let mut rows = app
        .store
        .read(move |conn| {
            let after = after.split_once(BETWEEN).unwrap_or((&after, ""));
            clients::page_of_owner(conn, owner, after, limit + 1)
        })
        .await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    let next = rows.last().filter(|_| more).map(|row| format!("{}{BETWEEN}{}", row.name, row.client_id));
    Ok(ApplicationPage { applications: rows.into_iter().map(Arc::new).collect(), next })
}

/// One of the person's applications; somebody else's is not found (C70).
///
/// # Errors
/// [`Refusal::NotFound`], or the store's.
pub async fn show(app: &App, user: &UserRow, client_id: &str) -> Result<Owned, Refusal> {
    let found = client_lookup::find(app, client_id).await?;
    let row = found.filter(|row| row.owner_id == Some(user.id)).ok_or(Refusal::NotFound)?;
    let (id, now) = (row.id, app.clock.now());
    let secrets = app.store.read(move |conn| client_secrets::list(conn, id)).await?;
    let hints = secrets.into_iter().filter(|secret| secret.is_live(now)).map(|secret| Hint {
        last_four: secret.last_four,
        created_at: secret.created_at,
        expires_at: secret.expires_at,
    });
    Ok(Owned { row, hints: hints.collect() })
}
