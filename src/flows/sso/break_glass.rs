//! Break-glass: an organization's only owner gets in although its provider is down or denies them. Explicit, for a while,
//! and on the record; never silent (seed FIX 35).

use serde_json::json;

use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::protocol::NumericDate;
use crate::store::member_standing::MemberStanding;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError, audit_events, organization_members};

/// Seconds it lasts when nobody says otherwise.
pub const USUAL: i64 = 3600;
/// Seconds it lasts at most.
pub const LONGEST: i64 = 24 * 3600;

/// Why it stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BreakGlassRefusal {
    /// There is no such organization, or the person is no member.
    #[error("there is no such organization, or the person is no member of it")]
    NotFound,
    /// The organization asks nobody for single sign-on.
    #[error("the organization does not ask for single sign-on: there is nothing to break")]
    NotAsked,
    /// The person does not own it.
    #[error("only an owner may do this")]
    NotAnOwner,
    /// Another owner can get in and mend it.
    #[error("another owner is there: ask them to mend single sign-on, or to switch it off")]
    NotTheOnlyOwner,
    /// Longer than [`LONGEST`], or no time at all.
    #[error("between a minute and a day")]
    Length,
    /// The store has no answer.
    #[error("the server cannot answer now, try again")]
    Unavailable,
}

impl From<StoreError> for BreakGlassRefusal {
    fn from(_: StoreError) -> Self {
        BreakGlassRefusal::Unavailable
    }
}

/// Lets the owner `user` in without single sign-on for `seconds`; until when. Without `caller` it is the operator who does
/// so, for any owner.
///
/// # Errors
/// [`BreakGlassRefusal`].
pub async fn open(
    app: &App,
    caller: Option<&Caller>,
    organization: &OrganizationRow,
    user: &UserRow,
    seconds: i64,
) -> Result<NumericDate, BreakGlassRefusal> {
    if !(60..=LONGEST).contains(&seconds) {
        return Err(BreakGlassRefusal::Length);
    }
    let until = app.clock.now() + seconds;
    let actor = if caller.is_some() { Actor::User(user) } else { Actor::Operator };
    let data = json!({ "until": until });
    let event = audit::draft(app, caller, "sso.break_glass", actor, Target::User(user), data)?;
    let event = audit::of_organization(event, organization.id);
    let (organization_id, user_id, top, operator) =
        (organization.id, user.id, app.roles.top().to_owned(), caller.is_none());
    app.store
        .write(move |write| {
            let found = organization_members::find_of_user(write, organization_id, user_id)?;
            let Some(member) = found.filter(|member| member.status == "active") else {
                return Ok(Err(BreakGlassRefusal::NotFound));
            };
            if member.role != top {
                return Ok(Err(BreakGlassRefusal::NotAnOwner));
            }
            if !MemberStanding::load(write, member.id)?.is_some_and(|standing| standing.asks_for_sign_on()) {
                return Ok(Err(BreakGlassRefusal::NotAsked));
            }
            if !operator && organization_members::others_with_role(write, organization_id, &top, member.id)? > 0 {
                return Ok(Err(BreakGlassRefusal::NotTheOnlyOwner));
            }
            organization_members::break_glass(write, member.id, until)?;
            audit_events::insert(write, &event)?;
            Ok(Ok(until))
        })
        .await?
}
