//! Table `organization_members`: who belongs to an organization, and who no longer does.

use diesel::prelude::*;

use super::connection::Conn;
use super::organizations::OrganizationRow;
use super::schema::{organization_members, organizations, users};
use super::users::UserRow;
use super::{Table, Write};
use crate::protocol::NumericDate;

diesel::define_sql_function! {
    /// Small letters.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// A membership.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = organization_members, treat_none_as_default_value = false)]
pub struct MemberRow {
    /// Row id.
    pub id: i64,
    /// The organization.
    pub organization_id: i64,
    /// The person.
    pub user_id: i64,
    /// Name of a configured role.
    pub role: String,
    /// `active` or `removed`; a removed row keeps single sign-on from bringing the person back.
    pub status: String,
    /// Until when single sign-on is not asked of this member (explicit, audited).
    pub break_glass_until: Option<NumericDate>,
    /// When the person joined, or joined again.
    pub created_at: NumericDate,
    /// When they were removed or left.
    pub removed_at: Option<NumericDate>,
}

/// One row by id.
pub fn find(conn: &mut Conn, id: i64) -> QueryResult<Option<MemberRow>> {
    organization_members::table.find(id).select(MemberRow::as_select()).first(conn).optional()
}

/// Adds a row.
pub fn insert(write: &mut Write<'_>, row: &MemberRow) -> QueryResult<usize> {
    write.touch(Table::Member, row.id);
    diesel::insert_into(organization_members::table).values(row).execute(&mut **write)
}

/// A person's membership of an organization, removed or not.
pub fn find_of_user(conn: &mut Conn, organization_id: i64, user_id: i64) -> QueryResult<Option<MemberRow>> {
    let of_the_pair =
        organization_members::organization_id.eq(organization_id).and(organization_members::user_id.eq(user_id));
    organization_members::table.filter(of_the_pair).select(MemberRow::as_select()).first(conn).optional()
}

/// The organizations a person belongs to, by slug, those about to be deleted too.
pub fn of_user(conn: &mut Conn, user_id: i64) -> QueryResult<Vec<(MemberRow, OrganizationRow)>> {
    organization_members::table
        .inner_join(organizations::table.on(organizations::id.eq(organization_members::organization_id)))
        .filter(organization_members::user_id.eq(user_id).and(organization_members::status.eq("active")))
        .order(organizations::slug)
        .select((MemberRow::as_select(), OrganizationRow::as_select()))
        .load(conn)
}

/// Active members with their accounts, by login, beginning after `after`: those whose login, name or e-mail address holds
/// what is searched for. `folded` is compared with logins and, small letters with small letters, with the rest; beyond
/// ASCII the databases know small letters differently, so that `typed` is looked for as it stands as well.
pub fn page(
    conn: &mut Conn,
    organization_id: i64,
    after: &str,
    folded: &str,
    typed: &str,
    limit: i64,
) -> QueryResult<Vec<(MemberRow, UserRow)>> {
    organization_members::table
        .inner_join(users::table.on(users::id.eq(organization_members::user_id)))
        .filter(organization_members::organization_id.eq(organization_id))
        .filter(organization_members::status.eq("active"))
        .filter(users::login_key.gt(after))
        .filter(
            users::login_key
                .like(containing(folded))
                .escape('\\')
                .or(lower(users::name).like(containing(folded)).escape('\\'))
                .or(users::name.like(containing(typed)).escape('\\'))
                .or(lower(users::email.assume_not_null()).like(containing(folded)).escape('\\')),
        )
        .order(users::login_key)
        .limit(limit)
        .select((MemberRow::as_select(), UserRow::as_select()))
        .load(conn)
}

/// A pattern for texts that hold `text`, whatever it holds itself.
pub(super) fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// How many active members there are.
pub fn count(conn: &mut Conn, organization_id: i64) -> QueryResult<i64> {
    organization_members::table
        .filter(organization_members::organization_id.eq(organization_id))
        .filter(organization_members::status.eq("active"))
        .count()
        .get_result(conn)
}

/// The same, of those whose account may be used.
pub fn count_usable(conn: &mut Conn, organization_id: i64) -> QueryResult<i64> {
    organization_members::table
        .inner_join(users::table.on(users::id.eq(organization_members::user_id)))
        .filter(organization_members::organization_id.eq(organization_id))
        .filter(organization_members::status.eq("active").and(users::status.eq("active")))
        .count()
        .get_result(conn)
}

/// How many organizations a person has this role in, those about to be deleted too.
pub fn count_with_role(conn: &mut Conn, user_id: i64, role: &str) -> QueryResult<i64> {
    organization_members::table
        .filter(organization_members::user_id.eq(user_id).and(organization_members::role.eq(role)))
        .filter(organization_members::status.eq("active"))
        .count()
        .get_result(conn)
}

/// Active members with this role whose account may be used, besides one of them.
pub fn others_with_role(conn: &mut Conn, organization_id: i64, role: &str, besides: i64) -> QueryResult<i64> {
    organization_members::table
        .inner_join(users::table.on(users::id.eq(organization_members::user_id)))
        .filter(organization_members::organization_id.eq(organization_id))
        .filter(organization_members::status.eq("active").and(organization_members::role.eq(role)))
        .filter(organization_members::id.ne(besides).and(users::status.eq("active")))
        .count()
        .get_result(conn)
}

/// Gives an active member a role; 0 when they are none.
pub fn set_role(write: &mut Write<'_>, id: i64, role: &str) -> QueryResult<usize> {
    write.touch(Table::Member, id);
    diesel::update(organization_members::table.find(id).filter(organization_members::status.eq("active")))
        .set(organization_members::role.eq(role))
        .execute(&mut **write)
}

/// Ends an active membership and keeps the row; 0 when it was over.
pub fn remove(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Member, id);
    diesel::update(organization_members::table.find(id).filter(organization_members::status.eq("active")))
        .set((
            organization_members::status.eq("removed"),
            organization_members::removed_at.eq(now),
            organization_members::break_glass_until.eq(None::<NumericDate>),
        ))
        .execute(&mut **write)
}

