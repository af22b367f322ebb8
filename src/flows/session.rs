//! Sessions: a browser's sign-in here, read from its cookie at every request.

use std::sync::Arc;

use serde_json::json;

use super::audit::{self, Actor, Target};
use super::caller::Caller;
use super::logout::end as logout;
use super::terms;
use crate::app::App;
use crate::app::last_used::Used;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind, TokenText};
use crate::protocol::NumericDate;
use crate::store::session_proofs::Proofs;
use crate::store::sessions::{self, Open};
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events};

pub use crate::store::sessions::SessionRow;

/// Somebody who is signed in.
#[derive(Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Arc<SessionRow>,
    /// Its user.
    pub user: Arc<UserRow>,
    /// At which organizations' providers the session has proven the person.
    pub proofs: Arc<Proofs>,
}

/// [`SessionRow::authentication_method`] of a session that only an organization's provider vouches for.
pub const BY_PROVIDER: &str = "sso";

impl SignedIn {
    /// Whether this server itself knows that it is the person. An organization's provider vouches for the organization
    /// only, or its administrator could become the person elsewhere; accounts it brought have no other factor.
    pub fn has_local_factor(&self, now: NumericDate) -> bool {
        self.session.authentication_method != BY_PROVIDER
            || self.user.managed_by.is_some_and(|organization| self.is_proven_at(organization, now))
    }

    /// When the person last proved who they are, as far as that is known: where only a provider vouched, what the one of
    /// the organization that manages the account told of it (OpenID Connect Core section 2, `auth_time`), and the
    /// distant past when it does not tell. That it answered is no new proof: its own session may be a week old.
    pub fn proven_at(&self) -> NumericDate {
        if self.session.authentication_method != BY_PROVIDER {
            return self.session.authenticated_at;
        }
        self.user.managed_by.map_or(0, |organization| self.proven_upstream_at(organization))
    }

    /// When the provider of the organization says that the person signed in there; the distant past when it does not.
    fn proven_upstream_at(&self, organization_id: i64) -> NumericDate {
        let ours = self.proofs.0.iter().find(|proof| proof.organization_id == organization_id);
        ours.map_or(0, |proof| proof.proven_at)
    }

    /// Whether the provider of the organization vouched in this session, lately enough.
    pub fn is_proven_at(&self, organization_id: i64, now: NumericDate) -> bool {
        self.proofs.0.iter().any(|proof| proof.organization_id == organization_id && now < proof.expires_at)
    }

    /// Whether the person proved who they are within `seconds`: the dangerous pages ask (ASVS 7.5.3).
    pub fn is_fresh(&self, now: i64, seconds: i64) -> bool {
        // A provider that does not tell when it saw the person leaves only the time of its answer.
        let known = Some(self.proven_at()).filter(|at| *at > 0);
        now - known.unwrap_or(self.session.authenticated_at) < seconds
    }
}

/// A session to be stored, and the cookie that opens it.
pub struct NewSession {
    /// For the cookie.
    pub cookie: PlainToken,
    /// For the table.
    pub row: SessionRow,
}

/// The session a cookie opens, if session and user are good now.
pub async fn current(app: &App, cookie: &str) -> Result<Option<SignedIn>, StoreError> {
    let Ok(parsed) = TokenText::parse(TokenKind::SessionCookie, cookie) else { return Ok(None) };
    let id = parsed.id;
    let found = app
        .store
        .view(move |rows| {
            let Some(session) = rows.get::<SessionRow>(id)? else { return Ok(None) };
            let Some(user) = rows.get::<UserRow>(session.user_id)? else { return Ok(None) };
            let proofs = rows.get::<Proofs>(id)?.unwrap_or_default();
            Ok(Some(SignedIn { session, user, proofs }))
        })
        .await?;
    let now = app.clock.now();
    let good = |found: &SignedIn| {
        parsed.digest.matches(&found.session.digest)
            && is_open(app, &found.session, now)
            && found.user.still_honours(found.session.id)
    };
    let found = found.filter(good);
    if let Some(found) = &found {
        app.last_used.note(Used::Session(found.session.id), now);
    }
    Ok(found)
}

/// Whether nobody ended the session and neither limit has passed.
pub fn is_open(app: &App, session: &SessionRow, now: i64) -> bool {
    session.ended_at.is_none()
        && now < session.expires_at
        && now < session.last_seen_at + app.config.sign_in.session_idle
        && session.id >= app.keys.epoch
}

