//! Logout: what ends with a session, who is told of it, and how applications ask for it.
//!
//! Whoever ends a session on purpose goes through [`end`]: it ends what the session's clients were given to last as long as
//! it does, and queues their logout tokens, all in the transaction of the end. A session that runs out by itself ends
//! nothing and tells nobody: tokens have ends of their own.

pub mod back_channel;
pub mod deliver;
pub mod end;
pub mod front_channel;
pub mod hint;
pub mod request;
pub mod resting;

use std::sync::Arc;

use super::audit::Actor;
use super::caller::Caller;
use super::session::{self, SignedIn};
use crate::app::App;
use crate::store::clients::ClientRow;
use crate::store::{StoreError, session_clients};

/// Applications named on a page at most, and as many that are told by it: each is a frame of the page.
pub const MOST: usize = 50;

/// The first [`MOST`] of the active clients this browser signed in to, the first one first.
///
/// # Errors
/// The store's.
pub async fn clients(app: &App, who: &SignedIn) -> Result<Vec<Arc<ClientRow>>, StoreError> {
    let mut all = all_clients(app, who).await?;
    all.truncate(MOST);
    Ok(all)
}

async fn all_clients(app: &App, who: &SignedIn) -> Result<Vec<Arc<ClientRow>>, StoreError> {
    let session = who.session.root();
    let ids = app.store.read(move |conn| session_clients::clients_of(conn, session)).await?;
    let found = app.store.view(move |rows| {
        let each = ids.iter().map(|id| rows.get::<ClientRow>(*id));
        each.collect::<Result<Vec<_>, _>>()
    });
    let active = |client: &Arc<ClientRow>| client.is_active();
    Ok(found.await?.into_iter().flatten().filter(active).collect())
}

/// Signs the browser out; the addresses its next page loads to tell clients that ask for that.
///
/// # Errors
/// The store's.
pub async fn sign_out(app: &App, caller: &Caller, who: &SignedIn) -> Result<Vec<String>, StoreError> {
    let clients = all_clients(app, who).await?;
    let frames = clients.iter().filter_map(|client| front_channel::address(app, client, who.session.known_as()));
    let mut frames: Vec<String> = frames.collect();
    if frames.len() > MOST {
        tracing::warn!(
            wanted = frames.len(),
            told = MOST,
            "a page frames no more clients than that: some are not told"
        );
        frames.truncate(MOST);
    }
    // Whoever signs out twice is signed out.
    let caller = &caller.without_terms();
    session::end(app, caller, Actor::User(&who.user), &who.user, &who.session.sid).await?;
    Ok(frames)
}
