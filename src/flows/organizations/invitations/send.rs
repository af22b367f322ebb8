//! Inviting somebody. The newest invitation to an address is the only one that works.

use serde_json::json;

use super::email_key;
use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audit::Target;
use crate::flows::mail::{self, Mail, Recipient};
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::flows::people::is_email;
use crate::protocol::NumericDate;
use crate::store::ids::first_id_of;
use crate::store::invitations::{self, InvitationRow};
use crate::store::organizations::OrganizationRow;
use crate::store::types::TextArray;
use crate::store::{audit_events, organization_members, teams};

/// Below the issuer; the token follows.
pub const PATH: &str = "/invite/";

/// Teams one invitation leads into.
const MAX_TEAMS: usize = 50;

/// Seconds between two mails to one address.
const BETWEEN: i64 = 60;

/// What whoever invites wrote down.
#[derive(Clone, Debug, Default)]
pub struct NewInvitation {
    /// Where to send it.
    pub email: String,
    /// Role on acceptance.
    pub role: String,
    /// Slugs of teams to join.
    pub teams: Vec<String>,
}

/// An invitation on its way. Has no `Debug`: whoever has the link may join.
pub struct Sent {
    /// Where it goes.
    pub email: String,
    /// The link, for an operator who carries it by hand.
    pub link: String,
    /// When it ends.
    pub expires_at: NumericDate,
}

/// Invites somebody by mail; an earlier invitation to the same address is void from then on.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn send(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    new: NewInvitation,
) -> Result<Sent, OrganizationRefusal> {
    let roles = app.roles.clone();
    let email = new.email.trim().to_owned();
    let malformed = || OrganizationRefusal::EmailMalformed(email.clone());
    let recipient = Recipient::new(&email).filter(|_| is_email(&email)).ok_or_else(malformed)?;
    if !roles.knows(&new.role) {
        return Err(OrganizationRefusal::RoleUnknown(new.role));
    }
    let mut wanted = new.teams;
    wanted.sort();
    wanted.dedup();
    if wanted.len() > MAX_TEAMS {
        return Err(OrganizationRefusal::TooManyTeams(MAX_TEAMS));
    }
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let expires_at = now + app.config.organizations.invitation_lifetime;
    let token = PlainToken::new(TokenKind::Invitation, id, random::secret().expose());
    let path = format!("{PATH}{}", token.expose());
    let inviter = by.user().map(|user| user.name.clone());
    let text = Mail::Invitation {
        organization: organization.name.clone(),
        inviter,
        role: new.role.clone(),
        path: path.clone(),
        expires_at,
    };
    let draft = mail::draft(app, &text, &recipient.for_organization(organization.id))?;
    let row = InvitationRow {
        id,
        organization_id: organization.id,
        email_key: email_key(&email),
        email: email.clone(),
        role: new.role,
        teams: TextArray(wanted),
        digest: token.digest().as_bytes().to_vec(),
        invited_by: by.user_id(),
        created_at: now,
        expires_at,
        accepted_at: None,
        accepted_by: None,
        revoked_at: None,
        invited_by_key: by.key_id(),
    };
    let data = json!({ "role": row.role, "teams": row.teams.0 });
    let event = change::event(app, by, organization.id, "org.invite", Target::Row("invitation", id, &email), data)?;
    let (operator, a_day, addresses) = (
        matches!(by, By::Operator),
        app.config.organizations.invitations_per_day,
        [email.clone(), email.to_lowercase()],
    );
    change::change(app, organization.id, by, Some("member:write"), move |write, held, authority| {
        if let Err(refusal) = authority.reaches(&roles, &row.role) {
            return Ok(Err(refusal));
        }
        if organization_members::any_with_email(write, held.id, addresses.to_vec())? {
            return Ok(Err(OrganizationRefusal::AlreadyMember(row.email.clone())));
        }
        if teams::known(write, held.id, &row.teams.0)?.len() < row.teams.0.len() {
            return Ok(Err(OrganizationRefusal::TeamUnknown));
        }
        if !operator && invitations::count_from(write, held.id, first_id_of((now - 86_400).max(0) * 1000))? >= a_day {
            return Ok(Err(OrganizationRefusal::TooManyToday(a_day)));
        }
        if let Some(earlier) = invitations::pending_for(write, held.id, &row.email_key)? {
            // Whoever may not give that role may not take it back either.
            if let Err(refusal) = authority.reaches(&roles, &earlier.role) {
                return Ok(Err(refusal));
            }
            if !operator && now - earlier.created_at < BETWEEN {
                return Ok(Err(OrganizationRefusal::TooSoon(row.email.clone())));
            }
            invitations::revoke(write, earlier.id, now)?;
        }
        invitations::insert(write, &row)?;
        mail::queue(write, &draft)?;
        audit_events::insert(write, &event)?;
        Ok(Ok(()))
    })
    .await?;
    Ok(Sent { email, link: app.issuer.endpoint(&path), expires_at })
}

/// Sends an invitation that waits once more, with a new link.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn again(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    email: &str,
) -> Result<Sent, OrganizationRefusal> {
    let (id, key) = (organization.id, email_key(email));
    let found = app
        .store
        .read(move |conn| match invitations::pending_for(conn, id, &key)? {
            None => Ok(None),
            // A team may have gone meanwhile.
            Some(row) => teams::list(conn, id).map(|teams| Some((row, teams))),
        })
        .await?;
    let Some((row, teams)) = found else { return Err(OrganizationRefusal::InvitationUnknown(email.to_owned())) };
    let there = row.teams.0.into_iter().filter(|slug| teams.iter().any(|team| team.slug == *slug));
    let new = NewInvitation { email: row.email, role: row.role, teams: there.collect() };
    send(app, by, organization, new).await
}
