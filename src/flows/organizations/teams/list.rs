//! Teams to look at.

use std::collections::HashMap;

use crate::app::App;
use crate::store::organizations::OrganizationRow;
use crate::store::{StoreError, team_members, teams};

/// A team in a list.
#[derive(Clone, Debug)]
pub struct TeamLine {
    /// In addresses.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// How many are in it.
    pub members: usize,
    /// Whoever looks is in it.
    pub mine: bool,
}

/// Somebody in a team.
#[derive(Clone, Debug)]
pub struct TeamMember {
    /// Subject identifier.
    pub sub: String,
    /// User name.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Role in the organization.
    pub role: String,
}

/// The teams of an organization, by slug, as member `viewer` sees them.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, organization: &OrganizationRow, viewer: i64) -> Result<Vec<TeamLine>, StoreError> {
    let id = organization.id;
    app.store
        .read(move |conn| {
            let mut inside: HashMap<i64, Vec<i64>> = HashMap::new();
            for (team, member) in team_members::of_organization(conn, id)? {
                inside.entry(team).or_default().push(member);
            }
            let lines = teams::list(conn, id)?.into_iter().map(|team| {
                let members = inside.remove(&team.id).unwrap_or_default();
                let mine = members.contains(&viewer);
                TeamLine { slug: team.slug, name: team.name, members: members.len(), mine }
            });
            Ok(lines.collect())
        })
        .await
}

/// One team of this very organization, and who is in it, by user name (C70).
///
/// # Errors
/// The store's.
pub async fn show(
    app: &App,
    organization: &OrganizationRow,
    slug: &str,
    viewer: i64,
) -> Result<Option<(TeamLine, Vec<TeamMember>)>, StoreError> {
    let (id, slug) = (organization.id, slug.to_owned());
    app.store
        .read(move |conn| {
            let Some(team) = teams::find_by_slug(conn, id, &slug)? else { return Ok(None) };
            let rows = team_members::list(conn, team.id)?;
            let mine = rows.iter().any(|(member, _)| member.id == viewer);
            let members: Vec<TeamMember> = rows
                .into_iter()
                .map(|(member, user)| TeamMember {
                    sub: user.sub,
                    login: user.login,
                    name: user.name,
                    role: member.role,
                })
                .collect();
            Ok(Some((TeamLine { slug: team.slug, name: team.name, members: members.len(), mine }, members)))
        })
        .await
}
