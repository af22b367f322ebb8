//! Sign-in with login and password, the same for unknown and known people to the eye and to the clock (ASVS 6.3.8).

use serde_json::json;

use super::audit::{self, Actor, Target};
use super::caller::Caller;
use super::logout::end as logout;
use super::people::devices;
use super::session::{self, NewSession, SignedIn};
use super::sso::proof;
use crate::app::App;
use crate::app::throttle::{RetryAfter, spelling_key};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events};

/// Why nobody is signed in.
#[derive(Debug)]
pub enum SignInRefusal {
    /// Login or password is wrong, or the account may not be used; never which.
    Wrong,
    /// Too many attempts.
    Throttled(RetryAfter),
    /// The server cannot answer now.
    Unavailable(OAuthError),
}

impl From<SignInRefusal> for OAuthError {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::Unavailable(error) => error,
            SignInRefusal::Wrong => OAuthError::new(ErrorCode::AccessDenied, "the account was changed, sign in again"),
            SignInRefusal::Throttled(_) => {
                OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many attempts, try again later")
            }
        }
    }
}

impl From<StoreError> for SignInRefusal {
    fn from(error: StoreError) -> Self {
        SignInRefusal::Unavailable(error.into())
    }
}

/// Checks login and password and opens a session. `before` is the session the browser had: it ends, whoever's it was.
///
/// # Errors
/// [`SignInRefusal`].
pub async fn sign_in(
    app: &App,
    caller: &Caller,
    before: Option<&SignedIn>,
    login: &str,
    password: String,
) -> Result<NewSession, SignInRefusal> {
    let login_key = spelling_key(login);
    let key = login_key.clone();
    let attempt = app.throttles.passwords.begin(&login_key, caller.address).map_err(|retry| {
        app.metrics.sign_in_failed("throttled");
        SignInRefusal::Throttled(retry)
    })?;
    let found = app.store.read(move |conn| users::find_by_login_key(conn, &key)).await;
    let user = match found {
        Ok(user) => user,
        Err(error) => {
            app.throttles.passwords.not_tried(attempt);
            return Err(error.into());
        }
    };

    let usable = user.clone().filter(UserRow::is_active);
    let stored = usable.as_ref().and_then(|user| user.password_hash.clone());
    let rehash_from = stored.clone();
    let verdict = match app.passwords.verify(password.clone(), stored).await {
        Ok(verdict) => verdict,
        Err(overloaded) => {
            app.throttles.passwords.not_tried(attempt);
            return Err(SignInRefusal::Unavailable(overloaded.into()));
        }
    };
    let Some(user) = usable.filter(|_| verdict.ok) else {
        failed(app, caller, user.as_ref()).await?;
        return Err(SignInRefusal::Wrong);
    };
    app.throttles.passwords.succeeded(attempt);
    if verdict.needs_rehash {
        rehash(app, &user, rehash_from, password).await;
    }
    let new = open(app, caller, before, &user, "pwd").await?;
    app.metrics.signed_in();
    Ok(new)
}

/// Opens a session for somebody who has just proven who they are by `method` (RFC 8176), and ends the one before.
///
/// # Errors
/// [`SignInRefusal::Wrong`] when the account changed since `user` was read.
pub async fn open(
    app: &App,
    caller: &Caller,
    before: Option<&SignedIn>,
    user: &UserRow,
    method: &str,
) -> Result<NewSession, SignInRefusal> {
    let proofs = before.map_or(0, |before| before.session.authentication_count);
    let new = session::new(app, caller, user, method, proofs)?;
    let data = json!({ "method": method });
    let event = audit::draft(app, Some(caller), "sign_in", Actor::User(user), Target::User(user), data)?;
    let (row, user_id, now) = (new.row.clone(), user.id, app.clock.now());
    let old = before.map(|before| before.session.id);
    let (valid_from, store) = (user.valid_from, app.store.clone());
    // What organizations' providers proved of this person in this browser stays proven.
    let proofs = proof::inherited(app, before, user.id, row.id).await?;
    let sighting = devices::look(app, caller, user).await?;
    let opened = app
        .store
        .write(move |write| {
            logout::hold_for_replacing(write, user_id, old)?;
            // The password may have been changed, or the account disabled, while this one was being checked.
            if users::signed_in(write, user_id, valid_from, now)? == 0 {
                return Ok(false);
            }
            logout::replace(write, &store, &row, old, now)?;
            proof::carry_over(write, &proofs)?;
            audit_events::insert(write, &event)?;
            sighting.iter().try_for_each(|sighting| devices::note(write, sighting))?;
            Ok(true)
        })
        .await?;
    if opened { Ok(new) } else { Err(SignInRefusal::Wrong) }
}

/// What was typed is not kept unless it names an account: people type passwords into the wrong field.
async fn failed(app: &App, caller: &Caller, user: Option<&UserRow>) -> Result<(), StoreError> {
    app.metrics.sign_in_failed(match user {
        None => "unknown_account",
        Some(user) if !user.is_active() => "account_disabled",
        Some(_) => "wrong_password",
    });
    let target = user.map_or(Target::Named("login", ""), Target::User);
    let event = audit::draft(app, Some(caller), "sign_in.failed", Actor::Anonymous, target, json!({}))?;
    app.store.write(move |write| audit_events::insert(write, &event)).await?;
    Ok(())
}

/// Stronger parameters reach old hashes when their owner comes by; failing to do so changes nothing.
async fn rehash(app: &App, user: &UserRow, from: Option<String>, password: String) {
    let (Some(from), Ok(to)) = (from, app.passwords.hash(password).await) else { return };
    let id = user.id;
    if let Err(error) = app.store.write(move |write| users::rehash(write, id, &from, &to)).await {
        tracing::warn!(%error, "a password hash could not be upgraded");
    }
}
