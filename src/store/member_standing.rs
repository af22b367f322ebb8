//! A membership with all that says whether it opens its organization now: the unit the token check reads and the cache
//! keeps. Whoever writes an organization or a provider touches the whole of [`Table::Member`]; whoever writes a
//! membership or an identity touches its row.

use diesel::QueryResult;

use super::Table;
use super::connection::Conn;
use super::identities::{self, IdentityRow};
use super::organization_members::{self, MemberRow};
use super::organizations::{self, OrganizationRow};
use super::providers::{self, ProviderRow};
use super::rows::CachedRow;

/// A membership and what surrounds it.
#[derive(Clone)]
pub struct MemberStanding {
    /// The membership.
    pub member: MemberRow,
    /// The organization.
    pub organization: OrganizationRow,
    /// Its provider, if it has one.
    pub provider: Option<ProviderRow>,
    /// The member's identity there, if there is one.
    pub identity: Option<IdentityRow>,
}

impl MemberStanding {
    /// Whether the organization asks its members for single sign-on.
    pub fn asks_for_sign_on(&self) -> bool {
        self.provider.as_ref().is_some_and(|provider| provider.status == "active" && !provider.allow_unlinked)
    }
}

impl CachedRow for MemberStanding {
    const TABLE: Table = Table::Member;
    fn load(conn: &mut Conn, id: i64) -> QueryResult<Option<MemberStanding>> {
        let Some(member) = organization_members::find(conn, id)? else { return Ok(None) };
        let Some(organization) = organizations::find(conn, member.organization_id)? else { return Ok(None) };
        let provider = providers::find_of_organization(conn, organization.id)?;
        let identity = match &provider {
            Some(provider) => identities::find_of_user(conn, provider.id, member.user_id)?,
            None => None,
        };
        Ok(Some(MemberStanding { member, organization, provider, identity }))
    }
}

/// The standing of each of these members of one organization, in their order.
pub fn of_members(
    conn: &mut Conn,
    organization: &OrganizationRow,
    members: &[MemberRow],
) -> QueryResult<Vec<MemberStanding>> {
    let provider = providers::find_of_organization(conn, organization.id)?;
    let mut standings = Vec::with_capacity(members.len());
    for member in members {
        let identity = match &provider {
            Some(provider) => identities::find_of_user(conn, provider.id, member.user_id)?,
            None => None,
        };
        let (member, organization, provider) = (member.clone(), organization.clone(), provider.clone());
        standings.push(MemberStanding { member, organization, provider, identity });
    }
    Ok(standings)
}
