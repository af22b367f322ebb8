//! The end of a membership: the row stays, so that single sign-on does not bring the person back, and everything that
//! lives by it goes in the same transaction.

use serde_json::json;

use super::is_last_owner;
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::change::{self, By};
use crate::flows::organizations::invitations::by_key::Rules;
use crate::flows::organizations::invitations::revoke::{emails, revoke_beyond};
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::store::api_keys::ApiKeyRow;
use crate::store::organizations::OrganizationRow;
use crate::store::users::{self, UserRow};
use crate::store::{
    CachedRow as _, api_keys, audit_events, authorizations, organization_members, personal_tokens, session_proofs,
    team_members,
};

/// Ends a membership. Everybody may end their own, unless nobody would remain owner.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn remove(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    user: &UserRow,
) -> Result<(), OrganizationRefusal> {
    let leaves = by.user_id() == Some(user.id);
    let name = if leaves { "org.member.leave" } else { "org.member.remove" };
    let event = change::event(app, by, organization.id, name, Target::User(user), json!({}))?;
    let (user_id, now, roles, rules) = (user.id, app.clock.now(), app.roles.clone(), Rules::of(app));
    let needed = (!leaves).then_some("member:write");
    change::change(app, organization.id, by, needed, move |write, held, authority| {
        let member = organization_members::find_of_user(write, held.id, user_id)?;
        let Some(member) = member.filter(|member| member.status == "active") else {
            return Ok(Err(OrganizationRefusal::MemberUnknown));
        };
        if !authority.is(member.id)
            && let Err(refusal) = authority.reaches(&roles, &member.role)
        {
            return Ok(Err(refusal));
        }
        if is_last_owner(write, &roles, &member)? {
            return Ok(Err(OrganizationRefusal::LastOwner(member.role)));
        }
        organization_members::remove(write, member.id, now)?;
        team_members::delete_of_member(write, member.id)?;
        authorizations::delete_of_member(write, member.id)?;
        personal_tokens::delete_of_member(write, member.id)?;
        session_proofs::delete_of_member(write, held.id, user_id)?;
        // An account the organization's provider brought is the person's own now: a password comes by mail.
        if UserRow::load(write, user_id)?.is_some_and(|user| user.managed_by == Some(held.id)) {
            users::release(write, user_id)?;
        }
        let mut taken_back = revoke_beyond(write, &roles, held.id, user_id, None, now)?;
        // The row is kept, and comes back if the person is invited again: what followed it stays off until an owner
        // switches it on.
        let mut switched_off = Vec::new();
        for key in api_keys::followers(write, held.id, member.id)? {
            let off = ApiKeyRow { status: "inactive".to_owned(), updated_at: now, ..key };
            api_keys::update(write, &off)?;
            taken_back.extend(rules.take_back(write, &off)?);
            switched_off.push(off.label);
        }
        let mut event = event.clone();
        let mut data = json!({ "role": member.role });
        if !switched_off.is_empty() {
            data["api_keys_switched_off"] = json!(switched_off);
        }
        if !taken_back.is_empty() {
            data["invitations_taken_back"] = json!(emails(&taken_back));
        }
        event.data = data.to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(()))
    })
    .await
}
