//! The session that a sign-in through an upstream opens: a new one every time (C55), with the proof in it.

use serde_json::json;

use super::proof;
use crate::app::App;
use crate::crypto::token::PlainToken;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::logout::end as logout;
use crate::flows::people::devices;
use crate::flows::session::{self, SignedIn};
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::session_proofs::{self, SessionProofRow};
use crate::store::sessions::SessionRow;
use crate::store::users::{self, UserRow};
use crate::store::{QueryResult, Store, StoreError, Write};

/// `authentication_method` of a session in which only an upstream has vouched.
pub const METHOD: &str = session::BY_PROVIDER;

/// All that goes into the transaction.
#[derive(Clone)]
pub struct Opening {
    row: SessionRow,
    valid_from: i64,
    old: Option<i64>,
    inherited: Vec<SessionProofRow>,
    sighting: Option<devices::Sighting>,
    event: AuditEventRow,
    proof_id: i64,
    proven_at: NumericDate,
    freshness: i64,
    store: Store,
}

/// Draws what the transaction needs. Somebody who is signed in to the same account keeps the factor they gave.
///
/// # Errors
/// The store's.
pub async fn prepare(
    app: &App,
    caller: &Caller,
    before: Option<&SignedIn>,
    user: &UserRow,
    organization_id: i64,
    auth_time: Option<NumericDate>,
) -> Result<(PlainToken, Opening), StoreError> {
    let count = before.map_or(0, |before| before.session.authentication_count);
    let mut new = session::new(app, caller, user, METHOD, count)?;
    let own = before.filter(|before| before.user.id == user.id && before.session.authentication_method != METHOD);
    match own {
        Some(before) => {
            new.row.authentication_method.clone_from(&before.session.authentication_method);
            new.row.authenticated_at = before.session.authenticated_at;
            // The provider's word renews nothing but its own proof.
            new.row.expires_at = before.session.expires_at;
        }
        // The upstream's own session may be older than this visit.
        None => {
            new.row.authenticated_at =
                auth_time.map_or(new.row.authenticated_at, |at| at.min(new.row.authenticated_at));
        }
    }
    let data = json!({ "method": METHOD });
    let event = audit::draft(app, Some(caller), "sign_in", Actor::User(user), Target::User(user), data)?;
    let opening = Opening {
        inherited: proof::inherited(app, before, user.id, new.row.id).await?,
        sighting: devices::look(app, caller, user).await?,
        valid_from: user.valid_from,
        old: before.map(|before| before.session.id),
        event: audit::of_organization(event, organization_id),
        proof_id: app.store.next_id()?,
        // An upstream that does not say when the person signed in there has proven nothing new (`prompt=login`).
        proven_at: auth_time.map_or(0, |at| at.min(app.clock.now())),
        freshness: app.config.sso.freshness,
        store: app.store.clone(),
        row: new.row,
    };
    Ok((new.cookie, opening))
}

/// Opens the session with its proof, in the transaction of the identity it rests on. False when the account changed.
///
/// # Errors
/// The database's.
pub fn open(
    write: &mut Write<'_>,
    opening: &Opening,
    organization_id: i64,
    provider_id: i64,
    identity_id: i64,
    now: NumericDate,
) -> QueryResult<bool> {
    logout::hold_for_replacing(write, opening.row.user_id, opening.old)?;
    if users::signed_in(write, opening.row.user_id, opening.valid_from, now)? == 0 {
        return Ok(false);
    }
    // A session that was ended while its browser was upstream does not live on in a new one.
    if !logout::replace(write, &opening.store, &opening.row, opening.old, now)? {
        return Ok(false);
    }
    proof::carry_over(write, &opening.inherited)?;
    let expires_at = now + opening.freshness;
    let proof = proof::Proof { organization_id, provider_id, identity_id, proven_at: opening.proven_at, expires_at };
    session_proofs::renew(write, &proof::row(opening.proof_id, opening.row.id, proof))?;
    audit_events::insert(write, &opening.event)?;
    opening.sighting.iter().try_for_each(|sighting| devices::note(write, sighting))?;
    Ok(true)
}
