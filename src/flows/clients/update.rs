//! Changing a client: its metadata as it is, changed in members, checked as a whole again.

use std::sync::Arc;

use serde_json::json;

use super::secret::{self, NewSecret};
use super::{ClientFailure, ClientMetadata, ClientRegistration, Problem, create, owner, registered, show, told};
use crate::app::App;
use crate::crypto::token::{PlainToken, TokenKind, TokenText};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail;
use crate::flows::openid::subject;
use crate::flows::terms;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod as Method;
use crate::store::audit_events;
use crate::store::clients::{self, ClientRow};
use crate::store::{StoreError, client_secrets, logout_tokens, registrations, session_clients};

/// A client's metadata as registered.
///
/// # Errors
/// [`ClientFailure::Unknown`].
pub async fn metadata(app: &App, client_id: &str) -> Result<ClientMetadata, ClientFailure> {
    let row = show::row(app, client_id).await?;
    let owner = owner::login_of(app, row.owner_id).await?;
    Ok(ClientMetadata::of(&row, owner))
}

/// What a change did.
pub struct Updated {
    /// Whether anything was changed.
    pub changed: bool,
    /// Told once: the new method is one that no secret there was can serve. All others end.
    pub secret: Option<PlainToken>,
    /// People have other names there from now on (OpenID Connect Core section 8.1), so all it was given ended: they sign in
    /// to it again.
    pub renames: bool,
}

/// Writes `metadata` over the client's. Whether it is confidential cannot change: its users' expectations hang on it. A
/// method that needs another kind of secret gets a new one.
///
/// # Errors
/// [`ClientFailure::Metadata`] with every problem; nothing is written then.
pub async fn update(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    metadata: ClientMetadata,
) -> Result<Updated, ClientFailure> {
    write(app, caller, actor, client_id, metadata, None).await
}

/// What a client that changes itself showed for it, and what takes its place (RFC 7592 section 2.2).
pub struct Presented<'a> {
    /// Digest of the registration access token.
    pub digest: Vec<u8>,
    /// The new one.
    pub new: &'a PlainToken,
}

/// The same by the client itself: of two changes with one token one comes about.
///
/// # Errors
/// As [`update`]; [`ClientFailure::Unknown`] for a token that another change used up.
pub async fn by_client(
    app: &App,
    caller: &Caller,
    client: &ClientRow,
    metadata: ClientMetadata,
    presented: Presented<'_>,
) -> Result<Updated, ClientFailure> {
    write(app, Some(caller), Actor::Client(client), &client.client_id, metadata, Some(presented)).await
}

/// Whether a text is one of the client's secrets.
///
/// # Errors
/// The store's.
pub async fn has_secret(app: &App, client: &ClientRow, text: &str) -> Result<bool, StoreError> {
    let Ok(parsed) = TokenText::parse(TokenKind::ClientSecret, text) else { return Ok(false) };
    let (id, now) = (client.id, app.clock.now());
    let rows = app.store.read(move |conn| client_secrets::list(conn, id)).await?;
    Ok(rows.iter().any(|row| row.is_live(now) && parsed.digest.matches(&row.digest)))
}

async fn write(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    client_id: &str,
    metadata: ClientMetadata,
    presented: Option<Presented<'_>>,
) -> Result<Updated, ClientFailure> {
    let Change { row, wanted, checked, owner_id, members: changed } = change(app, client_id, metadata).await?;
    if changed.is_empty() && presented.is_none() {
        return Ok(Updated { changed: false, secret: None, renames: false });
    }
    let (before, after) = (Method::parse(&row.authentication_method), checked.method);
    let (new_secret, secret) = match before.is_none_or(|before| kept(before) != kept(after)) && after.has_secret() {
        true => {
            let (row, plain) = secret::draft(app, &wanted, NewSecret::Drawn)?;
            (Some(row), plain)
        }
        false => (None, None),
    };
    let ends_others = new_secret.is_some() || !after.has_secret();
    let letter = match &new_secret {
        Some(_) => told::of_secret(app, actor, &wanted).await?,
        None => None,
    };
    // Whom a client knows by one sector's names must not be told to it by another's (OpenID Connect Core section 8.1), and
    // nobody changes names in the middle of a sign-in (section 12.2).
    let renames = subject::sector(&row) != subject::sector(&wanted);
    let mut data = json!({ "changed": changed });
    if renames {
        data["grants"] = json!("ended");
    }
    let event = audit::draft(app, caller, "client.update", actor, Target::Client(&wanted), data)?;
    let (id, now, store) = (row.id, app.clock.now(), app.store.clone());
    let read = (*row).clone();
    let rotation = presented.map(|presented| {
        let new = presented.new;
        (presented.digest, new.digest().as_bytes().to_vec(), new.last_four())
    });
    let written = terms::of(app, caller)
        .write(move |write| {
            let Some(mut row) = clients::hold(write, id)? else { return Ok(Written::Gone) };
            // Somebody else's change must not be undone by metadata that was read before it.
            if row != read {
                return Ok(Written::Changed);
            }
            if let Some((old, new, last_four)) = &rotation
                && registrations::rotate(write, id, old, new, last_four)? == 0
            {
                return Ok(Written::Gone);
            }
            checked.apply(&mut row, owner_id);
            row.updated_at = now;
            if renames {
                row.valid_from = store.id_within(write)?;
                session_clients::delete_of_client(write, id)?;
                logout_tokens::delete_waiting(write, id)?;
            }
            clients::update(write, &row)?;
            if ends_others {
                client_secrets::expire_others(write, id, NO_SECRET, now)?;
            }
            if let Some(secret) = &new_secret {
                client_secrets::insert(write, secret)?;
            }
            audit_events::insert(write, &event)?;
            mail::queue(write, &letter)?;
            Ok(Written::Done)
        })
        .await?;
    match written {
        Written::Done => Ok(Updated { changed: true, secret, renames }),
        Written::Gone => Err(ClientFailure::Unknown(client_id.to_owned())),
        Written::Changed => {
            Err(ClientFailure::Conflict("somebody else changed this client just now: look at it and try again".into()))
        }
    }
}

