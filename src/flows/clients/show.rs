//! Clients for people to look at: everything but secrets.

use std::sync::Arc;

use serde::Serialize;

use super::{ClientFailure, ClientMetadata, owner};
use crate::app::App;
use crate::flows::client_lookup;
use crate::protocol::NumericDate;
use crate::store::client_secrets::{self, ClientSecretRow};
use crate::store::clients::{self, ClientRow};
use crate::store::{StoreError, authorizations};

/// Counted no further.
const COUNT_LIMIT: i64 = 1000;

/// One client in a list.
#[derive(Clone, Debug, Serialize)]
pub struct ClientLine {
    /// Identifier on the wire.
    pub client_id: String,
    /// What pages call it.
    pub name: String,
    /// `confidential` or `public`.
    pub kind: String,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
    /// When a pending deletion is carried out.
    pub delete_at: Option<NumericDate>,
    /// File and key that declare it.
    pub managed_by: Option<String>,
    /// When it was registered.
    pub created_at: NumericDate,
}

/// One client in full.
#[derive(Clone, Debug, Serialize)]
pub struct ClientView {
    /// As in the list.
    #[serde(flatten)]
    pub line: ClientLine,
    /// Its metadata.
    pub metadata: ClientMetadata,
    /// When it was last changed.
    pub updated_at: NumericDate,
    /// Newest first.
    pub secrets: Vec<SecretView>,
    /// Users who allowed it something; counted to 1000.
    pub authorizations: usize,
}

/// What may be known of a secret.
#[derive(Clone, Debug, Serialize)]
pub struct SecretView {
    /// Its last four characters.
    pub last_four: String,
    /// Made elsewhere.
    pub imported: bool,
    /// Whether it works.
    pub live: bool,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
    /// When it last worked, to the minute.
    pub last_used_at: Option<NumericDate>,
}

/// Every client, by name.
///
/// # Errors
/// The store's.
pub async fn list(app: &App) -> Result<Vec<ClientLine>, StoreError> {
    let rows = app.store.read(clients::list).await?;
    Ok(rows.iter().map(line).collect())
}

/// One client.
///
/// # Errors
/// [`ClientFailure::Unknown`].
pub async fn show(app: &App, client_id: &str) -> Result<ClientView, ClientFailure> {
    let row = row(app, client_id).await?;
    let id = row.id;
    let (secrets, authorizations) = app
        .store
        .read(move |conn| {
            Ok((client_secrets::list(conn, id)?, authorizations::count_of_client(conn, id, COUNT_LIMIT)?))
        })
        .await?;
    let now = app.clock.now();
    let owner = owner::login_of(app, row.owner_id).await?;
    Ok(ClientView {
        line: line(&row),
        metadata: ClientMetadata::of(&row, owner),
        updated_at: row.updated_at,
        secrets: secrets.iter().map(|secret| secret_view(secret, now)).collect(),
        authorizations,
    })
}

/// The row of a client that must be there.
pub(super) async fn row(app: &App, client_id: &str) -> Result<Arc<ClientRow>, ClientFailure> {
    let found = client_lookup::find(app, client_id).await?;
    found.ok_or_else(|| ClientFailure::Unknown(client_id.to_owned()))
}

fn line(row: &ClientRow) -> ClientLine {
    ClientLine {
        client_id: row.client_id.clone(),
        name: row.name.clone(),
        kind: row.kind.clone(),
        status: row.status.clone(),
        delete_at: row.delete_at,
        managed_by: row.managed_by.clone(),
        created_at: row.created_at,
    }
}

fn secret_view(row: &ClientSecretRow, now: NumericDate) -> SecretView {
    SecretView {
        last_four: row.last_four.clone(),
        imported: row.imported,
        live: row.is_live(now),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}
