//! Answering an invitation. The link is the proof; whoever holds it may use it, once, with the account they choose.

use serde_json::json;

use crate::app::App;
use crate::app::throttle::address_key;
use crate::crypto::token::{TokenKind, TokenText};
use crate::flows::audit::Target;
use crate::flows::caller::Caller;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::invitations::by_key::Rules;
use crate::flows::organizations::members::add::admit;
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::invitations::{self, InvitationRow};
use crate::store::organizations::{self, OrganizationRow};
use crate::store::team_members::{self, TeamMemberRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, audit_events, organization_members, teams};

/// What an invitation offers, to whoever holds its link.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The organization's name.
    pub organization: String,
    /// Its address.
    pub slug: String,
    /// Who invites, if a person does.
    pub inviter: Option<String>,
    /// Where it was sent.
    pub email: String,
    /// Role on acceptance.
    pub role: String,
    /// When it ends.
    pub expires_at: NumericDate,
    /// Whoever looks is a member already.
    pub member_already: bool,
}

/// Looks at an invitation; looking does not use it up.
///
/// # Errors
/// [`OrganizationRefusal::InvitationVoid`], whatever the reason is, or the store's.
pub async fn look(app: &App, caller: &Caller, token: &str, user_id: Option<i64>) -> Result<Offer, OrganizationRefusal> {
    let (row, organization) = find(app, caller, token).await?;
    let (inviter, organization_id) = (row.invited_by, organization.id);
    let (inviter, member) = app
        .store
        .read(move |conn| {
            let inviter = inviter.map(|id| UserRow::load(conn, id)).transpose()?.flatten();
            let member = user_id.map(|id| organization_members::find_of_user(conn, organization_id, id)).transpose()?;
            Ok((inviter, member.flatten()))
        })
        .await?;
    Ok(Offer {
        organization: organization.name,
        slug: organization.slug,
        inviter: inviter.map(|user| user.name).filter(|name| !name.is_empty()),
        email: row.email,
        role: row.role,
        expires_at: row.expires_at,
        member_already: member.is_some_and(|member| member.status == "active"),
    })
}

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Address of the organization.
    pub slug: String,
    /// The person had been a member before: the invitation is used up, nothing else changed.
    pub member_already: bool,
}

/// Accepts: of many at once one succeeds. Single use is one guarded statement; expiry is judged there too (C62).
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn accept(app: &App, caller: &Caller, user: &UserRow, token: &str) -> Result<Accepted, OrganizationRefusal> {
    let (row, organization) = find(app, caller, token).await?;
    let now = app.clock.now();
    let member_id = app.store.next_id()?;
    let places = row.teams.0.iter().map(|slug| Ok((app.store.next_id()?, slug.clone())));
    let places = places.collect::<Result<Vec<_>, crate::store::StoreError>>()?;
    let (by, target) = (By::Person(user, caller), Target::Row("invitation", row.id, &row.email));
    let event = change::event(app, by, organization.id, "org.invite.accept", target, json!({}))?;
    let (id, organization_id, user_id, roles) = (row.id, organization.id, user.id, app.roles.clone());
    let rules = Rules::of(app);
    let accepted = terms::of(app, Some(caller)).write(move |write| {
        let held = organizations::hold(write, organization_id)?.filter(|held| held.status == "active");
        let Some(held) = held else { return Ok(Err(OrganizationRefusal::InvitationVoid)) };
        if !UserRow::load(write, user_id)?.is_some_and(|user| user.is_active()) {
            return Ok(Err(OrganizationRefusal::MemberUnknown));
        }
        if !rules.stands(write, &row)? || invitations::accept(write, id, user_id, now)? == 0 {
            return Ok(Err(OrganizationRefusal::InvitationVoid));
        }
        let role = if roles.knows(&row.role) { &row.role } else { &held.default_role };
        let member_already = match admit(write, &held, member_id, user_id, role, now)? {
            Err(OrganizationRefusal::AlreadyMember(_)) => true,
            Err(refusal) => return Ok(Err(refusal)),
            Ok(member) => {
                for (place, slug) in &places {
                    let Some(team) = teams::find_by_slug(write, held.id, slug)? else { continue };
                    let place = TeamMemberRow {
                        id: *place,
                        team_id: team.id,
                        member_id: member,
                        joined_at: now,
                        by_claim: false,
                    };
                    write.unless_taken(|write| team_members::insert(write, &place))?;
                }
                false
            }
        };
        let mut event = event.clone();
        event.data = json!({
            "role": role, "invited_by": row.invited_by, "invited_by_key": row.invited_by_key.map(|id| id.to_string()),
            "member_already": member_already,
        })
        .to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(Accepted { slug: held.slug, member_already }))
    });
    accepted.await?
}

/// Row and organization of a link that works now. Texts that name no invitation count against the address.
async fn find(
    app: &App,
    caller: &Caller,
    token: &str,
) -> Result<(InvitationRow, OrganizationRow), OrganizationRefusal> {
    let void = OrganizationRefusal::InvitationVoid;
    let parsed = TokenText::parse(TokenKind::Invitation, token).map_err(|_| void.clone())?;
    let key = address_key(caller.address);
    let (id, rules) = (parsed.id, Rules::of(app));
    let found = app
        .store
        .read(move |conn| {
            let Some(row) = invitations::find(conn, id)? else { return Ok(None) };
            let stands = rules.stands(conn, &row)?;
            Ok(organizations::find(conn, row.organization_id)?.map(|organization| (row, organization, stands)))
        })
        .await?;
    let Some((row, organization, stands)) = found.filter(|(row, ..)| parsed.digest.matches(&row.digest)) else {
        let _now_limited = app.throttles.misses.check(&key);
        return Err(void);
    };
    match row.is_open(app.clock.now()) && stands && organization.status == "active" {
        true => Ok((row, organization)),
        false => Err(void),
    }
}
