//! What developers may do: who they are, and how far their applications may go.

use super::ApplicationRefusal as Refusal;
use crate::app::App;
use crate::config::clients::Registrars;
use crate::flows::api::Credential;
use crate::flows::caller::Caller;
use crate::flows::clients::registered::OPERATORS_OWN;
use crate::flows::clients::{ClientMetadata, Problem};
use crate::store::clients::ClientRow;
use crate::store::users::UserRow;

/// What only administrators' applications may ask for.
const ADMINISTRATION: &str = "admin:";
/// Tokens without a person: what they may do nobody consented to.
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// Whether this person may register applications.
///
/// # Errors
/// [`Refusal::Closed`], [`Refusal::StaffOnly`].
pub(super) fn may_register(app: &App, user: &UserRow) -> Result<(), Refusal> {
    match app.config.clients.registration {
        Registrars::Nobody => Err(Refusal::Closed),
        Registrars::Staff if !user.administrator => Err(Refusal::StaffOnly),
        Registrars::Staff | Registrars::Everyone => Ok(()),
    }
}

/// The person behind a credential that may change applications, and who proved lately who they are where they sit at a
/// browser: redirect URIs and secrets of an application are the safety of everybody who uses it.
///
/// # Errors
/// [`Refusal::ByApplication`], [`Refusal::StepUp`].
pub(super) fn developer<'a>(app: &App, credential: &'a Credential) -> Result<&'a UserRow, Refusal> {
    match credential {
        Credential::Session(who) if !who.is_fresh(app.clock.now(), app.config.sign_in.step_up) => Err(Refusal::StepUp),
        _ => owner(credential),
    }
}

/// The same for what makes nothing less safe.
///
/// # Errors
/// [`Refusal::ByApplication`].
pub(super) fn owner(credential: &Credential) -> Result<&UserRow, Refusal> {
    match credential {
        Credential::Session(who) => Ok(&who.user),
        Credential::PersonalToken { user, .. } => Ok(user),
        Credential::AccessToken { .. } | Credential::ApiKey { .. } => Err(Refusal::ByApplication),
    }
}

/// The caller, who must still be an administrator where the rules found one.
pub(super) fn judged(caller: &Caller, user: &UserRow) -> Caller {
    if user.administrator { caller.as_administrator(user) } else { caller.clone() }
}

/// Whether an administrator of this server asks, with a credential that may act as one: a token that was made for less must
/// not make an application that does more (C23).
pub(super) fn as_administrator(app: &App, credential: &Credential) -> bool {
    credential.user().is_some_and(|user| user.administrator)
        && credential.scopes(app).is_none_or(|scopes| scopes.contains("admin:write"))
}

/// Whether a developer may wish for this; what the application has already (`before`) it may keep.
///
/// # Errors
/// [`Refusal::Fields`] with every problem.
pub(super) fn check(
    app: &App,
    credential: &Credential,
    wanted: &ClientMetadata,
    before: Option<&ClientMetadata>,
) -> Result<(), Refusal> {
    let administrator = as_administrator(app, credential);
    let mut problems = Vec::new();
    let mut add = |field, message: String| problems.push(Problem { field, message });
    let had_scope = |scope: &String| before.is_some_and(|before| before.scopes.contains(scope));
    for scope in wanted.scopes.iter().filter(|scope| scope.starts_with(ADMINISTRATION)) {
        if !administrator && !had_scope(scope) {
            add("scopes", format!("{scope:?} is for applications of administrators"));
        }
    }
    let has = |metadata: &ClientMetadata| {
        metadata.grant_types.iter().flatten().any(|grant_type| grant_type == CLIENT_CREDENTIALS)
    };
    if !administrator && has(wanted) && !before.is_some_and(has) {
        add("grant_types", "client_credentials, tokens without a person, is given by administrators".to_owned());
    }
    let (asked, had) = (wanted.openid.members(), before.map(|before| before.openid.members()).unwrap_or_default());
    for name in OPERATORS_OWN {
        if !administrator && asked.contains_key(name) && asked.get(name) != had.get(name) {
            add(name, "is set by administrators".to_owned());
        }
    }
    let tokens = &app.config.tokens;
    let lifetimes = [
        (
            "access_token_lifetime",
            wanted.access_token_lifetime,
            before.and_then(|before| before.access_token_lifetime),
            tokens.access_token_lifetime,
        ),
        (
            "refresh_idle_lifetime",
            wanted.refresh_idle_lifetime,
            before.and_then(|before| before.refresh_idle_lifetime),
            tokens.refresh_idle_lifetime,
        ),
        (
            "refresh_absolute_lifetime",
            wanted.refresh_absolute_lifetime,
            before.and_then(|before| before.refresh_absolute_lifetime),
            tokens.refresh_absolute_lifetime,
        ),
    ];
    for (field, wanted, before, most) in lifetimes {
        if wanted != before && wanted.is_some_and(|seconds| seconds > most) {
            add(field, format!("at most this server's own {most} seconds"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Refusal::Fields(problems)) }
}

/// Whether its owner may change it now.
///
/// # Errors
/// [`Refusal::Declared`], [`Refusal::PendingDeletion`].
pub(super) fn is_theirs_to_change(row: &ClientRow) -> Result<(), Refusal> {
    match (&row.managed_by, row.status.as_str()) {
        (Some(file), _) => Err(Refusal::Declared(file.clone())),
        (None, "pending_deletion") => Err(Refusal::PendingDeletion(row.name.clone())),
        (None, _) => Ok(()),
    }
}