/// Names of the members that [`update`] would change.
///
/// # Errors
/// As [`update`].
pub async fn changes(app: &App, client_id: &str, metadata: ClientMetadata) -> Result<Vec<&'static str>, ClientFailure> {
    Ok(change(app, client_id, metadata).await?.members)
}

/// No row has this id.
const NO_SECRET: i64 = -1;

/// How the secret of a method is kept: not at all, as a digest, or sealed.
fn kept(method: Method) -> (bool, bool) {
    (method.has_secret(), method == Method::ClientSecretJwt)
}

enum Written {
    Done,
    Gone,
    Changed,
}

struct Change {
    row: Arc<ClientRow>,
    wanted: ClientRow,
    checked: ClientRegistration,
    owner_id: Option<i64>,
    members: Vec<&'static str>,
}

async fn change(app: &App, client_id: &str, metadata: ClientMetadata) -> Result<Change, ClientFailure> {
    let row = show::row(app, client_id).await?;
    let (checked, owner_id) = create::checked(app, metadata, Some(&row)).await?;
    if checked.method.is_confidential() != row.is_confidential() {
        let message = format!("the client is {} and stays so: register another one", row.kind);
        return Err(ClientFailure::Metadata(vec![Problem { field: "kind", message }]));
    }
    let mut wanted = (*row).clone();
    checked.apply(&mut wanted, owner_id);
    let members = changed_members(&row, &wanted);
    Ok(Change { row, wanted, checked, owner_id, members })
}

fn changed_members(old: &ClientRow, new: &ClientRow) -> Vec<&'static str> {
    let members = [
        ("name", old.name != new.name),
        ("authentication_method", old.authentication_method != new.authentication_method),
        ("owner", old.owner_id != new.owner_id),
        ("verified", old.verified != new.verified),
        ("redirect_uris", old.redirect_uris != new.redirect_uris),
        ("grant_types", old.grant_types != new.grant_types),
        ("response_types", old.response_types != new.response_types),
        ("scopes", old.scopes != new.scopes),
        ("allowed_origins", old.allowed_origins != new.allowed_origins),
        ("homepage_url", old.homepage_url != new.homepage_url),
        ("privacy_url", old.privacy_url != new.privacy_url),
        ("terms_url", old.terms_url != new.terms_url),
        ("logo_url", old.logo_url != new.logo_url),
        ("require_pkce", old.require_pkce != new.require_pkce),
        ("silent_token", old.silent_token != new.silent_token),
        ("organization_access", old.organization_access != new.organization_access),
        ("may_introspect", old.may_introspect != new.may_introspect),
        ("rotate_refresh_tokens", old.rotate_refresh_tokens != new.rotate_refresh_tokens),
        ("access_token_lifetime", old.access_token_lifetime != new.access_token_lifetime),
        ("refresh_idle_lifetime", old.refresh_idle_lifetime != new.refresh_idle_lifetime),
        ("refresh_absolute_lifetime", old.refresh_absolute_lifetime != new.refresh_absolute_lifetime),
        ("refresh_grace", old.refresh_grace != new.refresh_grace),
    ];
    let columns = members.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name);
    columns.chain(registered::changed(&old.metadata.0, &new.metadata.0)).collect()
}
