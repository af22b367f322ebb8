//! What a route asks of a credential: the words of the one table of permissions, and the rules behind them but the
//! organization's, which has a file of its own.

use super::credential::Credential;
use super::refusal::ApiRefusal;
use crate::app::App;

/// What changes something for everybody: browsers do it after a fresh proof only.
const ADMINISTRATION: &str = "admin:write";

/// What one method of one route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: documents for everybody.
    Nothing,
    /// Any credential: what it is told is about itself.
    Anyone,
    /// A person, about their own account, with this scope; bound credentials have no say.
    Account(&'static str),
    /// A person in a browser who proved lately who they are.
    FreshSession,
    /// Somebody inside the organization the path names, with this scope in credential and role.
    Organization(&'static str),
    /// The same, in a browser after a fresh proof only: what lets somebody in for long, or cannot be taken back.
    OrganizationFresh(&'static str),
    /// Somebody inside the organization, also while it waits for its deletion: what tells of that, and what takes it back.
    EvenIfClosed(&'static str),
    /// An administrator of the server, with this scope; in a browser, changes after a fresh proof only.
    Administrator(&'static str),
}

impl Needs {
    /// The scope a token or key must have.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Needs::Account(scope)
            | Needs::Organization(scope)
            | Needs::OrganizationFresh(scope)
            | Needs::EvenIfClosed(scope)
            | Needs::Administrator(scope) => Some(scope),
            Needs::Nothing | Needs::Anyone | Needs::FreshSession => None,
        }
    }

    /// For what is inside an organization: the scope its role must carry, and whether it opens while the organization
    /// waits for its deletion.
    pub fn inside(self) -> Option<(&'static str, bool)> {
        match self {
            Needs::Organization(scope) | Needs::OrganizationFresh(scope) => Some((scope, false)),
            Needs::EvenIfClosed(scope) => Some((scope, true)),
            _ => None,
        }
    }

    /// A browser left open does not do it: its person proves once more who they are.
    pub fn asks_for_proof(self) -> bool {
        matches!(self, Needs::FreshSession | Needs::OrganizationFresh(_) | Needs::Administrator(ADMINISTRATION))
    }
}

/// Judges everything but what is inside an organization, of which only the scope is judged; [`proof`] is asked for inside.
///
/// # Errors
/// [`ApiRefusal`].
pub fn judge(app: &App, credential: &Credential, needs: Needs) -> Result<(), ApiRefusal> {
    match needs {
        Needs::Nothing | Needs::Anyone => Ok(()),
        Needs::Account(scope) => {
            person(app, credential)?;
            has_scope(app, credential, scope)
        }
        Needs::FreshSession => {
            person(app, credential)?;
            if !matches!(credential, Credential::Session(_)) {
                return Err(ApiRefusal::SessionOnly);
            }
            proof(app, credential, needs)
        }
        Needs::Organization(scope) | Needs::OrganizationFresh(scope) | Needs::EvenIfClosed(scope) => {
            has_scope(app, credential, scope)
        }
        Needs::Administrator(scope) => {
            person(app, credential)?;
            if !credential.user().is_some_and(|user| user.administrator) {
                return Err(ApiRefusal::NotAdministrator);
            }
            has_scope(app, credential, scope)?;
            proof(app, credential, needs)
        }
    }
}

/// A person's own affairs: not an organization's key, not a credential bound to one, not a session for which only one
/// organization's provider vouches.
fn person(app: &App, credential: &Credential) -> Result<(), ApiRefusal> {
    match credential {
        Credential::ApiKey { .. } => Err(ApiRefusal::NoPerson),
        Credential::Session(who) if !who.has_local_factor(app.clock.now()) => Err(ApiRefusal::LocalFactor),
        _ if credential.bound_to().is_some() => Err(ApiRefusal::Bound),
        _ => Ok(()),
    }
}

/// A token was made for scripts and says so by its scope; a session counts only if its person proved lately who they are:
/// left open, it must not hand anything to whoever sits down at it, by page or by script (ASVS 7.5.3).
///
/// # Errors
/// [`ApiRefusal::StepUp`].
pub fn proof(app: &App, credential: &Credential, needs: Needs) -> Result<(), ApiRefusal> {
    match credential {
        Credential::Session(who)
            if needs.asks_for_proof() && !who.is_fresh(app.clock.now(), app.config.sign_in.step_up) =>
        {
            Err(ApiRefusal::StepUp)
        }
        _ => Ok(()),
    }
}

fn has_scope(app: &App, credential: &Credential, scope: &'static str) -> Result<(), ApiRefusal> {
    match credential.scopes(app) {
        Some(scopes) if !scopes.contains(scope) => Err(ApiRefusal::InsufficientScope(scope)),
        _ => Ok(()),
    }
}
