//! Registering a client: the server makes its identifier, and for a confidential one a secret that is told once.

use serde_json::json;

use super::secret::{self, ImportedSecret, NewSecret};
use super::{ClientFailure, ClientMetadata, ClientRegistration, owner, sector, told};
use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail;
use crate::flows::terms;
use crate::protocol::scope::ScopeList;
use crate::store::clients::{self, ClientRow};
use crate::store::registrations::{self, ClientRegistrationRow};
use crate::store::types::{Json, TextArray};
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, audit_events, client_secrets, instance};

/// A new client.
pub struct Created {
    /// Its identifier on the wire.
    pub client_id: String,
    /// Its name, drawn when none was given.
    pub name: String,
    /// `confidential` or `public`.
    pub kind: String,
    /// Told once; absent for public clients, those with keys of their own, and imported secrets.
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
    let secret = NewSecret::or_drawn(brought);
    register(app, caller, actor, NewClient { metadata, secret, managed_by, at_most: None, registered: None }).await
}

/// A client as asked for, in full.
pub struct NewClient<'a> {
    /// What it shall be.
    pub metadata: ClientMetadata,
    /// Where its secret comes from; confidential clients only.
    pub secret: NewSecret<'a>,
    /// The file that declares it.
    pub managed_by: Option<String>,
    /// Clients its owner may have in all.
    pub at_most: Option<i64>,
    /// It registers itself.
    pub registered: Option<SelfRegistered<'a>>,
}

/// What a client that registers itself brings (RFC 7591).
pub struct SelfRegistered<'a> {
    /// Become the text of its registration access token.
    pub token: &'a [u8; 32],
    /// Row id of the initial access token that is used.
    pub initial_token: Option<i64>,
    /// The organization of that token.
    pub organization_id: Option<i64>,
    /// Clients in all that registered themselves without a token.
    pub most: i64,
}

/// Why nothing was written after all.
enum Refused {
    OwnerHas(i64),
    TooMany,
    TokenSpent,
}

/// [`create`] with a given secret, and within a number. A person who makes one hears of its secret by mail.
///
/// # Errors
/// As [`create`]; [`ClientFailure::Conflict`] for one too many.
pub async fn register(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    new: NewClient<'_>,
) -> Result<Created, ClientFailure> {
    let (checked, owner_id) = checked(app, new.metadata, None).await?;
    let mut row = empty_row(app)?;
    checked.apply(&mut row, owner_id);
    row.managed_by = new.managed_by;
    let (secret_row, plain) = match (checked.method.has_secret(), new.secret) {
        (true, secret) => {
            let (secret_row, plain) = secret::draft(app, &row, secret)?;
            (Some(secret_row), plain)
        }
        (false, NewSecret::Brought(_)) => return Err(secret::of_none(checked.method)),
        (false, _) => (None, None),
    };
    let letter = match &secret_row {
        Some(_) => told::of_secret(app, actor, &row).await?,
        None => None,
    };
    let at_most = owner_id.zip(new.at_most);
    let registration = new.registered.as_ref().map(|by_itself| by_itself.row(&row));
    let most = new.registered.as_ref().map_or(i64::MAX, |by_itself| by_itself.most);
    let mut data = json!({ "client_id": row.client_id, "kind": row.kind, "redirect_uris": row.redirect_uris.0 });
    if let Some(token) = registration.as_ref().and_then(|registration| registration.initial_token) {
        data["initial_access_token"] = json!(token.to_string());
    }
    let name = if registration.is_some() { "client.register" } else { "client.create" };
    let event = audit::draft(app, caller, name, actor, Target::Client(&row), data)?;
    let event = match registration.as_ref().and_then(|registration| registration.organization_id) {
        Some(organization) => audit::of_organization(event, organization),
        None => event,
    };
    let now = app.clock.now();
    let created =
        Created { client_id: row.client_id.clone(), name: row.name.clone(), kind: row.kind.clone(), secret: plain };
    let written = terms::of(app, caller)
        .write(move |write| {
            if let Some((owner, most)) = at_most {
                // Two registrations at once must see each other.
                users::hold(write, owner)?;
                let active = UserRow::load(write, owner)?.is_some_and(|owner| owner.is_active());
                if !active || clients::count_of_owner(write, owner)? >= most {
                    return Ok(Some(Refused::OwnerHas(most)));
                }
            }
            if let Some(registration) = &registration {
                match registration.initial_token {
                    // Whoever made the token said how many it is good for.
                    Some(token) if registrations::use_token(write, token, now)? == 0 => {
                        return Ok(Some(Refused::TokenSpent));
                    }
                    Some(_) => {}
                    None => {
                        // Those of several at once are counted one after the other.
                        instance::hold(write)?;
                        if registrations::count_without_token(write)? >= most {
                            return Ok(Some(Refused::TooMany));
                        }
                    }
                }
                registrations::insert(write, registration)?;
            }
            clients::insert(write, &row)?;
            if let Some(secret) = &secret_row {
                client_secrets::insert(write, secret)?;
            }
            audit_events::insert(write, &event)?;
            mail::queue(write, &letter)?;
            Ok(None)
        })
        .await?;
    match written {
        None => Ok(created),
        Some(Refused::OwnerHas(most)) => Err(ClientFailure::Conflict(format!(
            "You have {most} applications already. Delete one you no longer need."
        ))),
        Some(Refused::TooMany) => Err(ClientFailure::Full),
        Some(Refused::TokenSpent) => Err(ClientFailure::TokenSpent),
    }
}

impl SelfRegistered<'_> {
    fn row(&self, client: &ClientRow) -> ClientRegistrationRow {
        let plain = PlainToken::new(TokenKind::RegistrationToken, client.id, self.token);
        ClientRegistrationRow {
            client: client.id,
            digest: plain.digest().as_bytes().to_vec(),
            last_four: plain.last_four(),
            registered_at: client.created_at,
            initial_token: self.initial_token,
            organization_id: self.organization_id,
        }
    }
}

/// Checks what [`create`] would check, and writes nothing.
///
/// # Errors
/// As [`create`].
pub async fn check(app: &App, metadata: &ClientMetadata, brings_secret: bool) -> Result<(), ClientFailure> {
    let (checked, _) = checked(app, metadata.clone(), None).await?;
    if brings_secret && !checked.method.has_secret() { Err(secret::of_none(checked.method)) } else { Ok(()) }
}

/// The registration, and the owner's row id; `before` is the client as it is now.
pub(super) async fn checked(
    app: &App,
    metadata: ClientMetadata,
    before: Option<&ClientRow>,
) -> Result<(ClientRegistration, Option<i64>), ClientFailure> {
    let checked = ClientRegistration::check(metadata, &app.catalogue, &app.config.clients.reserved_names)
        .map_err(ClientFailure::Metadata)?;
    let owner_id = owner::id_of(app, checked.owner(), before.and_then(|before| before.owner_id)).await?;
    sector::check(app, &checked, before).await.map_err(ClientFailure::Metadata)?;
    Ok((checked, owner_id))
}

/// A row with its identity, which the registration then fills.
pub(in crate::flows) fn empty_row(app: &App) -> Result<ClientRow, ClientFailure> {
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
        // No token is older than its client, so there is nothing to void. The row's own id would void the first tokens that
        // a node gives whose clock is behind this one's.
        valid_from: 0,
        created_at: now,
        updated_at: now,
        organization_access: false,
        metadata: Json::default(),
    })
}
