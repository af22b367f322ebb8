//! Accounts enabled, disabled and deleted. Disabling and deleting end every session and grant at once (ASVS 7.4.2, C65).

use serde_json::json;

use super::PersonRefusal;
use super::administrator::nobody_would_be_left;
use super::organizations::{End, Owners, leave_in_order};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::logout::end as logout;
use crate::flows::terms;
use crate::protocol::roles::Roles;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::users::{self, UserRow};
use crate::store::{
    QueryResult, Store, StoreError, Write, authorizations, email_addresses, identities, known_devices, mail_links,
    organization_members, personal_tokens, team_members,
};

/// Lets the account be used again; its old sessions and grants stay void. False when it could be, or is deleted.
///
/// # Errors
/// The store's.
pub async fn enable(app: &App, caller: Option<&Caller>, actor: Actor<'_>, user: &UserRow) -> Result<bool, StoreError> {
    let event = audit::draft(app, caller, "user.enable", actor, Target::User(user), json!({}))?;
    let id = user.id;
    terms::of(app, caller)
        .write(move |write| {
            let changed = users::set_status(write, id, "active")? == 1;
            if changed {
                audit_events::insert(write, &event)?;
            }
            Ok(changed)
        })
        .await
}

/// Shuts the account, and takes back the invitations the person sent. False when it was, or is deleted.
///
/// # Errors
/// [`PersonRefusal::LastAdministrator`], [`PersonRefusal::LastOwner`], or the store's.
pub async fn disable(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
) -> Result<bool, PersonRefusal> {
    shut(app, caller, actor, user, Owners::Stay).await
}

/// The emergency brake: the same for an account in a stranger's hands, whatever it owns.
///
/// # Errors
/// [`PersonRefusal::LastAdministrator`], or the store's.
pub async fn disable_even_last_owner(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
) -> Result<bool, PersonRefusal> {
    shut(app, caller, actor, user, Owners::MayBeMissing).await
}

async fn shut(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    owners: Owners,
) -> Result<bool, PersonRefusal> {
    let event = audit::draft(app, caller, "user.disable", actor, Target::User(user), json!({}))?;
    let (id, store, roles) = (user.id, app.store.clone(), app.roles.clone());
    terms::of(app, caller)
        .write(move |write| {
            let done = shut_within(write, (&store, &roles), id, owners, &event)?;
            if matches!(done, Ok(true)) {
                audit_events::insert(write, &event)?;
            }
            Ok(done)
        })
        .await?
}

/// Enables or disables inside a larger change, with the event; false when it was so.
pub(super) fn switch_within(
    write: &mut Write<'_>,
    store: &Store,
    roles: &Roles,
    id: i64,
    active: bool,
    event: &AuditEventRow,
) -> QueryResult<Result<bool, PersonRefusal>> {
    let changed = match active {
        true => Ok(users::set_status(write, id, "active")? == 1),
        false => disable_within(write, store, roles, id, event)?,
    };
    if matches!(changed, Ok(true)) {
        audit_events::insert(write, event)?;
    }
    Ok(changed)
}

/// The same inside a larger change, which writes its own event `told`.
pub(in crate::flows) fn disable_within(
    write: &mut Write<'_>,
    store: &Store,
    roles: &Roles,
    id: i64,
    told: &AuditEventRow,
) -> QueryResult<Result<bool, PersonRefusal>> {
    shut_within(write, (store, roles), id, Owners::Stay, told)
}

fn shut_within(
    write: &mut Write<'_>,
    (store, roles): (&Store, &Roles),
    id: i64,
    owners: Owners,
    told: &AuditEventRow,
) -> QueryResult<Result<bool, PersonRefusal>> {
    if nobody_would_be_left(write, id)? {
        return Ok(Err(PersonRefusal::LastAdministrator));
    }
    if let Err(refusal) = leave_in_order(write, (store, roles), id, (End::Shut, owners), told)? {
        return Ok(Err(refusal));
    }
    let changed = users::set_status(write, id, "disabled")? == 1;
    if changed {
        let valid_from = store.id_within(write)?;
        users::set_valid_from(write, id, valid_from)?;
        logout::all(write, store, id, None, told.at)?;
        personal_tokens::delete_of_user(write, id)?;
    }
    Ok(Ok(changed))
}

/// Deletes the person: what is left is a tombstone that keeps `sub` and id from being used again (C49), and events that
/// name the login. False when they were deleted before.
///
/// # Errors
/// [`PersonRefusal::LastAdministrator`], [`PersonRefusal::LastOwner`], or the store's.
pub async fn delete(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
) -> Result<bool, PersonRefusal> {
    let event = audit::draft(app, caller, "user.delete", actor, Target::User(user), json!({ "sub": user.sub }))?;
    let (id, now, store, roles) = (user.id, app.clock.now(), app.store.clone(), app.roles.clone());
    let tombstone = tombstone(id);
    terms::of(app, caller)
        .write(move |write| {
            if nobody_would_be_left(write, id)? {
                return Ok(Err(PersonRefusal::LastAdministrator));
            }
            if let Err(refusal) = leave_in_order(write, (&store, &roles), id, (End::Deleted, Owners::Stay), &event)? {
                return Ok(Err(refusal));
            }
            users::hold(write, id)?;
            let valid_from = store.id_within(write)?;
            users::set_valid_from(write, id, valid_from)?;
            let changed = users::entomb(write, id, &tombstone)? == 1;
            if changed {
                authorizations::delete_of_user(write, id)?;
                identities::entomb_of_user(write, id)?;
                for member in organization_members::remove_of_user(write, id, now)? {
                    team_members::delete_of_member(write, member)?;
                }
                mail_links::void_all(write, id, now)?;
                email_addresses::delete_of_user(write, id)?;
                known_devices::delete_of_user(write, id)?;
                personal_tokens::delete_of_user(write, id)?;
                logout::all(write, &store, id, None, now)?;
                audit_events::insert(write, &event)?;
            }
            Ok(Ok(changed))
        })
        .await?
}

/// The same by the person, who typed their login to say that they mean it. Whoever is the last owner of an organization
/// stays until somebody else is.
///
/// # Errors
/// [`PersonRefusal::NotConfirmed`], [`PersonRefusal::OwnsAlone`], and as [`delete`].
pub async fn delete_own(app: &App, caller: &Caller, user: &UserRow, typed: &str) -> Result<bool, PersonRefusal> {
    if typed.trim() != user.login {
        return Err(PersonRefusal::NotConfirmed);
    }
    delete(app, Some(caller), Actor::User(user), user).await.map_err(|refusal| match refusal {
        PersonRefusal::LastOwner { organizations, .. } => PersonRefusal::OwnsAlone(organizations.join(", ")),
        other => other,
    })
}

/// Folded logins are lower case, so nobody can register this one.
fn tombstone(id: i64) -> String {
    format!("DELETED {id}")
}
