//! Teams that follow the claim which the provider's mapping names: joined and left at each sign-in. Only places that came
//! from the claim are taken away again; who was put into a team by hand stays in it.

use serde_json::json;

use super::luggage::Profile;
use super::providers;
use super::refusal::SsoRefusal;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::organizations::OrganizationRow;
use crate::store::providers::ProviderRow;
use crate::store::team_members::{self, TeamMemberRow};
use crate::store::users::UserRow;
use crate::store::{QueryResult, Write, teams};

/// What the claim says, ready to be carried out.
#[derive(Clone)]
pub struct Followed {
    wanted: Vec<(i64, String)>,
    event: AuditEventRow,
}

/// Slugs in the claim; what cannot be one is passed over.
pub fn slugs(profile: &Profile) -> Vec<String> {
    let plain = |slug: &&String| slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let mut slugs: Vec<String> = profile.teams.iter().filter(plain).cloned().collect();
    slugs.sort();
    slugs.dedup();
    slugs
}

/// What the claim says of `user`'s teams; none where the mapping names no claim for teams.
///
/// # Errors
/// When this server cannot read the provider's settings, or the store's.
pub fn read(
    app: &App,
    caller: &Caller,
    organization: &OrganizationRow,
    provider: &ProviderRow,
    user: &UserRow,
    profile: &Profile,
) -> Result<Option<Followed>, SsoRefusal> {
    if providers::open(app, provider)?.settings.claims.teams.is_empty() {
        return Ok(None);
    }
    let mut wanted = Vec::new();
    for slug in slugs(profile) {
        wanted.push((app.store.next_id()?, slug));
    }
    let event = audit::draft(app, Some(caller), "org.team.follow", Actor::User(user), Target::User(user), json!({}))?;
    Ok(Some(Followed { wanted, event: audit::of_organization(event, organization.id) }))
}

/// Joins and leaves, on the record if anything changed. The organization is held.
///
/// # Errors
/// The database's.
pub fn follow(write: &mut Write<'_>, followed: &Followed, member_id: i64, now: NumericDate) -> QueryResult<()> {
    let Some(organization_id) = followed.event.organization_id else { return Ok(()) };
    let before = team_members::of_member(write, member_id)?;
    let (mut joined, mut left) = (Vec::new(), Vec::new());
    for (place, slug) in &before {
        if place.by_claim && !followed.wanted.iter().any(|(_, wanted)| wanted == slug) {
            team_members::delete(write, place.team_id, member_id)?;
            left.push(slug.clone());
        }
    }
    for (id, slug) in &followed.wanted {
        if before.iter().any(|(_, known)| known == slug) {
            continue;
        }
        let Some(team) = teams::find_by_slug(write, organization_id, slug)? else { continue };
        let place = TeamMemberRow { id: *id, team_id: team.id, member_id, joined_at: now, by_claim: true };
        team_members::insert(write, &place)?;
        joined.push(slug.clone());
    }
    if !joined.is_empty() || !left.is_empty() {
        let mut event = followed.event.clone();
        event.data = json!({ "joined": joined, "left": left }).to_string();
        audit_events::insert(write, &event)?;
    }
    Ok(())
}
