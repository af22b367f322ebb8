//! Sessions that nobody ended and that open nothing any more: unused for too long, or at the end of their lifetime. What hangs
//! on them lives on, so that somebody who signs out then means them too.

use std::sync::Arc;

use super::request::Asked;
use crate::app::App;
use crate::crypto::token::{TokenKind, TokenText};
use crate::flows::session::{self, SessionRow, SignedIn};
use crate::store::session_proofs::Proofs;
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, StoreError, session_clients, sessions};

/// Sessions of one client that are looked at, where its name for the person tells nobody here who that is.
const LOOKED_AT: i64 = 1000;

/// The resting session of a cookie.
///
/// # Errors
/// The store's.
pub async fn of_cookie(app: &App, cookie: &str) -> Result<Option<SignedIn>, StoreError> {
    let Ok(parsed) = TokenText::parse(TokenKind::SessionCookie, cookie) else { return Ok(None) };
    let id = parsed.id;
    let found = app.store.read(move |conn| {
        let Some(session) = SessionRow::load(conn, id)? else { return Ok(None) };
        Ok(UserRow::load(conn, session.user_id)?.map(|user| whose(session, user)))
    });
    let found = found.await?.filter(|who| parsed.digest.matches(&who.session.digest));
    Ok(found.filter(|who| rests(app, who)))
}

/// The resting session of the ID token a request shows. One that is open, in whatever browser, is ended there: whoever holds
/// an old ID token signs nobody out who is here.
///
/// # Errors
/// The store's.
pub async fn of_hint(app: &App, asked: &Asked) -> Result<Option<SignedIn>, StoreError> {
    let (Some(hint), Some(client)) = (&asked.hint, &asked.client) else { return Ok(None) };
    let (subject, client_id) = (hint.subject().to_owned(), client.id);
    let found = app.store.read(move |conn| {
        if let Some(user) = users::find_by_sub(conn, &subject)? {
            let open = sessions::not_ended(conn, user.id)?;
            return Ok(open.into_iter().map(|session| whose(session, user.clone())).collect());
        }
        let mut found = Vec::new();
        for root in session_clients::sessions_of(conn, client_id, LOOKED_AT)? {
            for session in sessions::not_ended_from(conn, root)? {
                if let Some(user) = UserRow::load(conn, session.user_id)? {
                    found.push(whose(session, user));
                }
            }
        }
        Ok(found)
    });
    let found: Vec<SignedIn> = found.await?;
    Ok(found.into_iter().find(|who| rests(app, who) && hint.is_of(app, client, who)))
}

fn whose(session: SessionRow, user: UserRow) -> SignedIn {
    SignedIn { session: Arc::new(session), user: Arc::new(user), proofs: Arc::new(Proofs::default()) }
}

fn rests(app: &App, who: &SignedIn) -> bool {
    let open = session::is_open(app, &who.session, app.clock.now()) && who.user.still_honours(who.session.id);
    who.session.ended_at.is_none() && !open
}