/// Seconds until the session that a request just came in runs out, if no other one comes.
pub fn seconds_left(app: &App, session: &SessionRow) -> i64 {
    (session.expires_at - app.clock.now()).min(app.config.sign_in.session_idle)
}

/// A new session. Its id and secret are new at every sign-in, so that a planted cookie is worth nothing (C55), and so is
/// its public name: by that `prompt=login` tells a new proof from an old one.
/// `proofs` is how often this browser proved its user before.
pub fn new(app: &App, caller: &Caller, user: &UserRow, method: &str, proofs: i64) -> Result<NewSession, StoreError> {
    let id = app.store.next_id()?;
    let now = app.clock.now();
    let cookie = PlainToken::new(TokenKind::SessionCookie, id, random::secret().expose());
    let row = SessionRow {
        id,
        sid: random::url_safe_text(16),
        user_id: user.id,
        digest: cookie.digest().as_bytes().to_vec(),
        created_at: now,
        authenticated_at: now,
        authentication_count: proofs + 1,
        authentication_method: method.to_owned(),
        last_seen_at: now,
        expires_at: now + app.config.sign_in.session_lifetime,
        ended_at: None,
        user_agent: caller.user_agent.chars().take(200).collect(),
        address: caller.address.to_string(),
        first_session: None,
        client_sid: None,
    };
    Ok(NewSession { cookie, row })
}

/// Told at once at most, wherever nobody asks for a page.
pub const MOST: usize = 1000;

/// Some of a person's open sessions, and where the rest begins.
pub struct Found {
    /// Newest first.
    pub sessions: Vec<SessionRow>,
    /// After what the rest begins.
    pub next: Option<String>,
}

/// The newest [`MOST`] of the person's open sessions.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, user: &UserRow) -> Result<Vec<SessionRow>, StoreError> {
    Ok(page(app, user, "", MOST).await?.sessions)
}

/// Which of the person's sessions are open now; the same rule as [`is_open`].
pub(in crate::flows) fn open(app: &App, user: &UserRow) -> Open {
    let now = app.clock.now();
    let seen_after = now - app.config.sign_in.session_idle;
    Open { now, seen_after, least_id: user.valid_from.max(app.keys.epoch) }
}

/// Those after `after`, a position or nothing. A position that is none is the beginning.
///
/// # Errors
/// The store's.
pub async fn page(app: &App, user: &UserRow, after: &str, limit: usize) -> Result<Found, StoreError> {
    let (user_id, open) = (user.id, open(app, user));
    let beyond = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let (at, sid) = after.split_once('\n').unwrap_or_default();
    let (at, sid) = (at.parse().unwrap_or(i64::MAX), sid.to_owned());
    let mut rows = app.store.read(move |conn| sessions::page_open(conn, user_id, open, (at, &sid), beyond)).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    // Names that say nothing: a row's id tells how much is going on here.
    let next = rows.last().filter(|_| more).map(|row| format!("{}\n{}", row.created_at, row.sid));
    Ok(Found { sessions: rows, next })
}

/// Ends the session with this public name, if it is the person's own. Signing out ends it on the server (ASVS 7.4.1).
pub async fn end(app: &App, caller: &Caller, actor: Actor<'_>, user: &UserRow, sid: &str) -> Result<bool, StoreError> {
    let sid = sid.to_owned();
    let Some(row) = app.store.read(move |conn| sessions::find_by_sid(conn, &sid)).await? else { return Ok(false) };
    if row.user_id != user.id {
        return Ok(false);
    }
    let (id, now, store) = (row.id, app.clock.now(), app.store.clone());
    let event = audit::draft(app, Some(caller), "session.end", actor, Target::User(user), json!({}))?;
    terms::of(app, Some(caller))
        .write(move |write| {
            let ended = logout::one(write, &store, id, now)?;
            if ended {
                audit_events::insert(write, &event)?;
            }
            Ok(ended)
        })
        .await
}

/// Ends all of the person's sessions but the one with row id `keep`; the count of those ended.
pub async fn end_others(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    keep: Option<i64>,
) -> Result<usize, StoreError> {
    let (user_id, now, store) = (user.id, app.clock.now(), app.store.clone());
    let event = audit::draft(app, Some(caller), "session.end_others", actor, Target::User(user), json!({}))?;
    terms::of(app, Some(caller))
        .write(move |write| {
            let ended = logout::all(write, &store, user_id, keep, now)?;
            if ended > 0 {
                audit_events::insert(write, &event)?;
            }
            Ok(ended)
        })
        .await
}
