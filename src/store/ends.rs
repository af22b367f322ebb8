//! Rows that end by themselves, in the order of their ids, for whoever removes them.

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::{
    access_tokens, consent_requests, grants, idempotency_keys, known_devices, logout_tokens, mail_links, mails,
    refresh_tokens, session_clients, session_proofs, sessions, sso_flows,
};
use super::{Table, Write};
use crate::protocol::NumericDate;

/// Tables whose rows end by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the table of its name")]
pub enum Perishable {
    AccessTokens,
    RefreshTokens,
    Grants,
    ConsentRequests,
    Sessions,
    SsoFlows,
    SessionProofs,
    MailLinks,
    Mails,
    KnownDevices,
    IdempotencyKeys,
    SessionClients,
    LogoutTokens,
}

/// Seconds the record of a mail is kept: whom it went to is nobody's business for ever.
const MAIL_KEPT: i64 = 30 * 24 * 3600;

/// Seconds the record of a logout token is kept.
const LOGOUT_KEPT: i64 = 7 * 24 * 3600;

/// Seconds after which browsers have forgotten the cookie that names a device.
const DEVICE_KEPT: i64 = 400 * 24 * 3600;

impl Perishable {
    /// Every one.
    pub const ALL: [Perishable; 13] = [
        Perishable::AccessTokens,
        Perishable::RefreshTokens,
        Perishable::Grants,
        Perishable::ConsentRequests,
        Perishable::Sessions,
        Perishable::SsoFlows,
        Perishable::SessionProofs,
        Perishable::MailLinks,
        Perishable::Mails,
        Perishable::KnownDevices,
        Perishable::IdempotencyKeys,
        Perishable::SessionClients,
        Perishable::LogoutTokens,
    ];
}

/// A row and when it ends.
pub struct End {
    /// Row id.
    pub id: i64,
    /// When it ends, or ended.
    pub end: NumericDate,
}

/// The first `limit` rows with `from <= id < below`, by id.
pub fn ends(conn: &mut Conn, table: Perishable, from: i64, below: i64, limit: i64) -> QueryResult<Vec<End>> {
    macro_rules! window {
        ($table:ident, $end:expr) => {
            $table::table
                .filter($table::id.ge(from).and($table::id.lt(below)))
                .order($table::id)
                .limit(limit)
                .select(($table::id, $end))
                .load::<(i64, NumericDate)>(conn)?
        };
    }
    let rows = match table {
        Perishable::AccessTokens => window!(access_tokens, access_tokens::expires_at),
        Perishable::RefreshTokens => window!(refresh_tokens, refresh_tokens::expires_at),
        Perishable::Grants => return grant_ends(conn, from, below, limit),
        Perishable::ConsentRequests => window!(consent_requests, consent_requests::expires_at),
        Perishable::Sessions => window!(sessions, sessions::expires_at),
        Perishable::SsoFlows => window!(sso_flows, sso_flows::expires_at),
        Perishable::SessionProofs => window!(session_proofs, session_proofs::expires_at),
        Perishable::MailLinks => window!(mail_links, mail_links::expires_at),
        Perishable::Mails => window!(mails, mails::created_at + MAIL_KEPT),
        Perishable::KnownDevices => window!(known_devices, known_devices::last_seen_at + DEVICE_KEPT),
        Perishable::IdempotencyKeys => window!(idempotency_keys, idempotency_keys::expires_at),
        Perishable::SessionClients => window!(session_clients, session_clients::expires_at),
        Perishable::LogoutTokens => window!(logout_tokens, logout_tokens::created_at + LOGOUT_KEPT),
    };
    Ok(rows.into_iter().map(|(id, end)| End { id, end }).collect())
}

/// A code nobody redeemed in time is the end of its grant: no token will ever hang on it.
fn grant_ends(conn: &mut Conn, from: i64, below: i64, limit: i64) -> QueryResult<Vec<End>> {
    let rows = grants::table
        .filter(grants::id.ge(from).and(grants::id.lt(below)))
        .order(grants::id)
        .limit(limit)
        .select((grants::id, grants::expires_at, grants::code_expires_at, grants::redeemed_at))
        .load::<(i64, NumericDate, Option<NumericDate>, Option<NumericDate>)>(conn)?;
    let end = |row: &(i64, NumericDate, Option<NumericDate>, Option<NumericDate>)| match row {
        (_, expires_at, Some(code_expires_at), None) => *code_expires_at.min(expires_at),
        (_, expires_at, ..) => *expires_at,
    };
    Ok(rows.iter().map(|row| End { id: row.0, end: end(row) }).collect())
}

/// Deletes rows by id.
pub fn delete(write: &mut Write<'_>, table: Perishable, ids: &[i64]) -> QueryResult<usize> {
    macro_rules! delete {
        ($table:ident, $cached:expr) => {{
            if let Some(cached) = $cached {
                ids.iter().for_each(|id| write.touch(cached, *id));
            }
            diesel::delete($table::table.filter($table::id.eq_any(ids.to_vec()))).execute(&mut **write)
        }};
    }
    match table {
        Perishable::AccessTokens => delete!(access_tokens, Some(Table::AccessToken)),
        Perishable::RefreshTokens => delete!(refresh_tokens, Some(Table::RefreshToken)),
        Perishable::Grants => delete!(grants, Some(Table::Grant)),
        Perishable::ConsentRequests => delete!(consent_requests, None::<Table>),
        Perishable::Sessions => delete!(sessions, Some(Table::Session)),
        Perishable::SsoFlows => delete!(sso_flows, None::<Table>),
        Perishable::SessionProofs => {
            // Cached by session, not by row.
            write.touch_table(Table::SessionProofs);
            delete!(session_proofs, None::<Table>)
        }
        Perishable::MailLinks => delete!(mail_links, None::<Table>),
        Perishable::Mails => delete!(mails, None::<Table>),
        Perishable::KnownDevices => delete!(known_devices, None::<Table>),
        Perishable::IdempotencyKeys => delete!(idempotency_keys, None::<Table>),
        Perishable::SessionClients => delete!(session_clients, None::<Table>),
        Perishable::LogoutTokens => delete!(logout_tokens, None::<Table>),
    }
}
