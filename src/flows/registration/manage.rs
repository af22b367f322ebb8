//! A client reads, changes and ends its own registration (RFC 7592): with its own token, which each change replaces.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::answer::{self, Registered};
use super::{RegistrationRefusal as Refusal, request};
use crate::app::App;
use crate::app::throttle::address_key;
use crate::crypto::random;
use crate::crypto::token::{ParsedToken, PlainToken, TokenKind, TokenText};
use crate::flows::audit::Actor;
use crate::flows::caller::Caller;
use crate::flows::client_lookup;
use crate::flows::clients::update::{self as change, Presented};
use crate::flows::clients::{delete as deletion, registered};
use crate::protocol::bearer::BearerToken;
use crate::store::clients::ClientRow;
use crate::store::registrations::{self, ClientRegistrationRow};

/// The registration as it is.
///
/// # Errors
/// [`Refusal`].
pub async fn read(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
    client_id: &str,
) -> Result<Registered, Refusal> {
    let own = authenticate(app, caller, authorization, client_id).await?;
    Ok(answer::of(app, &own.client, &own.registration, None, &own.text))
}

/// Replaces the registration as a whole: what the request leaves out goes back to its default (RFC 7592 section 2.2), but
/// never beyond what the client has: an operator may have taken some of it away.
///
/// # Errors
/// [`Refusal`].
pub async fn update(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
    client_id: &str,
    members: &Map<String, Value>,
) -> Result<Registered, Refusal> {
    let own = authenticate(app, caller, authorization, client_id).await?;
    if members.get("client_id").and_then(Value::as_str) != Some(client_id) {
        return Err(Refusal::metadata("client_id: the registration's own (RFC 7592 section 2.2)"));
    }
    if let Some(secret) = members.get("client_secret") {
        let secret = secret.as_str().unwrap_or_default().to_owned();
        if !change::has_secret(app, &own.client, &secret).await? {
            return Err(Refusal::metadata("client_secret: not the registration's own (RFC 7592 section 2.2)"));
        }
    }
    let before = change::metadata(app, client_id).await?;
    let kept = registered::operators_own(&before.openid).members();
    let mut wanted = request::metadata(app, members, Some(before))?;
    wanted.openid = registered::merged(&wanted.openid, kept).map_err(|problems| Refusal::problems(&problems))?;
    // Somebody vouched for what it was.
    wanted.verified = false;
    let bytes = random::secret();
    let access = PlainToken::new(TokenKind::RegistrationToken, own.client.id, bytes.expose());
    let presented = Presented { digest: own.parsed.digest.as_bytes().to_vec(), new: &access };
    let updated = change::by_client(app, caller, &own.client, wanted, presented).await?;
    let found = client_lookup::find(app, client_id).await?;
    let client = found.ok_or_else(|| Refusal::token("the client is gone"))?;
    Ok(answer::of(app, &client, &own.registration, updated.secret.as_ref(), access.expose()))
}

/// Ends the registration, and everything that hangs on it, at once.
///
/// # Errors
/// [`Refusal`].
pub async fn delete(app: &App, caller: &Caller, authorization: Option<&str>, client_id: &str) -> Result<(), Refusal> {
    let own = authenticate(app, caller, authorization, client_id).await?;
    deletion::request(app, Some(caller), Actor::Client(&own.client), client_id, Some(0)).await?;
    deletion::carry_out_due(app).await?;
    Ok(())
}

struct Own {
    client: Arc<ClientRow>,
    registration: ClientRegistrationRow,
    parsed: ParsedToken,
    text: String,
}

/// The token must be this very client's. A client that is off, or gone, has none (RFC 7592 section 2).
async fn authenticate(
    app: &App,
    caller: &Caller,
    authorization: Option<&str>,
    client_id: &str,
) -> Result<Own, Refusal> {
    let Some(header) = authorization else { return Err(Refusal::Unauthenticated) };
    let token =
        BearerToken::from_header(header).map_err(|_| Refusal::token("Authorization: Bearer takes one token"))?;
    let parsed = TokenText::parse(TokenKind::RegistrationToken, token.secret())
        .map_err(|_| Refusal::token("this is no registration access token"))?;
    app.throttles.misses.peek(&address_key(caller.address)).map_err(Refusal::Throttled)?;
    let id = parsed.id;
    let registration = app.store.read(move |conn| registrations::of_client(conn, id)).await?;
    let Some(registration) = registration.filter(|row| parsed.digest.matches(&row.digest)) else {
        app.throttles.misses.check(&address_key(caller.address)).map_err(Refusal::Throttled)?;
        return Err(Refusal::token("no such registration access token: each change makes a new one"));
    };
    let client = client_lookup::find(app, client_id).await?;
    match client.filter(|client| client.id == registration.client && client.is_active()) {
        Some(client) => Ok(Own { client, registration, parsed, text: token.secret().to_owned() }),
        None => Err(Refusal::token("it is another client's, or the client is switched off")),
    }
}
