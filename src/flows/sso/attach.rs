//! The rows a new link makes: the identity, and a membership where there is none yet.

use serde_json::json;

use super::luggage::Profile;
use super::teams;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::organizations::invitations::by_key::Rules;
use crate::flows::organizations::invitations::email_key;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::identities::{IdentityRow, Vouched};
use crate::store::organization_members::{self, MemberRow};
use crate::store::organizations::OrganizationRow;
use crate::store::team_members::{self, TeamMemberRow};
use crate::store::users::UserRow;
use crate::store::{QueryResult, StoreError, Write, invitations, teams as team_rows};

/// How long after a success an upstream that can be asked again is asked again: well before freshness ends.
const RECHECK_AFTER: i64 = 12;

/// The identity's row to be.
pub fn identity(app: &App, provider_id: i64, user_id: i64, profile: &Profile) -> Result<IdentityRow, StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let vouched = vouched(app, id, profile);
    Ok(IdentityRow {
        id,
        provider_id,
        issuer: profile.issuer.clone(),
        subject: profile.subject.clone(),
        user_id,
        email: vouched.email,
        email_verified: vouched.email_verified,
        name: vouched.name,
        sealed_tokens: vouched.sealed_tokens,
        recheckable: vouched.recheckable,
        status: "valid".to_owned(),
        invalid_reason: None,
        last_verified: now,
        last_synced: now,
        next_check_at: vouched.next_check_at,
        check_failures: 0,
        claimed_until: None,
        created_at: now,
    })
}

/// What an identity's row takes over from a profile.
pub fn vouched(app: &App, identity_id: i64, profile: &Profile) -> Vouched {
    let cut = |text: &Option<String>, longest: usize| text.as_ref().map(|text| text.chars().take(longest).collect());
    Vouched {
        email: cut(&profile.email, 254),
        email_verified: profile.email_verified,
        name: cut(&profile.name, 200),
        sealed_tokens: profile.tokens.as_ref().map(|tokens| tokens.seal(app, identity_id)),
        recheckable: profile.recheckable,
        next_check_at: profile.recheckable.then(|| next_check(app, app.clock.now())),
    }
}

/// When a re-check is due after a success at `now`.
pub fn next_check(app: &App, now: NumericDate) -> NumericDate {
    now + (app.config.sso.freshness * RECHECK_AFTER / 24).max(60)
}

/// A membership to be, with its event, an invitation it uses up, and places in teams.
#[derive(Clone)]
pub struct Joining {
    row: MemberRow,
    event: AuditEventRow,
    invitation: Option<i64>,
    places: Vec<(i64, String, bool)>,
}

/// Somebody joins by the provider's word: in the role of an invitation to the address the provider verified, if one
/// waits, else in the organization's default role, which is never the top one.
pub async fn joining(
    app: &App,
    caller: &Caller,
    organization: &OrganizationRow,
    user: &UserRow,
    profile: &Profile,
) -> Result<Joining, StoreError> {
    let invitation = match profile.email.as_deref().filter(|_| profile.email_verified) {
        None => None,
        Some(email) => {
            let (id, key, now) = (organization.id, email_key(email), app.clock.now());
            let rules = Rules::of(app);
            let found = app.store.read(move |conn| {
                let Some(row) = invitations::pending_for(conn, id, &key)?.filter(|row| row.is_open(now)) else {
                    return Ok(None);
                };
                Ok(if rules.stands(conn, &row)? { Some(row) } else { None })
            });
            found.await?
        }
    };
    let invited = invitation.as_ref().map(|row| row.role.as_str()).filter(|role| app.roles.knows(role));
    let default = match organization.default_role.as_str() {
        role if role == app.roles.top() || !app.roles.knows(role) => app.roles.lowest(),
        role => role,
    };
    let row = MemberRow {
        id: app.store.next_id()?,
        organization_id: organization.id,
        user_id: user.id,
        role: invited.unwrap_or(default).to_owned(),
        status: "active".to_owned(),
        break_glass_until: None,
        created_at: app.clock.now(),
        removed_at: None,
    };
    // What the invitation offers comes first: it was given by hand, and does not follow the claim.
    let offered = invitation.iter().flat_map(|row| row.teams.0.clone()).map(|slug| (slug, false));
    let claimed = teams::slugs(profile).into_iter().map(|slug| (slug, true));
    let places = offered.chain(claimed).map(|(slug, by_claim)| Ok((app.store.next_id()?, slug, by_claim)));
    let places = places.collect::<Result<Vec<_>, StoreError>>()?;
    let data = json!({ "role": &row.role, "by": "sso", "invited": invitation.is_some() });
    let event = audit::draft(app, Some(caller), "org.member.add", Actor::User(user), Target::User(user), data)?;
    let event = audit::of_organization(event, organization.id);
    Ok(Joining { row, event, invitation: invitation.map(|row| row.id), places })
}

/// Joins; false when there is a membership already, or the invitation that waits is another than the one seen before.
///
/// # Errors
/// The database's.
pub fn join(write: &mut Write<'_>, joining: &Joining, invitation: Option<i64>) -> QueryResult<bool> {
    let row = &joining.row;
    if joining.invitation != invitation {
        return Ok(false);
    }
    if let Some(id) = joining.invitation
        && invitations::accept(write, id, row.user_id, row.created_at)? == 0
    {
        return Ok(false);
    }
    if write.unless_taken(|write| organization_members::insert(write, row))?.is_none() {
        return Ok(false);
    }
    for (id, slug, by_claim) in &joining.places {
        let Some(team) = team_rows::find_by_slug(write, row.organization_id, slug)? else { continue };
        let place = TeamMemberRow {
            id: *id,
            team_id: team.id,
            member_id: row.id,
            joined_at: row.created_at,
            by_claim: *by_claim,
        };
        write.unless_taken(|write| team_members::insert(write, &place))?;
    }
    audit_events::insert(write, &joining.event)?;
    Ok(true)
}
