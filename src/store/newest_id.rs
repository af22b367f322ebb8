//! The newest id in use, so that a clock that went back over a restart repeats none.

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::*;

/// The largest id of the tables that grow; 0 for an empty database.
pub fn newest_id(conn: &mut Conn) -> QueryResult<i64> {
    let newest = [
        access_tokens::table.order(access_tokens::id.desc()).select(access_tokens::id).first(conn).optional()?,
        refresh_tokens::table.order(refresh_tokens::id.desc()).select(refresh_tokens::id).first(conn).optional()?,
        grants::table.order(grants::id.desc()).select(grants::id).first(conn).optional()?,
        audit_events::table.order(audit_events::id.desc()).select(audit_events::id).first(conn).optional()?,
        sessions::table.order(sessions::id.desc()).select(sessions::id).first(conn).optional()?,
        clients::table.order(clients::id.desc()).select(clients::id).first(conn).optional()?,
        mails::table.order(mails::id.desc()).select(mails::id).first(conn).optional()?,
        sso_flows::table.order(sso_flows::id.desc()).select(sso_flows::id).first(conn).optional()?,
        session_clients::table.order(session_clients::id.desc()).select(session_clients::id).first(conn).optional()?,
        logout_tokens::table.order(logout_tokens::id.desc()).select(logout_tokens::id).first(conn).optional()?,
        signing_keys::table.order(signing_keys::id.desc()).select(signing_keys::id).first(conn).optional()?,
        users::table.order(users::id.desc()).select(users::id).first(conn).optional()?,
    ];
    Ok(newest.into_iter().flatten().max().unwrap_or(0))
}
