//! The end of a personal token: the row goes, and with it what the text opens, at once.

use serde_json::json;

use super::refusal::PersonalTokenRefusal;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::store::users::UserRow;
use crate::store::{audit_events, personal_tokens};

/// Deletes one of the person's tokens by its public name.
///
/// # Errors
/// [`PersonalTokenRefusal::NotFound`] for somebody else's too (C70), or the store's.
pub async fn remove(
    app: &App,
    caller: &Caller,
    actor: Actor<'_>,
    user: &UserRow,
    public_id: &str,
) -> Result<(), PersonalTokenRefusal> {
    let found = super::show(app, user, public_id).await?.row;
    let target = Target::Row("personal_token", found.id, &found.name);
    let mut event = audit::draft(app, Some(caller), "personal_token.delete", actor, target, json!({}))?;
    if let Some(organization) = found.organization_id {
        event = audit::of_organization(event, organization);
    }
    let gone = terms::of(app, Some(caller)).write(move |write| {
        let gone = personal_tokens::delete(write, found.id)? == 1;
        if gone {
            audit_events::insert(write, &event)?;
        }
        Ok(gone)
    });
    if gone.await? { Ok(()) } else { Err(PersonalTokenRefusal::NotFound) }
}
