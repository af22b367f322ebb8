//! Logout tokens (OpenID Connect Back-Channel Logout 1.0): queued in the transaction that ends a session, signed when they
//! are sent, so that each attempt has a young token of its own.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::app::App;
use crate::crypto::random;
use crate::flows::openid::{algorithm, subject};
use crate::protocol::{NumericDate, jwt_type};
use crate::store::clients::ClientRow;
use crate::store::logout_tokens::{self, LogoutTokenRow};
use crate::store::sessions::SessionRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow, QueryResult, Store, Write, session_clients};

/// Seconds from a token's issue to its end (section 2.4: two minutes at most).
const LIFETIME: i64 = 120;

/// The one member of `events` (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Queues a token for each client the session signed in to that takes them. `told` are those that another session's end
/// in this transaction told: who does not tell sessions apart hears once of a person.
///
/// # Errors
/// The database's.
pub(super) fn queue(
    write: &mut Write<'_>,
    store: &Store,
    session: &SessionRow,
    told: &mut HashSet<(i64, String)>,
    now: NumericDate,
) -> QueryResult<()> {
    for id in session_clients::clients_of(write, session.root())? {
        let Some(client) = ClientRow::load(write, id)? else { continue };
        let registered = &client.metadata.0;
        if registered.backchannel_logout_uri.is_none() || !client.is_active() {
            continue;
        }
        let sid = session.known_as().to_owned();
        let heard = if registered.backchannel_logout_session_required { sid.clone() } else { String::new() };
        if !told.insert((id, heard)) {
            continue;
        }
        let row = LogoutTokenRow {
            id: store.id_within(write)?,
            client: id,
            user_id: session.user_id,
            sid,
            created_at: now,
            next_attempt_at: Some(now),
            claimed_until: None,
            attempts: 0,
            sent_at: None,
            failed_at: None,
            last_error: None,
        };
        logout_tokens::insert(write, &row)?;
    }
    Ok(())
}

/// The token (section 2.4), for the session of that name here. None while there is no key for the client's algorithm.
pub(super) fn token(app: &App, client: &ClientRow, user: &UserRow, sid: &str) -> Option<String> {
    let now = app.clock.now();
    let mut claims = json!({
        "iss": app.issuer.as_str(),
        "sub": subject::of(app, client, user),
        "aud": client.client_id,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": random::url_safe_text(16),
        "events": { EVENT: {} },
    });
    if client.metadata.0.backchannel_logout_session_required {
        claims["sid"] = Value::from(subject::session(app, client, sid));
    }
    app.keys.signing(algorithm(client))?.sign(jwt_type::LOGOUT_TOKEN, &claims).ok()
}
