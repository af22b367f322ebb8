//! What the decision looks at, read within one transaction: for the page, and again for the act itself.

use super::finish::{Errand, Facts, Membership, Owner, Resemblance, Visitor};
use super::luggage::Profile;
use super::who_joins::WhoJoins;
use crate::app::App;
use crate::flows::organizations::invitations::by_key::Rules;
use crate::flows::organizations::invitations::email_key;
use crate::flows::session::SignedIn;
use crate::protocol::NumericDate;
use crate::store::identities::{self, IdentityRow};
use crate::store::organization_members::{self, MemberRow};
use crate::store::sso_flows::SsoFlowRow;
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, Conn, QueryResult, StoreError, email_addresses, invitations, providers};

/// Accounts with one address that are looked at.
const LOOK_ALIKES: i64 = 20;

/// Who sits at the browser.
#[derive(Clone, Copy, Default)]
pub struct Looker {
    user_id: Option<i64>,
    own_factor: bool,
}

impl Looker {
    /// Of the session.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(app: &App, who: Option<&SignedIn>) -> Result<Looker, StoreError> {
        match who {
            None => Ok(Looker::default()),
            Some(who) => Ok(Looker { user_id: Some(who.user.id), own_factor: who.has_local_factor(app.clock.now()) }),
        }
    }
}

/// The facts, and the rows behind them.
pub struct Found {
    /// For [`super::finish::decide`].
    pub facts: Facts,
    /// The identity that came back, if it is linked, and its account.
    pub known: Option<(IdentityRow, UserRow)>,
    /// It was found under its legacy name.
    pub by_legacy: bool,
    /// Membership of the account concerned.
    pub member: Option<MemberRow>,
    /// The visitor's other identity at this provider.
    pub other: Option<IdentityRow>,
    /// The invitation that waits at the address the provider verified.
    pub invitation: Option<i64>,
}

/// Whether the browser's session is another than the one that began the flow. A flow that began with nobody signed in
/// may go on once somebody is: that is how they prove the account.
pub fn visitor_changed(flow: &SsoFlowRow, who: Option<&SignedIn>) -> bool {
    changed(flow, who.map(|who| who.user.id))
}

fn changed(flow: &SsoFlowRow, user_id: Option<i64>) -> bool {
    flow.user_id.is_some() && flow.user_id != user_id
}

/// Reads them.
///
/// # Errors
/// The database's.
pub fn gather(
    conn: &mut Conn,
    flow: &SsoFlowRow,
    errand: Errand,
    profile: &Profile,
    looker: Looker,
    now: NumericDate,
    rules: &Rules,
) -> QueryResult<Found> {
    let (known, by_legacy) = known(conn, flow.provider_id, profile)?;
    let owner = match &known {
        None => Owner::Nobody,
        Some((_, user)) if !user.is_active() => Owner::Inactive,
        Some((_, user)) if Some(user.id) == looker.user_id => Owner::Visitor,
        Some(_) => Owner::Account,
    };
    let concerned = known.as_ref().map(|(_, user)| user.id).or(looker.user_id);
    let concerned = if errand == Errand::SetUp { looker.user_id } else { concerned };
    let member = match concerned {
        Some(user_id) => organization_members::find_of_user(conn, flow.organization_id, user_id)?,
        None => None,
    };
    let other = match (flow.provider_id, looker.user_id) {
        (Some(provider_id), Some(user_id)) => identities::find_of_user(conn, provider_id, user_id)?,
        _ => None,
    };
    let other = other.filter(|other| known.as_ref().is_none_or(|(identity, _)| identity.id != other.id));
    let invitation = match profile.email.as_deref().filter(|_| profile.email_verified) {
        Some(email) => invitations::pending_for(conn, flow.organization_id, &email_key(email))?,
        None => None,
    };
    let invitation = match invitation.filter(|row| row.is_open(now)) {
        Some(row) if rules.stands(conn, &row)? => Some(row.id),
        _ => None,
    };
    let facts = Facts {
        errand,
        visitor: match looker.user_id {
            user_id if changed(flow, user_id) => Visitor::Changed,
            None => Visitor::Anonymous,
            Some(_) if looker.own_factor => Visitor::Proven,
            Some(_) => Visitor::Vouched,
        },
        owner,
        membership: match &member {
            None => Membership::None,
            Some(member) if member.status == "active" => Membership::Active,
            Some(_) => Membership::Removed,
        },
        resemblance: resemblance(conn, profile, looker.user_id)?,
        has_other: other.is_some(),
        may_join: invitation.is_some() || !invited_only(conn, flow)?,
    };
    Ok(Found { facts, known, by_legacy, member, other, invitation })
}

fn invited_only(conn: &mut Conn, flow: &SsoFlowRow) -> QueryResult<bool> {
    let Some(provider_id) = flow.provider_id else { return Ok(false) };
    let provider = providers::find(conn, provider_id)?;
    // What cannot be read lets nobody in.
    Ok(provider.is_none_or(|row| WhoJoins::parse(&row.joining) != Some(WhoJoins::Everyone)))
}

fn known(
    conn: &mut Conn,
    provider_id: Option<i64>,
    profile: &Profile,
) -> QueryResult<(Option<(IdentityRow, UserRow)>, bool)> {
    let Some(provider_id) = provider_id else { return Ok((None, false)) };
    let mut by_legacy = false;
    let mut found = identities::find_of_subject(conn, provider_id, &profile.issuer, &profile.subject)?;
    if let (None, Some(legacy)) = (&found, &profile.legacy_subject) {
        found = identities::find_of_subject(conn, provider_id, &profile.issuer, legacy)?;
        by_legacy = found.is_some();
    }
    let Some(identity) = found else { return Ok((None, false)) };
    let user = UserRow::load(conn, identity.user_id)?;
    Ok((user.map(|user| (identity, user)), by_legacy))
}

fn resemblance(conn: &mut Conn, profile: &Profile, visitor: Option<i64>) -> QueryResult<Resemblance> {
    let Some(email) = profile.email.as_ref().filter(|_| profile.email_verified) else { return Ok(Resemblance::None) };
    // As written and in lower case, letter by letter: look-alikes from other alphabets are other addresses (C47).
    let spellings = [email.clone(), email.to_ascii_lowercase()];
    let alike = users::list_active_by_email(conn, &spellings, LOOK_ALIKES)?;
    let mut further = email_addresses::active_by_key(conn, &email_key(email), LOOK_ALIKES)?;
    further.retain(|(row, _)| row.email.eq_ignore_ascii_case(email));
    let mut all = alike.iter().chain(further.iter().map(|(_, user)| user));
    Ok(match alike.as_slice() {
        [] if further.is_empty() => Resemblance::None,
        _ if all.any(|user| Some(user.id) == visitor) => Resemblance::Visitor,
        alike if !further.is_empty() || alike.iter().any(|user| user.email_verified_at.is_some()) => {
            Resemblance::Proven
        }
        _ => Resemblance::Unproven,
    })
}
