//! Registration: by anybody where it is on, and by whoever holds an invitation everywhere.
//!
//! A form that lets people choose their user name cannot hide which names are taken: whoever gets no account has found
//! one. Until accounts are confirmed by mail, registration therefore says so plainly, in the same words for names that
//! are taken and names nobody may have, after the same work (the password is checked and hashed first), and counts every
//! attempt against the address: asking here is no faster than guessing at sign-in (ASVS 6.3.8, C61).

use serde_json::json;

use super::{NewPerson, PersonRefusal, create, details, email};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::organizations::OrganizationRefusal;
use crate::flows::organizations::invitations::accept;
use crate::protocol::text::{NameRefusal, validate_client_name};
use crate::store::users::UserRow;

/// Makes an ordinary account, whatever `new` says about the administrator flag (ASVS 15.3.3).
///
/// # Errors
/// [`PersonRefusal`].
pub async fn register(
    app: &App,
    caller: &Caller,
    new: NewPerson,
    invitation: Option<&str>,
) -> Result<UserRow, PersonRefusal> {
    if !app.config.sign_in.registration && !is_invited(app, caller, invitation).await? {
        return Err(PersonRefusal::RegistrationClosed);
    }
    // Dropped unspoken for: each attempt counts, the successful ones too.
    let _attempt =
        app.throttles.passwords.begin(&spelling_key(&new.login), caller.address).map_err(PersonRefusal::Throttled)?;
    let new = NewPerson { administrator: false, password: Some(new.password.unwrap_or_default()), ..new };
    let row = details::row(app, new).await?;
    if is_reserved(&row.login) {
        return Err(PersonRefusal::LoginNotAvailable);
    }
    let actor = Actor::User(&row);
    let event = audit::draft(app, Some(caller), "user.register", actor, Target::User(&row), json!({}))?;
    let row = create::insert(app, None, row, event).await?;
    app.metrics.event("registration");
    email::welcome(app, &row).await;
    Ok(row)
}

/// Registering does not use the invitation up: accepting it does.
async fn is_invited(app: &App, caller: &Caller, invitation: Option<&str>) -> Result<bool, PersonRefusal> {
    let Some(token) = invitation else { return Ok(false) };
    match accept::look(app, caller, token, None).await {
        Ok(_) => Ok(true),
        Err(OrganizationRefusal::Unavailable(error)) => Err(PersonRefusal::Unavailable(error)),
        Err(_) => Ok(false),
    }
}

/// Names under which a stranger would be taken for the server or its operator.
fn is_reserved(login: &str) -> bool {
    let name = login.split('@').next().unwrap_or(login);
    matches!(validate_client_name(name), Err(NameRefusal::Reserved | NameRefusal::MixedScript))
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn nobody_registers_as_the_server() {
        for login in ["admin", "Root", "ADMINISTRATOR", "grantor", "support", "admin@example.com", "аdmin"] {
            assert!(is_reserved(login), "{login}");
        }
        for login in ["maria", "rooted", "m@example.com"] {
            assert!(!is_reserved(login), "{login}");
        }
    }
}
