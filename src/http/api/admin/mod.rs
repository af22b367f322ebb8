//! `/api/v1/admin/..`: the server, for its administrators.

pub mod client_changes;
pub mod clients;
pub mod organizations;
pub mod people;
pub mod registration_tokens;
pub mod routes;
pub mod server;
pub mod signing_keys;
pub mod users;

use super::Problem;
use crate::flows::people::PersonRefusal;
use crate::protocol::params::Params;

/// What was not done to an account.
fn refused(refusal: PersonRefusal) -> Problem {
    use PersonRefusal as R;
    let detail = refusal.to_string();
    match refusal {
        R::NotFound => Problem::not_found(),
        R::LoginMalformed | R::LoginNotAvailable => Problem::field("login", detail),
        R::NameMalformed => Problem::field("name", detail),
        R::EmailMalformed => Problem::field("email", detail),
        R::Password(_) => Problem::field("password", detail),
        R::Claim(refusal) => Problem::field(&format!("claims.{}", refusal.claim), detail),
        R::NotAsSeen => Problem::changed(detail),
        R::Unavailable(error) => error.into(),
        _ => Problem::conflict(detail),
    }
}

/// A parameter of the query that is one of a few words.
fn one_of<'a>(params: &'a Params, name: &'static str, words: &[&str]) -> Result<Option<&'a str>, Problem> {
    let given = text(params, name)?;
    match given {
        Some(word) if !words.contains(&word) => {
            Err(Problem::bad_request(format!("{name} is one of {}.", words.join(", "))))
        }
        given => Ok(given),
    }
}

/// A parameter of the query.
fn text<'a>(params: &'a Params, name: &'static str) -> Result<Option<&'a str>, Problem> {
    let given = params.once(name).map_err(|_| Problem::bad_request(format!("{name} is given more than once.")))?;
    match given {
        Some(text) if text.contains('\0') || text.chars().count() > 200 => {
            Err(Problem::bad_request(format!("{name} is at most 200 characters, and none of them is U+0000.")))
        }
        given => Ok(given),
    }
}
