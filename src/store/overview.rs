//! Whole tables as administrators look at them: people, clients and organizations page by page, and how many there are.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::clients::ClientRow;
use super::connection::Conn;
use super::organization_members::{containing, lower};
use super::organizations::OrganizationRow;
use super::schema::{api_keys, clients, email_addresses, identities, organizations, personal_tokens, users};
use super::users::UserRow;
use crate::protocol::NumericDate;

/// What somebody looks for. The databases differ in whether a pattern minds the case of letters, so that small letters are
/// compared with small letters; beyond ASCII they know those differently, and what was typed is looked for as it stands too.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Anywhere in a name; empty finds all.
    pub typed: String,
    /// The same folded as logins are.
    pub folded: String,
    /// Only with this status.
    pub status: Option<String>,
}

/// People who are not deleted, by folded login, after one.
pub fn users(conn: &mut Conn, search: &Search, after: &str, limit: i64) -> QueryResult<Vec<UserRow>> {
    let mut found = users::table
        .filter(users::status.ne("deleted").and(users::login_key.gt(after)))
        .order(users::login_key)
        .limit(limit)
        .select(UserRow::as_select())
        .into_boxed();
    if !search.typed.is_empty() {
        let (typed, folded) = (containing(&search.typed), containing(&search.folded));
        let email = users::email.assume_not_null();
        let further = email_addresses::table
            .filter(
                email_addresses::user_id
                    .eq(users::id)
                    .and(email_addresses::email_key.like(folded.clone()).escape('\\')),
            )
            .select(email_addresses::id);
        found = found.filter(
            users::login_key
                .like(folded.clone())
                .escape('\\')
                .or(lower(users::name).like(folded.clone()).escape('\\'))
                .or(users::name.like(typed).escape('\\'))
                .or(users::email.is_not_null().and(lower(email).like(folded).escape('\\')))
                .or(exists(further)),
        );
    }
    if let Some(status) = &search.status {
        found = found.filter(users::status.eq(status));
    }
    found.load(conn)
}

/// Clients below a row id, newest first.
pub fn clients(conn: &mut Conn, search: &Search, below: i64, limit: i64) -> QueryResult<Vec<ClientRow>> {
    let mut found = clients::table
        .filter(clients::id.lt(below))
        .order(clients::id.desc())
        .limit(limit)
        .select(ClientRow::as_select())
        .into_boxed();
    if !search.typed.is_empty() {
        let named = clients::name.like(containing(&search.typed)).escape('\\');
        let folded = lower(clients::name).like(containing(&search.folded)).escape('\\');
        found = found.filter(named.or(folded).or(clients::client_id.eq(&search.typed)));
    }
    if let Some(status) = &search.status {
        found = found.filter(clients::status.eq(status));
    }
    found.load(conn)
}

/// Organizations by slug, after one.
pub fn organizations(conn: &mut Conn, search: &Search, after: &str, limit: i64) -> QueryResult<Vec<OrganizationRow>> {
    let mut found = organizations::table
        .filter(organizations::slug.gt(after))
        .order(organizations::slug)
        .limit(limit)
        .select(OrganizationRow::as_select())
        .into_boxed();
    if !search.typed.is_empty() {
        let typed = containing(&search.typed);
        let slug = organizations::slug.like(containing(&search.folded)).escape('\\');
        let folded = lower(organizations::name).like(containing(&search.folded)).escape('\\');
        found = found.filter(slug.or(folded).or(organizations::name.like(typed).escape('\\')));
    }
    if let Some(status) = &search.status {
        found = found.filter(organizations::status.eq(status));
    }
    found.load(conn)
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Accounts that are not deleted.
    pub users: i64,
    /// Active ones that may administer.
    pub administrators: i64,
    /// Applications.
    pub clients: i64,
    /// Organizations.
    pub organizations: i64,
    /// Personal tokens.
    pub personal_tokens: i64,
    /// API keys of organizations.
    pub api_keys: i64,
}

/// Counts it.
pub fn totals(conn: &mut Conn) -> QueryResult<Totals> {
    let acting = users::administrator.eq(true).and(users::status.eq("active"));
    Ok(Totals {
        users: users::table.filter(users::status.ne("deleted")).count().get_result(conn)?,
        administrators: users::table.filter(acting).count().get_result(conn)?,
        clients: clients::table.count().get_result(conn)?,
        organizations: organizations::table.count().get_result(conn)?,
        personal_tokens: personal_tokens::table.count().get_result(conn)?,
        api_keys: api_keys::table.count().get_result(conn)?,
    })
}

/// Clients whose deletion was asked for, soonest first.
pub fn clients_to_go(conn: &mut Conn, limit: i64) -> QueryResult<Vec<ClientRow>> {
    clients::table
        .filter(clients::status.eq("pending_deletion"))
        .order((clients::delete_at, clients::id))
        .limit(limit)
        .select(ClientRow::as_select())
        .load(conn)
}

/// Organizations whose deletion was asked for, soonest first.
pub fn organizations_to_go(conn: &mut Conn, limit: i64) -> QueryResult<Vec<OrganizationRow>> {
    organizations::table
        .filter(organizations::status.eq("pending_deletion"))
        .order((organizations::delete_at, organizations::id))
        .limit(limit)
        .select(OrganizationRow::as_select())
        .load(conn)
}

/// Identities whose upstream should be asked again by now, and since when the first of them.
pub fn rechecks_due(conn: &mut Conn, now: NumericDate) -> QueryResult<(i64, Option<NumericDate>)> {
    let due = || identities::table.filter(identities::next_check_at.le(now).and(identities::status.eq("valid")));
    let since: Option<Option<NumericDate>> =
        due().order(identities::next_check_at).select(identities::next_check_at).first(conn).optional()?;
    Ok((due().count().get_result(conn)?, since.flatten()))
}
