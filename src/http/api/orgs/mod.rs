//! `/api/v1/organizations`: organizations and all that is in them. What the pages do, the same flows do here.

pub mod api_keys;
pub mod applications;
pub mod audit_log;
pub mod invitations;
pub mod list;
pub mod members;
pub mod one;
mod problems;
pub mod provider;
pub mod registration_tokens;
pub mod routes;
pub mod team_members;
pub mod teams;

use serde::{Deserialize, Deserializer};

use super::page::{Asked, Cursor};
use super::{Call, Problem};
use crate::flows::organizations::teams::access::Eyes;

/// Who looks at teams.
fn eyes(call: &Call) -> Result<Eyes<'_>, Problem> {
    Ok(Eyes::of(call.inside()?, &call.credential, call.acting("team:read").administrator))
}

/// A page of a list that fits into memory, by a text each entry has for itself.
fn page_by<T>(
    asked: &Asked,
    mut entries: Vec<T>,
    name: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<Cursor>), Problem> {
    let after = asked.after()?;
    entries.sort_by(|one, other| name(one).cmp(name(other)));
    let mut entries: Vec<T> = entries.into_iter().filter(|entry| name(entry) > after.as_str()).collect();
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|entry| Cursor::Text(name(entry).to_owned()));
    Ok((entries, next))
}

/// Tells null, which takes something away, from nothing, which leaves it.
fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}
