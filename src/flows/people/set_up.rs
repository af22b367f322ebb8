//! The first administrator: an empty server prints a one-time link; there is no default account (ASVS 6.3.2).

use serde_json::json;

use super::{NewPerson, PersonRefusal, details};
use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenDigest, TokenKind, TokenText};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::store::users::{self, UserRow};
use crate::store::{StoreError, audit_events, instance};

/// The link's address, while nobody has an account: for the operator's eyes, at each start. A new link replaces the one
/// before.
///
/// # Errors
/// The store's.
pub async fn offer(app: &App) -> Result<Option<String>, StoreError> {
    if !app.store.read(users::is_empty).await? {
        return Ok(None);
    }
    let token = PlainToken::new(TokenKind::SetUpLink, app.store.next_id()?, random::secret().expose());
    let digest = token.digest();
    app.store.write(move |write| instance::set_setup(write, Some(digest.as_bytes()))).await?;
    Ok(Some(app.issuer.endpoint(&format!("/set-up?token={}", token.expose()))))
}

/// Whether the link would work now; looking does not use it up.
///
/// # Errors
/// [`PersonRefusal::LinkVoid`], or the store's.
pub async fn check(app: &App, token: &str) -> Result<(), PersonRefusal> {
    let digest = digest(token)?;
    let (row, empty) = app.store.read(|conn| Ok((instance::get(conn)?, users::is_empty(conn)?))).await?;
    let stored = row.and_then(|row| row.setup_digest);
    match stored.filter(|_| empty).is_some_and(|stored| digest.matches(&stored)) {
        true => Ok(()),
        false => Err(PersonRefusal::LinkVoid),
    }
}

/// Uses the link: makes the first administrator. Of many at once one wins (C60); a form with faults uses nothing up.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn set_up(app: &App, caller: &Caller, token: &str, new: NewPerson) -> Result<UserRow, PersonRefusal> {
    let digest = digest(token)?;
    // Before the costly hash, so that a stranger without the link costs nothing.
    check(app, token).await?;
    let new = NewPerson { administrator: true, password: Some(new.password.unwrap_or_default()), ..new };
    let row = details::row(app, new).await?;
    let data = json!({ "administrator": true });
    let event = audit::draft(app, Some(caller), "user.set_up", Actor::User(&row), Target::User(&row), data)?;
    let first = row.clone();
    let made = app
        .store
        .write(move |write| {
            if instance::use_setup(write, digest.as_bytes())? == 0 || !users::is_empty(write)? {
                return Ok(false);
            }
            users::insert(write, &first)?;
            audit_events::insert(write, &event)?;
            Ok(true)
        })
        .await?;
    if made { Ok(row) } else { Err(PersonRefusal::LinkVoid) }
}

fn digest(token: &str) -> Result<TokenDigest, PersonRefusal> {
    let parsed = TokenText::parse(TokenKind::SetUpLink, token).map_err(|_| PersonRefusal::LinkVoid)?;
    Ok(parsed.digest)
}
