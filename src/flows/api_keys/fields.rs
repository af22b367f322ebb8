//! What may stand in a key's fields.

use super::refusal::ApiKeyRefusal as Refusal;
use crate::app::App;
use crate::protocol::NumericDate;
use crate::protocol::origin_pattern;
use crate::protocol::roles::is_of_people;
use crate::protocol::scope::ScopeList;
use crate::protocol::text;
use crate::store::types::TextArray;

/// What a key without a label is called.
pub const LABEL: &str = "Default";
/// Single sign-on is nothing to it.
pub const EXEMPT: &str = "exempt";
/// It works while its maker's membership opens the organization.
pub const FOLLOWS: &str = "creator";
/// Switched on.
pub(super) const ACTIVE: &str = "active";

const MAX_LABEL: usize = 64;
const MAX_ORIGINS: usize = 50;
const TEN_YEARS: i64 = 10 * 366 * 24 * 3600;

pub(super) fn label(given: &str) -> Result<String, Refusal> {
    let label = given.trim();
    let fits = !label.is_empty() && label.chars().count() <= MAX_LABEL && text::is_safe_to_display(label);
    if fits { Ok(label.to_owned()) } else { Err(Refusal::Label) }
}

pub(super) fn scopes(app: &App, given: &[String]) -> Result<ScopeList, Refusal> {
    if let Some(unknown) = given.iter().find(|scope| !app.catalogue.knows(scope)) {
        return Err(Refusal::UnknownScope(unknown.clone()));
    }
    match given.iter().find(|scope| is_of_people(scope)) {
        Some(scope) => Err(Refusal::NotForKeys(scope.clone())),
        None => Ok(ScopeList::from(given.to_vec())),
    }
}

/// In their one spelling, each once (C72).
pub(super) fn origins(given: &[String]) -> Result<TextArray, Refusal> {
    if given.len() > MAX_ORIGINS {
        return Err(Refusal::TooManyOrigins(MAX_ORIGINS));
    }
    let mut origins = Vec::new();
    for text in given {
        let shown = || text.chars().take(100).collect();
        let origin = origin_pattern::normalize(text.trim()).map_err(|why| Refusal::Origin(shown(), why.to_string()))?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(TextArray(origins))
}

pub(super) fn policy(given: &str) -> Result<String, Refusal> {
    if [EXEMPT, FOLLOWS].contains(&given) { Ok(given.to_owned()) } else { Err(Refusal::Policy) }
}

pub(super) fn status(given: &str) -> Result<String, Refusal> {
    if [ACTIVE, "inactive"].contains(&given) { Ok(given.to_owned()) } else { Err(Refusal::Status) }
}

/// `bound`: when the credential that acts ends itself.
pub(super) fn end(
    given: Option<NumericDate>,
    now: NumericDate,
    bound: Option<NumericDate>,
) -> Result<Option<NumericDate>, Refusal> {
    if given.is_some_and(|end| end <= now || end > now + TEN_YEARS) {
        return Err(Refusal::Expiry);
    }
    match bound {
        Some(bound) if given.is_none_or(|end| end > bound) => Err(Refusal::Outlives),
        _ => Ok(given),
    }
}
