//! The end of a session on purpose, inside the transaction that wants it.
//!
//! Each holds the session's user first: an authorization that is being issued comes either before, and is found here, or
//! after, and finds the session ended.

use std::collections::HashSet;

use super::back_channel;
use crate::protocol::NumericDate;
use crate::store::sessions::{self, SessionRow};
use crate::store::{CachedRow, QueryResult, Store, Write, grants, session_clients, users};

/// Why grants that end with a session ended.
pub const REASON: &str = "signed_out";

/// Ends one session; false when it had ended before, or is not there.
///
/// # Errors
/// The database's.
pub fn one(write: &mut Write<'_>, store: &Store, id: i64, now: NumericDate) -> QueryResult<bool> {
    let Some(session) = SessionRow::load(write, id)? else { return Ok(false) };
    users::hold(write, session.user_id)?;
    each(write, store, &session, &mut HashSet::new(), now)
}

/// Ends all of a person's sessions but `keep`; the count of those ended.
///
/// # Errors
/// The database's.
pub fn all(
    write: &mut Write<'_>,
    store: &Store,
    user_id: i64,
    keep: Option<i64>,
    now: NumericDate,
) -> QueryResult<usize> {
    users::hold(write, user_id)?;
    let (open, mut told) = (sessions::not_ended(write, user_id)?, HashSet::new());
    let mut ended = 0;
    for session in open.iter().filter(|session| Some(session.id) != keep) {
        ended += usize::from(each(write, store, session, &mut told, now)?);
    }
    Ok(ended)
}

/// Opens `new` in place of the session the browser had. The same person's goes on in it: nothing ends, and clients know
/// both by one name. Another person's ends. False when the old one had ended before.
///
/// # Errors
/// The database's.
pub fn replace(
    write: &mut Write<'_>,
    store: &Store,
    new: &SessionRow,
    old: Option<i64>,
    now: NumericDate,
) -> QueryResult<bool> {
    let before = match old {
        Some(id) => SessionRow::load(write, id)?,
        None => None,
    };
    let Some(before) = before else {
        sessions::insert(write, &first(new))?;
        return Ok(true);
    };
    if before.user_id != new.user_id {
        sessions::insert(write, &first(new))?;
        return each(write, store, &before, &mut HashSet::new(), now);
    }
    // What was ended meanwhile does not live on under its old name.
    let ended = sessions::end(write, before.id, now)? == 1;
    match ended {
        true => {
            let client_sid = Some(before.known_as().to_owned());
            sessions::insert(write, &SessionRow { first_session: Some(before.root()), client_sid, ..new.clone() })?;
            session_clients::prolong(write, before.root(), new.expires_at)?;
        }
        false => {
            sessions::insert(write, &first(new))?;
        }
    }
    Ok(ended)
}

/// Holds everybody whose session [`replace`] may touch, in one order everywhere.
///
/// # Errors
/// The database's.
pub fn hold_for_replacing(write: &mut Write<'_>, user_id: i64, old: Option<i64>) -> QueryResult<()> {
    let before = match old {
        Some(id) => SessionRow::load(write, id)?,
        None => None,
    };
    let mut people = vec![user_id];
    people.extend(before.map(|before| before.user_id));
    people.sort_unstable();
    people.dedup();
    people.into_iter().try_for_each(|id| users::hold(write, id).map(drop))
}

fn first(new: &SessionRow) -> SessionRow {
    SessionRow { first_session: None, client_sid: None, ..new.clone() }
}

fn each(
    write: &mut Write<'_>,
    store: &Store,
    session: &SessionRow,
    told: &mut HashSet<(i64, String)>,
    now: NumericDate,
) -> QueryResult<bool> {
    if sessions::end(write, session.id, now)? == 0 {
        return Ok(false);
    }
    for grant in grants::living_of_session(write, session.root(), now)? {
        grants::revoke(write, grant, REASON, now)?;
    }
    back_channel::queue(write, store, session, told, now)?;
    session_clients::delete_of_session(write, session.root())?;
    Ok(true)
}
