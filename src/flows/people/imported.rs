//! Somebody another server knew: what it said of them, checked field by field and made a row.

use super::PersonRefusal;
use super::details::{check_email, check_login, check_name};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::crypto::imported_password::ImportedPassword;
use crate::crypto::random;
use crate::protocol::NumericDate;
use crate::store::StoreError;
use crate::store::types::Json;
use crate::store::users::UserRow;

/// An account as another server had it. Has no `Debug`: it holds a password's hash.
pub struct ImportedPerson {
    /// What the person signs in with.
    pub login: String,
    /// Display name; the login where empty.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the other server had made sure that the address is the person's.
    pub email_verified: bool,
    /// Whether the account may be used; none where the other server does not say.
    pub active: Option<bool>,
    /// May administer the server.
    pub administrator: bool,
    /// When the account was made there.
    pub created_at: Option<NumericDate>,
    /// None for people who cannot sign in with a password.
    pub password: Option<String>,
}

/// What is wrong with one field.
#[derive(Debug, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct FieldRefusal {
    /// Which one.
    pub field: &'static str,
    /// What is wrong with it; never what stands in it, when that is a hash.
    pub reason: String,
}

impl FieldRefusal {
    /// A field and what is wrong with it.
    pub fn new(field: &'static str, reason: impl ToString) -> FieldRefusal {
        FieldRefusal { field, reason: reason.to_string() }
    }
}

/// The text, if it can be a login: what else stands in that place, such as a hash of a shifted column, is not repeated.
pub fn shown_login(text: &str) -> &str {
    if check_login(text.trim()).is_ok() { text.trim() } else { "" }
}

/// Checks every field; the hash comes back in the spelling that is kept.
///
/// # Errors
/// The first field that is wrong.
pub fn check(mut person: ImportedPerson, now: NumericDate) -> Result<ImportedPerson, FieldRefusal> {
    person.login = person.login.trim().to_owned();
    let refuse = |field: &'static str| move |refusal: PersonRefusal| FieldRefusal::new(field, refusal);
    check_login(&person.login).map_err(refuse("login"))?;
    person.name = match person.name.trim() {
        "" => person.login.clone(),
        name => name.to_owned(),
    };
    check_name(&person.name).map_err(refuse("name"))?;
    person.email = person.email.map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
    person.email.as_deref().map_or(Ok(()), check_email).map_err(refuse("email"))?;
    if person.email_verified && person.email.is_none() {
        return Err(FieldRefusal::new("email_verified", "there is no e-mail address to be verified"));
    }
    if person.created_at.is_some_and(|at| at < 0 || at > now) {
        return Err(FieldRefusal::new("created_at", "neither before 1970 nor in the future"));
    }
    person.password = match person.password {
        None => None,
        Some(hash) => {
            let read = ImportedPassword::parse(hash.trim());
            Some(read.map_err(|refusal| FieldRefusal::new("password_hash", refusal))?.into_text())
        }
    };
    Ok(person)
}

/// A new row for somebody [`check`] let pass.
///
/// # Errors
/// The store's, for want of an id.
pub fn row(app: &App, person: &ImportedPerson) -> Result<UserRow, StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    Ok(UserRow {
        id,
        sub: random::url_safe_text(16),
        login: person.login.clone(),
        login_key: spelling_key(&person.login),
        name: person.name.clone(),
        email: person.email.clone(),
        password_hash: person.password.clone(),
        administrator: person.administrator,
        status: if person.active.unwrap_or(true) { "active" } else { "disabled" }.to_owned(),
        valid_from: 0,
        created_at: person.created_at.unwrap_or(now),
        password_changed_at: None,
        last_sign_in_at: None,
        email_verified_at: person.email_verified.then_some(now),
        managed_by: None,
        claims: Json::default(),
    })
}
