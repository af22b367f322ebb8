//! `/account/..`: a person's own. Sessions, password, address and identities have files beside this folder.

pub mod application;
pub mod application_form;
mod application_openid;
pub mod application_words;
pub mod connected;
pub mod data;
pub mod details;
pub mod developer;
pub mod profile;
pub mod secret;
pub mod token_new;
pub mod tokens;

use actix_web::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::http::visit::Visit;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;

const ENDPOINT: &str = "account";

/// A parameter, or nothing.
fn field<'a>(params: &'a Params, name: &str) -> &'a str {
    params.once(name).ok().flatten().unwrap_or_default()
}

/// What is searched for; no name is longer than this.
pub(super) fn search(params: &Params) -> &str {
    let text = field(params, "q");
    if text.len() > 1000 { "" } else { text }
}

/// One of our own sentences for what has just been done: an address must not put others into our mouth.
fn done(params: &Params, sentences: &[(&str, &str)]) -> Option<String> {
    let what = field(params, "done");
    sentences.iter().find(|(name, _)| *name == what).map(|(_, sentence)| (*sentence).to_owned())
}

/// A position in a list, as parameters carry it: without line breaks.
pub(super) fn cursor(position: &str) -> String {
    URL_SAFE_NO_PAD.encode(position)
}

/// The position a parameter carries; the beginning for what is none.
pub(super) fn position(params: &Params) -> String {
    let decoded = URL_SAFE_NO_PAD.decode(field(params, "after")).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.filter(|text| !text.contains('\0')).unwrap_or_default()
}

/// The page of a server that has no answer.
fn failed(visit: &Visit, error: impl Into<OAuthError>) -> Error {
    visit.refuse(ENDPOINT, error)
}

/// An own path with parameters.
pub(super) fn with(visit: &Visit, path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Params = pairs.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
    match pairs.encode() {
        query if query.is_empty() => visit.own(path),
        query => visit.own(&format!("{path}?{query}")),
    }
}
