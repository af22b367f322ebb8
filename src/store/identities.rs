//! Table `identities`: a user's account at a provider, keyed by (provider, issuer, subject), never by e-mail (ASVS 6.8.1).

use std::collections::HashSet;

use diesel::prelude::*;

use super::connection::Conn;
use super::schema::{identities, organization_members, providers, users};
use super::users::UserRow;
use super::{Table, Write};
use crate::protocol::NumericDate;

/// An identity.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = identities, treat_none_as_default_value = false)]
pub struct IdentityRow {
    /// Row id.
    pub id: i64,
    /// The provider.
    pub provider_id: i64,
    /// Who vouches: the `iss` of the ID token, or the provider's own name.
    pub issuer: String,
    /// The account there (`sub`).
    pub subject: String,
    /// The user here.
    pub user_id: i64,
    /// What the upstream said; shown, never decisive.
    pub email: Option<String>,
    /// Whether it said it had verified it.
    pub email_verified: bool,
    /// Display name there.
    pub name: Option<String>,
    /// Upstream tokens for the re-check, sealed.
    pub sealed_tokens: Option<Vec<u8>>,
    /// The provider can be asked again without the user.
    pub recheckable: bool,
    /// `valid` or `invalid`.
    pub status: String,
    /// Why it is invalid, for people.
    pub invalid_reason: Option<String>,
    /// When the upstream last vouched; bumped only on success.
    pub last_verified: NumericDate,
    /// When a re-check last began.
    pub last_synced: NumericDate,
    /// When the next one is due; none when it cannot be re-checked.
    pub next_check_at: Option<NumericDate>,
    /// Transient failures in a row.
    pub check_failures: i64,
    /// Until when a node has this re-check.
    pub claimed_until: Option<NumericDate>,
    /// When it was linked.
    pub created_at: NumericDate,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<IdentityRow>> {
    identities::table.find(id).select(IdentityRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &IdentityRow) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    diesel::insert_into(identities::table).values(row).execute(&mut **write)
}

/// The identity of a user at a provider.
pub fn find_of_user(conn: &mut Conn, provider_id: i64, user_id: i64) -> QueryResult<Option<IdentityRow>> {
    let of_the_pair = identities::provider_id.eq(provider_id).and(identities::user_id.eq(user_id));
    identities::table.filter(of_the_pair).select(IdentityRow::as_select()).first(conn).optional()
}

/// The identity that is this account at a provider.
pub fn find_of_subject(
    conn: &mut Conn,
    provider_id: i64,
    issuer: &str,
    subject: &str,
) -> QueryResult<Option<IdentityRow>> {
    identities::table
        .filter(identities::provider_id.eq(provider_id))
        .filter(identities::issuer.eq(issuer).and(identities::subject.eq(subject)))
        .select(IdentityRow::as_select())
        .first(conn)
        .optional()
}

/// What an upstream said when it last vouched.
#[derive(Clone)]
pub struct Vouched {
    /// Address there.
    pub email: Option<String>,
    /// Whether the upstream verified it.
    pub email_verified: bool,
    /// Display name there.
    pub name: Option<String>,
    /// Tokens for the re-check, sealed; none leaves the ones there are.
    pub sealed_tokens: Option<Vec<u8>>,
    /// The provider can be asked again without the user.
    pub recheckable: bool,
    /// When to ask.
    pub next_check_at: Option<NumericDate>,
}

/// The upstream vouched: the identity is valid and fresh from now on.
pub fn vouch(write: &mut Write<'_>, row: &IdentityRow, vouched: &Vouched, now: NumericDate) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    let sealed_tokens = vouched.sealed_tokens.as_ref().or(row.sealed_tokens.as_ref());
    diesel::update(identities::table.find(row.id))
        .set((
            identities::email.eq(&vouched.email),
            identities::email_verified.eq(vouched.email_verified),
            identities::name.eq(&vouched.name),
            identities::sealed_tokens.eq(sealed_tokens),
            identities::recheckable.eq(vouched.recheckable),
            identities::status.eq("valid"),
            identities::invalid_reason.eq(None::<String>),
            identities::last_verified.eq(now),
            identities::last_synced.eq(now),
            identities::next_check_at.eq(vouched.next_check_at),
            identities::check_failures.eq(0),
            identities::claimed_until.eq(None::<NumericDate>),
        ))
        .execute(&mut **write)
}

/// The same account under the name the provider gives it now; only for a legacy name the provider itself declares.
pub fn rekey(write: &mut Write<'_>, row: &IdentityRow, subject: &str) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    diesel::update(identities::table.find(row.id)).set(identities::subject.eq(subject)).execute(&mut **write)
}

/// Unlinks; 0 when somebody else did.
pub fn delete(write: &mut Write<'_>, row: &IdentityRow) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    diesel::delete(identities::table.find(row.id)).execute(&mut **write)
}

/// A person's identities, newest first.
pub fn list_of_user(conn: &mut Conn, user_id: i64) -> QueryResult<Vec<IdentityRow>> {
    let of_the_user = identities::table.filter(identities::user_id.eq(user_id)).order(identities::id.desc());
    of_the_user.select(IdentityRow::as_select()).load(conn)
}

/// Forgets what an upstream told of a person who is deleted, and asks it no more. The key of the identity stays, so that the
/// account there does not come in as somebody new under the old one's name.
pub fn entomb_of_user(write: &mut Write<'_>, user_id: i64) -> QueryResult<usize> {
    for row in list_of_user(write, user_id)? {
        touch_member(write, row.provider_id, user_id)?;
    }
    diesel::update(identities::table.filter(identities::user_id.eq(user_id)))
        .set((
            identities::email.eq(None::<String>),
            identities::email_verified.eq(false),
            identities::name.eq(None::<String>),
            identities::sealed_tokens.eq(None::<Vec<u8>>),
            identities::recheckable.eq(false),
            identities::next_check_at.eq(None::<NumericDate>),
            identities::claimed_until.eq(None::<NumericDate>),
        ))
        .execute(&mut **write)
}

/// People linked at a provider.
pub fn users_of_provider(conn: &mut Conn, provider_id: i64) -> QueryResult<HashSet<i64>> {
    let users = identities::table.filter(identities::provider_id.eq(provider_id)).select(identities::user_id);
    users.load(conn).map(|users: Vec<i64>| users.into_iter().collect())
}

/// Removes a provider's identities; the count of them.
pub fn delete_of_provider(write: &mut Write<'_>, provider_id: i64) -> QueryResult<usize> {
    write.touch_table(Table::Member);
    diesel::delete(identities::table.filter(identities::provider_id.eq(provider_id))).execute(&mut **write)
}

/// Claims at most `limit` re-checks that are due at `now`, each for one node only until `until`.
pub fn claim_due(
    write: &mut Write<'_>,
    now: NumericDate,
    until: NumericDate,
    limit: i64,
) -> QueryResult<Vec<IdentityRow>> {
    let free = || identities::claimed_until.is_null().or(identities::claimed_until.lt(now));
    let due: Vec<IdentityRow> = identities::table
        .filter(identities::next_check_at.le(now).and(identities::status.eq("valid")))
        .filter(free())
        .order(identities::next_check_at)
        .limit(limit)
        .select(IdentityRow::as_select())
        .load(&mut **write)?;
    let mut claimed = Vec::with_capacity(due.len());
    for row in due {
        touch_member(write, row.provider_id, row.user_id)?;
        let ours = diesel::update(identities::table.find(row.id).filter(free()))
            .set((identities::claimed_until.eq(until), identities::last_synced.eq(now)))
            .execute(&mut **write)?;
        if ours == 1 {
            claimed.push(IdentityRow { claimed_until: Some(until), last_synced: now, ..row });
        }
    }
    Ok(claimed)
}

/// The upstream vouched again: the only thing besides a sign-in that makes the identity fresh. 0 when the claim is lost.
pub fn rechecked(
    write: &mut Write<'_>,
    row: &IdentityRow,
    sealed_tokens: Option<&Vec<u8>>,
    next_check_at: NumericDate,
    now: NumericDate,
) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    diesel::update(identities::table.find(row.id).filter(identities::claimed_until.eq(row.claimed_until)))
        .set((
            identities::sealed_tokens.eq(sealed_tokens.or(row.sealed_tokens.as_ref())),
            identities::last_verified.eq(now),
            identities::next_check_at.eq(next_check_at),
            identities::check_failures.eq(0),
            identities::claimed_until.eq(None::<NumericDate>),
        ))
        .execute(&mut **write)
}

