//! A client registers itself (RFC 7591 section 3).

use serde_json::{Map, Value};

use super::answer::{self, Registered};
use super::{RegistrationRefusal as Refusal, is_open, request};
use crate::app::App;
use crate::app::throttle::address_key;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind, TokenText};
use crate::flows::audit::Actor;
use crate::flows::caller::Caller;
use crate::flows::client_lookup;
use crate::flows::clients::create::{self, NewClient, SelfRegistered};
use crate::flows::clients::secret::NewSecret;
use crate::protocol::bearer::BearerToken;
use crate::store::organizations;
use crate::store::registrations::{self, InitialAccessTokenRow};

/// Registers a client for whoever may: everybody, or the holder of an initial access token.
///
/// # Errors
/// [`Refusal`].
pub async fn register(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
    members: &Map<String, Value>,
) -> Result<Registered, Refusal> {
    let initial = initial_token(app, caller, authorization).await?;
    // Everybody on the network may come: each one costs rows, and perhaps a call to a third server.
    app.throttles.registrations.check(&address_key(caller.address)).map_err(Refusal::Throttled)?;
    let mut metadata = request::metadata(app, members, None)?;
    metadata.openid.registered_openly = initial.is_none();
    let bytes = random::secret();
    let registered = SelfRegistered {
        token: bytes.expose(),
        initial_token: initial.as_ref().map(|token| token.id),
        organization_id: initial.as_ref().and_then(|token| token.organization_id),
        most: app.config.registration.most,
    };
    let new =
        NewClient { metadata, secret: NewSecret::Drawn, managed_by: None, at_most: None, registered: Some(registered) };
    let made = create::register(app, Some(caller), Actor::Anonymous, new).await?;
    let found = client_lookup::find(app, &made.client_id).await?;
    let client = found.ok_or_else(|| Refusal::token("the client is gone again"))?;
    let id = client.id;
    let row = app.store.read(move |conn| registrations::of_client(conn, id)).await?;
    let row = row.ok_or_else(|| Refusal::token("the client is gone again"))?;
    let access = PlainToken::new(TokenKind::RegistrationToken, client.id, bytes.expose());
    Ok(answer::of(app, &client, &row, made.secret.as_ref(), access.expose()))
}

/// The initial access token of the request; none where none is needed.
async fn initial_token(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
) -> Result<Option<InitialAccessTokenRow>, Refusal> {
    let Some(header) = authorization else {
        return if is_open(app) { Ok(None) } else { Err(Refusal::Unauthenticated) };
    };
    let token =
        BearerToken::from_header(header).map_err(|_| Refusal::token("Authorization: Bearer takes one token"))?;
    let parsed = TokenText::parse(TokenKind::InitialAccessToken, token.secret())
        .map_err(|_| Refusal::token("this is no initial access token"))?;
    let id = parsed.id;
    let row = app.store.read(move |conn| registrations::token(conn, id)).await?;
    let now = app.clock.now();
    let Some(row) = row.filter(|row| parsed.digest.matches(&row.digest)) else {
        app.throttles.misses.check(&address_key(caller.address)).map_err(Refusal::Throttled)?;
        return Err(Refusal::token("no such initial access token, or it was deleted"));
    };
    if row.expires_at.is_some_and(|end| end <= now) {
        return Err(Refusal::token("the initial access token has expired"));
    }
    if row.uses_left.is_some_and(|left| left < 1) {
        return Err(Refusal::token("the initial access token is used up"));
    }
    if let Some(id) = row.organization_id {
        let organization = app.store.read(move |conn| organizations::find(conn, id)).await?;
        if organization.is_none_or(|organization| organization.status != "active") {
            return Err(Refusal::token("the organization of the initial access token is closed"));
        }
    }
    Ok(Some(row))
}
