//! Several things about an account changed at once by an administrator: all of it, or nothing.

use serde_json::json;

use super::administrator::set_within;
use super::correct::{Correction, Drafted, TRIES};
use super::status::switch_within;
use super::{PersonRefusal, claims};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::protocol::standard_claims::StandardClaims;
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, instance};

/// What is changed; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Amendment {
    /// Name and address.
    pub correction: Correction,
    /// Administrator of this server.
    pub administrator: Option<bool>,
    /// Whether the account may be used.
    pub active: Option<bool>,
    /// What applications may be told, all of it.
    pub claims: Option<StandardClaims>,
}

/// Why a transaction was taken back.
enum Stopped {
    /// Something of it may not be.
    Refused(PersonRefusal),
    /// The account is another one than the amendment was drafted for.
    Changed(Option<Box<UserRow>>),
}

/// Does all of it in one transaction, one event each.
///
/// # Errors
/// [`PersonRefusal`]; nothing is changed then.
pub async fn amend(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    amendment: &Amendment,
) -> Result<(), PersonRefusal> {
    let mut user = user.clone();
    for _ in 0..TRIES {
        let draft = |event, data| audit::draft(app, caller, event, actor, Target::User(&user), data);
        let name = |active| if active { "user.enable" } else { "user.disable" };
        let switch = amendment.active.map(|active| draft(name(active), json!({})).map(|event| (active, event)));
        let switch = switch.transpose()?;
        let rights = amendment
            .administrator
            .map(|flag| draft("user.set_administrator", json!({ "administrator": flag })).map(|event| (flag, event)));
        let rights = rights.transpose()?;
        let details = Drafted::of(app, caller, actor, &user, &amendment.correction).await?;
        let said = match &amendment.claims {
            Some(said) => claims::Drafted::of(app, caller, actor, &user, said.clone())?,
            None => None,
        };
        let (id, now, store, roles) = (user.id, app.clock.now(), app.store.clone(), app.roles.clone());
        let done = terms::of(app, caller).write(move |write| {
            write.unless_refused(|write| {
                // The order in which everybody holds rows who shuts accounts: the server's, organizations, the account.
                if switch.is_some() || rights.is_some() {
                    instance::hold(write)?;
                }
                if let Some((active, event)) = &switch
                    && let Err(refusal) = switch_within(write, &store, &roles, id, *active, event)?
                {
                    return Ok(Err(Stopped::Refused(refusal)));
                }
                if let Some((flag, event)) = &rights
                    && let Err(refusal) = set_within(write, id, *flag, event)?
                {
                    return Ok(Err(Stopped::Refused(refusal)));
                }
                if let Some(details) = &details {
                    users::hold(write, id)?;
                    let held = UserRow::load(write, id)?;
                    let still = match &held {
                        Some(held) => details.is_about(write, held)?,
                        None => false,
                    };
                    if !still || !details.write(write, now)? {
                        let still_there = held.filter(|held| held.status != "deleted");
                        return Ok(Err(Stopped::Changed(still_there.map(Box::new))));
                    }
                }
                if let Some(said) = &said
                    && let Err(refusal) = said.write(write)?
                {
                    return Ok(Err(Stopped::Refused(refusal)));
                }
                Ok(Ok(()))
            })
        });
        match done.await? {
            Ok(()) => return Ok(()),
            Err(Stopped::Refused(refusal)) => return Err(refusal),
            Err(Stopped::Changed(Some(now_there))) => user = *now_there,
            Err(Stopped::Changed(None)) => return Err(PersonRefusal::NotFound),
        }
    }
    Err(PersonRefusal::Changed)
}