/// The upstream could not say: asked again at `at`, and nothing else changes. 0 when the claim is lost.
pub fn check_later(write: &mut Write<'_>, row: &IdentityRow, at: NumericDate) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    diesel::update(identities::table.find(row.id).filter(identities::claimed_until.eq(row.claimed_until)))
        .set((
            identities::next_check_at.eq(at),
            identities::check_failures.eq(row.check_failures + 1),
            identities::claimed_until.eq(None::<NumericDate>),
        ))
        .execute(&mut **write)
}

/// The upstream denies the account: the identity opens nothing until it vouches at a sign-in. 0 when the claim is lost.
pub fn invalidate(write: &mut Write<'_>, row: &IdentityRow, reason: &str) -> QueryResult<usize> {
    touch_member(write, row.provider_id, row.user_id)?;
    diesel::update(identities::table.find(row.id).filter(identities::claimed_until.eq(row.claimed_until)))
        .set((
            identities::status.eq("invalid"),
            identities::invalid_reason.eq(reason),
            identities::sealed_tokens.eq(None::<Vec<u8>>),
            identities::next_check_at.eq(None::<NumericDate>),
            identities::claimed_until.eq(None::<NumericDate>),
        ))
        .execute(&mut **write)
}

/// Every change of an identity is a change of its membership's standing; call it in each function that writes here.
pub(super) fn touch_member(write: &mut Write<'_>, provider_id: i64, user_id: i64) -> QueryResult<()> {
    let member: Option<i64> = organization_members::table
        .inner_join(providers::table.on(providers::organization_id.eq(organization_members::organization_id)))
        .filter(providers::id.eq(provider_id).and(organization_members::user_id.eq(user_id)))
        .select(organization_members::id)
        .first(&mut **write)
        .optional()?;
    if let Some(member) = member {
        write.touch(Table::Member, member);
    }
    Ok(())
}

/// Identities at a provider below a row id, newest first, with their people.
pub fn page_of_provider(
    conn: &mut Conn,
    provider_id: i64,
    below: i64,
    limit: i64,
) -> QueryResult<Vec<(IdentityRow, UserRow)>> {
    identities::table
        .inner_join(users::table.on(users::id.eq(identities::user_id)))
        .filter(identities::provider_id.eq(provider_id).and(identities::id.lt(below)))
        .order(identities::id.desc())
        .limit(limit)
        .select((IdentityRow::as_select(), UserRow::as_select()))
        .load(conn)
}
