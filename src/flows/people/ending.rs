//! What ends with somebody's account, or with what they let one application do: told before it does.

use super::authorizations::Authorized;
use crate::app::App;
use crate::flows::session;
use crate::store::client_usage::Counted;
use crate::store::users::UserRow;
use crate::store::{
    StoreError, authorizations, client_usage, clients, organization_members, personal_tokens, sessions,
};

/// Counted no further.
const MOST: usize = 1000;

/// What ends with an account.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// Browsers that are signed in.
    pub sessions: Counted,
    /// Applications that may do something; one in two organizations counts twice.
    pub authorizations: Counted,
    /// Personal tokens.
    pub personal_tokens: Counted,
    /// Memberships.
    pub organizations: Counted,
    /// Applications nobody answers for afterwards.
    pub owned: Counted,
}

/// What ends with the person's account.
///
/// # Errors
/// The store's.
pub async fn of_account(app: &App, user: &UserRow) -> Result<Ending, StoreError> {
    let (id, open) = (user.id, session::open(app, user));
    let most = i64::try_from(MOST).unwrap_or(i64::MAX).saturating_add(1);
    let read = app.store.read(move |conn| {
        Ok(Ending {
            sessions: up_to_most(sessions::page_open(conn, id, open, (i64::MAX, ""), most)?.len()),
            authorizations: up_to_most(authorizations::count_of_user(conn, id, most)?),
            personal_tokens: all(personal_tokens::count_of_user(conn, id)?),
            organizations: up_to_most(organization_members::of_user(conn, id)?.len()),
            owned: all(clients::count_of_owner(conn, id)?),
        })
    });
    read.await
}

/// Tokens that end when the person takes this authorization back.
///
/// # Errors
/// The store's.
pub async fn of_authorization(app: &App, authorization: &Authorized) -> Result<Counted, StoreError> {
    let (id, now) = (authorization.id, app.clock.now());
    app.store.read(move |conn| client_usage::live_tokens_of(conn, id, now, MOST)).await
}

fn up_to_most(count: usize) -> Counted {
    Counted { count: count.min(MOST), more: count > MOST }
}

fn all(count: i64) -> Counted {
    Counted { count: usize::try_from(count).unwrap_or_default(), more: false }
}
