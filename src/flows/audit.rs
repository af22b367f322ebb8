//! Audit events: drafted before the transaction that writes them, because ids and time are values.

use serde_json::Value;

use super::caller::Caller;
use crate::app::App;
use crate::store::StoreError;
use crate::store::api_keys::ApiKeyRow;
use crate::store::audit_events::AuditEventRow;
use crate::store::clients::ClientRow;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;

/// Who did it.
#[derive(Clone, Copy)]
pub enum Actor<'a> {
    /// A person.
    User(&'a UserRow),
    /// A person, by a token an application holds.
    UserByClient(&'a UserRow, &'a ClientRow),
    /// A person, by a personal token: its row id.
    UserByToken(&'a UserRow, i64),
    /// A client.
    Client(&'a ClientRow),
    /// An organization's API key.
    Key(&'a ApiKeyRow),
    /// The operator at the command line, or a file.
    Operator,
    /// The server by itself, such as at a periodic re-check.
    System,
    /// Nobody is known, such as at a failed sign-in.
    Anonymous,
}

/// What it was done to.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// A person.
    User(&'a UserRow),
    /// A person of whom only the row id is at hand.
    UserId(i64),
    /// A client.
    Client(&'a ClientRow),
    /// An organization; the event stands in its log.
    Organization(&'a OrganizationRow),
    /// A row of another table: kind, row id, and words that outlive it.
    Row(&'static str, i64, &'a str),
    /// Something with a name only, such as a login that does not exist or a resource server.
    Named(&'static str, &'a str),
}

/// A row ready to be written.
pub fn draft(
    app: &App,
    caller: Option<&Caller>,
    event: &'static str,
    actor: Actor<'_>,
    target: Target<'_>,
    data: Value,
) -> Result<AuditEventRow, StoreError> {
    let (actor_user, actor_client, actor_label) = match actor {
        Actor::User(user) => (Some(user.id), None, user.login.clone()),
        Actor::UserByToken(user, _) => (Some(user.id), None, user.login.clone()),
        Actor::UserByClient(user, client) => (Some(user.id), Some(client.id), user.login.clone()),
        Actor::Client(client) => (None, Some(client.id), client.name.clone()),
        Actor::Key(key) => (None, None, key_label(key)),
        Actor::Operator => (None, None, "operator".to_owned()),
        Actor::System => (None, None, "grantor".to_owned()),
        Actor::Anonymous => (None, None, String::new()),
    };
    let (actor_key, actor_token) = match actor {
        Actor::Key(key) => (Some(key.id), None),
        Actor::UserByToken(_, token) => (None, Some(token)),
        _ => (None, None),
    };
    let (target_kind, target_id, target_label) = match target {
        Target::User(user) => ("user", Some(user.id), user.login.clone()),
        Target::UserId(id) => ("user", Some(id), String::new()),
        Target::Client(client) => ("client", Some(client.id), client.name.clone()),
        Target::Organization(organization) => ("organization", Some(organization.id), organization.name.clone()),
        Target::Row(kind, id, name) => (kind, Some(id), name.chars().take(200).collect()),
        Target::Named(kind, name) => (kind, None, name.chars().take(200).collect()),
    };
    let organization_id = match target {
        Target::Organization(organization) => Some(organization.id),
        _ => None,
    };
    Ok(AuditEventRow {
        id: app.store.next_id()?,
        at: app.clock.now(),
        event: event.to_owned(),
        actor_user,
        actor_client,
        actor_label,
        target_kind: target_kind.to_owned(),
        target_id,
        target_label,
        organization_id,
        address: caller.map(|caller| caller.address.to_string()).unwrap_or_default(),
        data: data.to_string(),
        actor_key,
        actor_token,
    })
}

fn key_label(key: &ApiKeyRow) -> String {
    format!("{} (..{})", key.label, key.last_four)
}

/// The same event, told in an organization's log too.
#[must_use]
pub fn of_organization(event: AuditEventRow, organization_id: i64) -> AuditEventRow {
    AuditEventRow { organization_id: Some(organization_id), ..event }
}
