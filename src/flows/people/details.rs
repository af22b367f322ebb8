//! What somebody wrote down about a new account, checked and made a row.

use super::PersonRefusal;
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::crypto::random;
use crate::flows::password_policy::{self, PasswordContext};
use crate::outbound;
use crate::protocol::text::is_safe_to_display;
use crate::store::types::Json;
use crate::store::users::UserRow;

const MAXIMUM_LOGIN: usize = 64;
const MAXIMUM_NAME: usize = 100;
/// RFC 5321 section 4.5.3.1.3, less the angle brackets.
const MAXIMUM_EMAIL: usize = 254;

/// A new account as typed. Has no `Debug`: it holds a password.
#[derive(Clone, Default)]
pub struct NewPerson {
    /// What the person signs in with.
    pub login: String,
    /// Display name; the login where empty.
    pub name: String,
    /// E-mail address, unverified.
    pub email: Option<String>,
    /// None for people who cannot sign in with a password.
    pub password: Option<String>,
    /// May administer the server.
    pub administrator: bool,
}

/// Checks everything and hashes the password, before anybody looks whether the login is taken: a taken login costs the
/// same time as a free one (ASVS 6.3.8).
///
/// # Errors
/// [`PersonRefusal`], the first field that is wrong.
pub(super) async fn row(app: &App, new: NewPerson) -> Result<UserRow, PersonRefusal> {
    let login = new.login.trim();
    check_login(login)?;
    let name = match new.name.trim() {
        "" => login,
        name => name,
    };
    check_name(name)?;
    let email = new.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
    email.map_or(Ok(()), check_email)?;
    let password_hash = match new.password {
        None => None,
        Some(password) => {
            check_password(app, &password, login, email, name)?;
            Some(app.passwords.hash(password).await?)
        }
    };
    let (id, now) = (app.store.next_id()?, app.clock.now());
    Ok(UserRow {
        id,
        sub: random::url_safe_text(16),
        login: login.to_owned(),
        login_key: spelling_key(login),
        name: name.to_owned(),
        email: email.map(str::to_owned),
        password_changed_at: password_hash.is_some().then_some(now),
        password_hash,
        administrator: new.administrator,
        status: "active".to_owned(),
        valid_from: 0,
        created_at: now,
        last_sign_in_at: None,
        email_verified_at: None,
        managed_by: None,
        claims: Json::default(),
    })
}

/// Whether this account may have this password, the installation's own words included (ASVS 6.2.11).
pub(super) fn check_password(
    app: &App,
    password: &str,
    login: &str,
    email: Option<&str>,
    name: &str,
) -> Result<(), PersonRefusal> {
    let mut extra = app.config.passwords.context_words.clone();
    extra.push(app.config.server.brand.clone());
    let context = PasswordContext { login, email, name: Some(name), extra: &extra };
    Ok(password_policy::check(password, &context)?)
}

pub(super) fn check_login(login: &str) -> Result<(), PersonRefusal> {
    let length_ok = (1..=MAXIMUM_LOGIN).contains(&login.chars().count());
    let characters_ok = login.chars().all(|character| character.is_alphanumeric() || "._@+-".contains(character));
    // A login whose folded form is empty or longer than the typed one would not be found again by what people type.
    let key = spelling_key(login);
    match length_ok && characters_ok && key.chars().any(char::is_alphanumeric) {
        true => Ok(()),
        false => Err(PersonRefusal::LoginMalformed),
    }
}

pub(super) fn check_name(name: &str) -> Result<(), PersonRefusal> {
    match name.chars().count() <= MAXIMUM_NAME && is_safe_to_display(name) {
        true => Ok(()),
        false => Err(PersonRefusal::NameMalformed),
    }
}

/// What people call somebody and where mail reaches them is said by whoever manages their account.
pub fn is_their_own(user: &UserRow) -> Result<(), PersonRefusal> {
    if user.managed_by.is_some() { Err(PersonRefusal::Managed) } else { Ok(()) }
}

/// Whether the text can be an e-mail address.
pub fn is_email(text: &str) -> bool {
    check_email(text).is_ok()
}

/// One `@` with something on both sides, and nothing that could end a mail header (C48, ASVS 1.3.11).
pub(super) fn check_email(email: &str) -> Result<(), PersonRefusal> {
    let parts = email.split_once('@').filter(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.contains('@')
    });
    let plain = email.len() <= MAXIMUM_EMAIL
        && is_safe_to_display(email)
        && !email.contains(|character: char| character.is_whitespace() || "<>()[],;:\\\"".contains(character));
    if plain && parts.is_some() && outbound::mail::address(email).is_some() {
        Ok(())
    } else {
        Err(PersonRefusal::EmailMalformed)
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_login_is_one_word_people_can_read_out() {
        for login in ["maria", "Maria.Curie", "m@example.com", "zoë", "李雷", "a+b-c_d", &"x".repeat(64)] {
            assert!(check_login(login).is_ok(), "{login}");
        }
        for login in ["", ".", "--", "two words", "a\u{200b}b", "a\nb", "a/b", "<b>", "a:b", &"x".repeat(65)] {
            assert!(check_login(login).is_err(), "{login:?}");
        }
    }

    #[test]
    fn a_name_shows_what_it_is() {
        for name in ["Maria Skłodowska-Curie", "李雷", "O'Neil, Jr."] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["a\nb", "a\u{202e}b", &"x".repeat(101)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    /// C48, ASVS 1.3.11.
    #[test]
    fn an_address_has_one_at_sign_and_no_way_out_of_a_header() {
        for email in ["a@b.example", "first.last+tag@sub.b.example"] {
            assert!(check_email(email).is_ok(), "{email}");
        }
        for email in [
            "",
            "a",
            "@b.example",
            "a@",
            "a@b",
            "a@evil@b.example",
            "a@.b",
            "a@b.example\r\nBcc: c@d.example",
            "a b@c.example",
            "A <a@b.example>",
        ] {
            assert!(check_email(email).is_err(), "{email:?}");
        }
    }
}
