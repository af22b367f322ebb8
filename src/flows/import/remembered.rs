//! What earlier runs brought and what became of it here, out of the audit log: the rows themselves are gone or renamed,
//! and no run brings back what somebody deleted since.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::organizations::OrganizationRow;
use crate::store::{CachedRow as _, StoreError};

/// The note on a row that is not brought in again.
pub(super) const DELETED: &str = "deleted here since";

/// Authorizations' events of one person that are looked at, newest first: nobody has allowed so much by hand.
const EVENTS: i64 = 1_000;

/// What became of an organization that an earlier run made.
pub(super) enum Became {
    /// It is here, under whatever name.
    Here(Box<OrganizationRow>),
    /// It is gone.
    Deleted,
}

/// Names under which things came, and which of them are gone.
#[derive(Default)]
pub(super) struct Remembered {
    /// Row ids of deleted accounts by folded login.
    users: BTreeMap<String, Vec<i64>>,
    /// Identifiers of deleted clients.
    clients: BTreeSet<String>,
    /// Row ids of organizations that an import made, by the slug they came with; the newest counts.
    organizations: BTreeMap<String, i64>,
}

impl Remembered {
    /// The deleted accounts only.
    pub async fn users(app: &App) -> Result<Remembered, StoreError> {
        let deleted = app.store.read(audit_events::deletions_of_users).await?;
        let mut remembered = Remembered::default();
        for event in deleted {
            if let Some(id) = event.target_id {
                remembered.users.entry(spelling_key(&event.target_label)).or_default().push(id);
            }
        }
        Ok(remembered)
    }

    /// All of it.
    pub async fn all(app: &App) -> Result<Remembered, StoreError> {
        let mut remembered = Remembered::users(app).await?;
        let (clients, organizations) = app
            .store
            .read(|conn| {
                let clients = audit_events::all_of_kind(conn, "client", "client.delete")?;
                Ok((clients, audit_events::all_of_kind(conn, "organization", "org.create")?))
            })
            .await?;
        let named = |event: &AuditEventRow, member: &str| data(event)[member].as_str().map(str::to_owned);
        remembered.clients = clients.iter().filter_map(|event| named(event, "client_id")).collect();
        let made = organizations.iter().filter(|event| is_of_import(event));
        remembered.organizations = made.filter_map(|event| Some((named(event, "slug")?, event.target_id?))).collect();
        Ok(remembered)
    }

    /// Whether an account with this login, which an import made or gave something to, was deleted here.
    pub async fn is_deleted_user(&self, app: &App, login: &str) -> Result<bool, StoreError> {
        for id in self.users.get(&spelling_key(login)).into_iter().flatten().copied() {
            let events = app.store.read(move |conn| audit_events::about(conn, "user", id)).await?;
            if events.iter().any(is_of_import) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a client with this identifier was deleted here, whoever made it.
    pub fn is_deleted_client(&self, client_id: &str) -> bool {
        self.clients.contains(client_id)
    }

    /// What became of the organization an import made under this slug, if one did.
    pub async fn organization(&self, app: &App, slug: &str) -> Result<Option<Became>, StoreError> {
        let Some(id) = self.organizations.get(slug).copied() else { return Ok(None) };
        let found = app.store.read(move |conn| OrganizationRow::load(conn, id)).await?;
        Ok(Some(found.map_or(Became::Deleted, |row| Became::Here(Box::new(row)))))
    }
}

/// Whether an import made this row: only then does a name that is the same mean the same person or organization.
pub(super) async fn came_by_import(
    app: &App,
    kind: &'static str,
    id: i64,
    event: &'static str,
) -> Result<bool, StoreError> {
    let read = move |conn: &mut _| audit_events::newest_of_kind(conn, kind, id, event, NumericDate::MIN, 1);
    Ok(app.store.read(read).await?.iter().any(is_of_import))
}

/// Whether what a person lets a client have, here or by an earlier run, was ended since. Asked where it is not here now:
/// then whatever brought it came before the end.
pub(super) async fn was_revoked(
    app: &App,
    user_id: i64,
    (client, client_id): (i64, &str),
    organization_id: Option<i64>,
) -> Result<bool, StoreError> {
    let (of_person, of_organization) = app
        .store
        .read(move |conn| {
            let newest = |conn: &mut _, kind, id, event| {
                audit_events::newest_of_kind(conn, kind, id, event, NumericDate::MIN, EVENTS)
            };
            let mut of_person = newest(conn, "user", user_id, "authorization.import")?;
            of_person.extend(newest(conn, "user", user_id, "authorization.revoke")?);
            Ok((of_person, newest(conn, "client", client, "org.application.revoke")?))
        })
        .await?;
    let same_place = |event: &AuditEventRow| event.organization_id == organization_id;
    let same_client = |event: &AuditEventRow| data(event)["client_id"] == client_id;
    Ok(of_person.iter().any(|event| same_place(event) && same_client(event))
        || (organization_id.is_some() && of_organization.iter().any(same_place)))
}

fn is_of_import(event: &AuditEventRow) -> bool {
    data(event)["imported"] == true
}

fn data(event: &AuditEventRow) -> Value {
    serde_json::from_str(&event.data).unwrap_or_default()
}
