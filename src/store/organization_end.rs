//! What goes with an organization when it is really deleted: everything that hangs on it, in bounded steps. Audit events
//! and the people stay.

use diesel::prelude::*;

use super::schema::{
    authorizations, identities, invitations, organization_members, organizations, providers, session_proofs, sso_flows,
    team_members, teams, users,
};
use super::{Table, Write, api_keys, authorizations as allowed, organization_clients, personal_tokens, registrations};

/// Ends at most `limit` memberships with all that hangs on them; how many it were.
pub fn delete_some_members(write: &mut Write<'_>, organization_id: i64, limit: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = organization_members::table
        .filter(organization_members::organization_id.eq(organization_id))
        .limit(limit)
        .select(organization_members::id)
        .load(&mut **write)?;
    for id in &ids {
        write.touch(Table::Member, *id);
        allowed::delete_of_member(write, *id)?;
        personal_tokens::delete_of_member(write, *id)?;
    }
    let gone = ids.len();
    diesel::delete(team_members::table.filter(team_members::member_id.eq_any(ids.clone()))).execute(&mut **write)?;
    diesel::delete(organization_members::table.filter(organization_members::id.eq_any(ids))).execute(&mut **write)?;
    Ok(gone)
}

/// Deletes at most `limit` identities at the organization's provider; how many it were.
pub fn delete_some_identities(write: &mut Write<'_>, organization_id: i64, limit: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = identities::table
        .inner_join(providers::table.on(providers::id.eq(identities::provider_id)))
        .filter(providers::organization_id.eq(organization_id))
        .limit(limit)
        .select(identities::id)
        .load(&mut **write)?;
    write.touch_table(Table::Member);
    diesel::delete(identities::table.filter(identities::id.eq_any(ids))).execute(&mut **write)
}

/// Deletes the row and the rest, once members and identities are gone. Accounts its provider brought are their people's
/// own from now on: a mailed link gives them a password.
pub fn delete_rest(write: &mut Write<'_>, organization_id: i64) -> QueryResult<usize> {
    for table in [Table::Member, Table::SessionProofs, Table::User, Table::Authorization] {
        write.touch_table(table);
    }
    write.touch(Table::Organization, organization_id);
    diesel::update(users::table.filter(users::managed_by.eq(organization_id)))
        .set(users::managed_by.eq(None::<i64>))
        .execute(&mut **write)?;
    diesel::delete(authorizations::table.filter(authorizations::organization_id.eq(organization_id)))
        .execute(&mut **write)?;
    diesel::delete(session_proofs::table.filter(session_proofs::organization_id.eq(organization_id)))
        .execute(&mut **write)?;
    diesel::delete(sso_flows::table.filter(sso_flows::organization_id.eq(organization_id))).execute(&mut **write)?;
    diesel::delete(providers::table.filter(providers::organization_id.eq(organization_id))).execute(&mut **write)?;
    diesel::delete(invitations::table.filter(invitations::organization_id.eq(organization_id)))
        .execute(&mut **write)?;
    api_keys::delete_of_organization(write, organization_id)?;
    personal_tokens::delete_of_organization(write, organization_id)?;
    organization_clients::delete_of_organization(write, organization_id)?;
    registrations::delete_of_organization(write, organization_id)?;
    diesel::delete(teams::table.filter(teams::organization_id.eq(organization_id))).execute(&mut **write)?;
    diesel::delete(organizations::table.find(organization_id)).execute(&mut **write)
}