/// Lets a removed member in again; 0 when they are in.
pub fn revive(write: &mut Write<'_>, id: i64, role: &str, now: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Member, id);
    diesel::update(organization_members::table.find(id).filter(organization_members::status.eq("removed")))
        .set((
            organization_members::status.eq("active"),
            organization_members::role.eq(role),
            organization_members::created_at.eq(now),
            organization_members::removed_at.eq(None::<NumericDate>),
        ))
        .execute(&mut **write)
}

/// Ends all of a person's memberships: the account is deleted. Their ids.
pub fn remove_of_user(write: &mut Write<'_>, user_id: i64, now: NumericDate) -> QueryResult<Vec<i64>> {
    let of_the_person = organization_members::user_id.eq(user_id).and(organization_members::status.eq("active"));
    let ids: Vec<i64> =
        organization_members::table.filter(of_the_person).select(organization_members::id).load(&mut **write)?;
    for id in &ids {
        remove(write, *id, now)?;
    }
    Ok(ids)
}

/// Whether an active member's account has one of these addresses.
pub fn any_with_email(conn: &mut Conn, organization_id: i64, emails: Vec<String>) -> QueryResult<bool> {
    let found: Option<i64> = organization_members::table
        .inner_join(users::table.on(users::id.eq(organization_members::user_id)))
        .filter(organization_members::organization_id.eq(organization_id))
        .filter(organization_members::status.eq("active").and(users::email.eq_any(emails)))
        .select(organization_members::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Holds an active member's row until the end of the transaction; 0 when they are none.
pub fn hold(write: &mut Write<'_>, id: i64) -> QueryResult<usize> {
    diesel::update(organization_members::table.find(id).filter(organization_members::status.eq("active")))
        .set(organization_members::status.eq("active"))
        .execute(&mut **write)
}

/// Asks no single sign-on of this member until then.
pub fn break_glass(write: &mut Write<'_>, id: i64, until: NumericDate) -> QueryResult<usize> {
    write.touch(Table::Member, id);
    diesel::update(organization_members::table.find(id))
        .set(organization_members::break_glass_until.eq(until))
        .execute(&mut **write)
}

/// Everybody who belongs to an organization now and may use their account.
pub fn active_users(conn: &mut Conn, organization_id: i64) -> QueryResult<Vec<UserRow>> {
    organization_members::table
        .inner_join(users::table.on(users::id.eq(organization_members::user_id)))
        .filter(organization_members::organization_id.eq(organization_id))
        .filter(organization_members::status.eq("active").and(users::status.eq("active")))
        .order(users::id)
        .select(UserRow::as_select())
        .load(conn)
}

/// Accounts of the active members with a role.
pub fn users_with_role(conn: &mut Conn, organization_id: i64, role: &str) -> QueryResult<Vec<UserRow>> {
    organization_members::table
        .inner_join(users::table.on(users::id.eq(organization_members::user_id)))
        .filter(organization_members::organization_id.eq(organization_id))
        .filter(organization_members::status.eq("active").and(organization_members::role.eq(role)))
        .filter(users::status.eq("active"))
        .order(users::id)
        .select(UserRow::as_select())
        .load(conn)
}
