//! Entity tags: so that nobody overwrites what they have not seen (RFC 9110 sections 8.8.3 and 13.1).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::call::{Call, render};
use super::problem::Problem;
use crate::crypto::digest::sha256;
use crate::http::answer::json;

/// The tag of a representation; forms carry one too.
pub(in crate::http) fn tag(body: &impl Serialize) -> String {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&sha256(&[&bytes])[..12]))
}

/// 200 with the representation and its tag; 304 for whoever has it.
pub fn answer(call: &Call, body: &impl Serialize) -> HttpResponse {
    answer_for(call, body, body)
}

/// The same, tagged by what can be changed of it only: times of use and counts move by themselves.
pub fn answer_for(call: &Call, body: &impl Serialize, tagged: &impl Serialize) -> HttpResponse {
    let tag = tag(tagged);
    let mut answer = match lists(call, header::IF_NONE_MATCH.as_str(), &tag) {
        Some(true) => json::no_store(StatusCode::NOT_MODIFIED).finish(),
        _ => render(StatusCode::OK, body),
    };
    if let Ok(value) = tag.parse() {
        answer.headers_mut().insert(header::ETAG, value);
    }
    answer
}

/// Whether the change is meant for what is there now; without `If-Match` it is.
///
/// # Errors
/// 412.
pub fn check(call: &Call, current: &impl Serialize) -> Result<(), Problem> {
    match lists(call, header::IF_MATCH.as_str(), &tag(current)) {
        Some(false) => Err(Problem::changed("It has changed since you read it: read it again, then change it.")),
        _ => Ok(()),
    }
}

/// The same, and what the change itself compares with in its transaction: what was seen, if the request is about that
/// and nothing newer.
///
/// # Errors
/// 412.
pub fn seen<T>(call: &Call, current: &impl Serialize, what: T) -> Result<Option<T>, Problem> {
    check(call, current)?;
    Ok(call.request.headers().contains_key(header::IF_MATCH).then_some(what))
}

/// Whether the header lists the tag; none without the header.
fn lists(call: &Call, name: &str, tag: &str) -> Option<bool> {
    let mut values = call.request.headers().get_all(name).peekable();
    values.peek()?;
    let text = values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    Some(text.split(',').map(str::trim).any(|listed| listed == "*" || listed == tag))
}
