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
    /// An administrator of the server, with this scope; in a browser, changes after a fresh proof only.
    Administrator(&'static str),
}

impl Needs {
    /// The scope a token or key must have.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Needs::Account(scope) | Needs::Organization(scope) | Needs::Administrator(scope) => Some(scope),
            Needs::Nothing | Needs::Anyone | Needs::FreshSession => None,
        }
    }
}

/// Judges everything but [`Needs::Organization`], of which only the scope is judged.
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
            lately_proven(app, credential)
        }
        Needs::Organization(scope) => has_scope(app, credential, scope),
        Needs::Administrator(scope) => {
            person(app, credential)?;
            if !credential.user().is_some_and(|user| user.administrator) {
                return Err(ApiRefusal::NotAdministrator);
            }
            has_scope(app, credential, scope)?;
            // A browser left open must not hand the server to whoever sits down at it, by page or by script.
            if scope == ADMINISTRATION { lately_proven(app, credential) } else { Ok(()) }
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

/// A token was made for scripts and says so by its scope; a session counts only if its person proved lately who they are.
fn lately_proven(app: &App, credential: &Credential) -> Result<(), ApiRefusal> {
    match credential {
        Credential::Session(who) if !who.is_fresh(app.clock.now(), app.config.sign_in.step_up) => {
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
