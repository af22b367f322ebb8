//! Registering a client: the server makes its identifier, and for a confidential one a secret that is told once.

use serde_json::json;

use super::secret::{self, Drawn, ImportedSecret};
use super::{ClientFailure, ClientMetadata, ClientRegistration, owner};
use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::PlainToken;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::protocol::scope::ScopeList;
use crate::store::audit_events;
use crate::store::client_secrets;
use crate::store::clients::{self, ClientRow};
use crate::store::types::TextArray;

/// A new client.
pub struct Created {
    /// Its identifier on the wire.
    pub client_id: String,
    /// Its name, drawn when none was given.
    pub name: String,
    /// `confidential` or `public`.
    pub kind: String,
    /// Told once; absent for public clients and imported secrets.
    pub secret: Option<PlainToken>,
}

/// Checks and registers a client. `brought` is a secret made elsewhere; `managed_by` the file that declares it.
///
/// # Errors
/// [`ClientFailure::Metadata`] with every problem; nothing is written then.
pub async fn create(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    metadata: ClientMetadata,
    brought: Option<&ImportedSecret>,
    managed_by: Option<String>,
) -> Result<Created, ClientFailure> {
    create_drawn(app, caller, actor, metadata, (brought, None), managed_by).await
}

/// The same with a secret that was drawn before, if it gets one.
///
/// # Errors
/// As [`create`].
pub async fn create_drawn(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    metadata: ClientMetadata,
    (brought, drawn): (Option<&ImportedSecret>, Option<Drawn<'_>>),
    managed_by: Option<String>,
) -> Result<Created, ClientFailure> {
    let (checked, owner_id) = checked(app, metadata).await?;
    let mut row = empty_row(app)?;
    checked.apply(&mut row, owner_id);
    row.managed_by = managed_by;
    let (secret_row, plain) = match (row.is_confidential(), brought) {
        (true, brought) => {
            let (secret_row, plain) = secret::draft(app, row.id, brought, drawn)?;
            (Some(secret_row), plain)
        }
        (false, None) => (None, None),
        (false, Some(_)) => return Err(secret::of_public()),
    };
    let data = json!({ "client_id": row.client_id, "kind": row.kind, "redirect_uris": row.redirect_uris.0 });
    let event = audit::draft(app, caller, "client.create", actor, Target::Client(&row), data)?;
    let created =
        Created { client_id: row.client_id.clone(), name: row.name.clone(), kind: row.kind.clone(), secret: plain };
    app.store
        .write(move |write| {
            clients::insert(write, &row)?;
            if let Some(secret) = &secret_row {
                client_secrets::insert(write, secret)?;
            }
            audit_events::insert(write, &event)
        })
        .await?;
    Ok(created)
}

/// Checks what [`create`] would check, and writes nothing.
///
/// # Errors
/// As [`create`].
pub async fn check(app: &App, metadata: &ClientMetadata, brings_secret: bool) -> Result<(), ClientFailure> {
    let (checked, _) = checked(app, metadata.clone()).await?;
    if brings_secret && !checked.method.is_confidential() { Err(secret::of_public()) } else { Ok(()) }
}

/// The registration, and the owner's row id.
pub(super) async fn checked(
    app: &App,
    metadata: ClientMetadata,
) -> Result<(ClientRegistration, Option<i64>), ClientFailure> {
    let checked = ClientRegistration::check(metadata, &app.catalogue, &app.config.clients.reserved_names)
        .map_err(ClientFailure::Metadata)?;
    let owner_id = owner::id_of(app, checked.owner()).await?;
    Ok((checked, owner_id))
}

/// A row with its identity, which the registration then fills.
fn empty_row(app: &App) -> Result<ClientRow, ClientFailure> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    Ok(ClientRow {
        id,
        client_id: random::url_safe_text(16),
        name: random::pet_name(),
        kind: String::new(),
        authentication_method: String::new(),
        status: "active".to_owned(),
        delete_at: None,
        owner_id: None,
        verified: false,
        redirect_uris: TextArray::default(),
        grant_types: TextArray::default(),
        response_types: TextArray::default(),
        scopes: ScopeList::empty(),
        allowed_origins: TextArray::default(),
        homepage_url: None,
        privacy_url: None,
        terms_url: None,
        logo_url: None,
        require_pkce: true,
        silent_token: false,
        may_introspect: false,
        rotate_refresh_tokens: true,
        access_token_lifetime: None,
        refresh_idle_lifetime: None,
        refresh_absolute_lifetime: None,
        refresh_grace: None,
        managed_by: None,
        valid_from: id,
        created_at: now,
        updated_at: now,
        organization_access: false,
    })
}
