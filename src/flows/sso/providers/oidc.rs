//! Any OpenID Provider: discovery, PKCE, nonce, and an ID token that is verified in full.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use super::discovery::{Metadata, discover, verify};
use super::exchange::{self, Endpoints};
use super::id_token::{self, Expected};
use super::settings::{Claims, Field, Settings, list_at, text_at};
use super::{Provider, RecheckFailure, Rechecked, Trip};
use crate::app::App;
use crate::flows::sso::luggage::{Profile, UpstreamTokens};
use crate::flows::sso::upstream_error::UpstreamError;
use crate::protocol::params::Params;

/// The kind.
pub struct Oidc;

/// Inputs that every kind with claim paths has.
pub const CLAIM_FIELDS: [Field; 6] = [
    Field { key: "claims.subject", label: "Claim for the subject", hint: "Empty: sub", optional: true },
    Field { key: "claims.email", label: "Claim for the e-mail", hint: "Empty: email", optional: true },
    Field {
        key: "claims.email_verified",
        label: "Claim for a verified e-mail",
        hint: "Empty: email_verified",
        optional: true,
    },
    Field { key: "claims.name", label: "Claim for the name", hint: "Empty: name", optional: true },
    Field {
        key: "claims.teams",
        label: "Claim for teams",
        hint: "Such as groups; its values are addresses of teams here. People join and leave those at each sign-in; who was \
               put in by hand stays.",
        optional: true,
    },
    Field {
        key: "claims.legacy_subject",
        label: "Claim for an earlier subject",
        hint: "Only after a move there.",
        optional: true,
    },
];

const FIELDS: [Field; 4] = [
    Field {
        key: "issuer",
        label: "Issuer",
        hint: "Exactly as the provider writes it, such as https://login.example.com",
        optional: false,
    },
    Field { key: "client_id", label: "Client ID", hint: "From the provider.", optional: false },
    Field {
        key: "secret",
        label: "Client secret",
        hint: "From the provider. Kept sealed and never shown again.",
        optional: true,
    },
    Field {
        key: "scopes",
        label: "Scopes",
        hint: "Empty: what is needed, and offline_access where the provider has it.",
        optional: true,
    },
];

impl Provider for Oidc {
    fn kind(&self) -> &'static str {
        "oidc"
    }

    fn label(&self) -> &'static str {
        "OpenID Connect"
    }

    fn about(&self) -> &'static str {
        "Any OpenID Provider with discovery: Keycloak, Okta, Microsoft Entra, Auth0, another grantor."
    }

    fn fields(&self) -> &'static [Field] {
        &FIELDS
    }

    fn prepare<'a>(&'a self, app: &'a App, typed: Settings) -> BoxFuture<'a, Result<Settings, UpstreamError>> {
        async move {
            // Everybody has an account there: only its own kind knows which domains are let in (C48).
            if typed.issuer.trim_end_matches('/') == "https://accounts.google.com" {
                return Err(UpstreamError::Settings(
                    "for Google, choose Google: it lets in your domains only".to_owned(),
                ));
            }
            let metadata = discover(app, &typed.issuer).await?;
            let scopes = match typed.scopes.trim() {
                "" if metadata.scopes_supported.iter().any(|scope| scope == "offline_access") => {
                    "openid email profile offline_access".to_owned()
                }
                "" => "openid email profile".to_owned(),
                scopes => scopes.to_owned(),
            };
            if !scopes.split_ascii_whitespace().any(|scope| scope == "openid") {
                return Err(UpstreamError::Settings("the scopes have to include openid".to_owned()));
            }
            Ok(Settings {
                issuer: typed.issuer,
                client_id: typed.client_id,
                scopes,
                claims: typed.claims.or_standard(),
                token_authentication: typed.token_authentication,
                ..Settings::default()
            })
        }
        .boxed()
    }

    fn departure<'a>(&'a self, trip: &'a Trip<'a>) -> BoxFuture<'a, Result<String, UpstreamError>> {
        async move {
            let metadata = discover(trip.app, &trip.settings.issuer).await?;
            // OpenID Connect Core section 11: without it there is no refresh token.
            let consent = trip.settings.scopes.split_ascii_whitespace().any(|scope| scope == "offline_access");
            departure(trip, &metadata, consent, &[])
        }
        .boxed()
    }

    fn identify<'a>(&'a self, trip: &'a Trip<'a>, back: &'a Params) -> BoxFuture<'a, Result<Profile, UpstreamError>> {
        async move {
            let (profile, _) = identify(trip, back).await?;
            Ok(profile)
        }
        .boxed()
    }

    fn recheck<'a>(
        &'a self,
        app: &'a App,
        settings: &'a Settings,
        secret: Option<&'a str>,
        tokens: &'a UpstreamTokens,
        subject: &'a str,
    ) -> BoxFuture<'a, Result<Rechecked, RecheckFailure>> {
        recheck(app, settings, secret, tokens, subject).boxed()
    }
}

/// The address to send the browser to.
pub(super) fn departure(
    trip: &Trip<'_>,
    metadata: &Metadata,
    consent: bool,
    more: &[(&str, &str)],
) -> Result<String, UpstreamError> {
    let mut extra = vec![("nonce", trip.nonce)];
    let mut prompts = Vec::new();
    if trip.reauthenticate {
        prompts.push("login");
    }
    if consent {
        prompts.push("consent");
    }
    let prompts = prompts.join(" ");
    if !prompts.is_empty() {
        extra.push(("prompt", &prompts));
    }
    // Only asked for a `max_age` must a provider say when the person signed in there (OpenID Connect Core section 2).
    let max_age = trip.max_age.or(trip.reauthenticate.then_some(0)).map(|seconds| seconds.to_string());
    if let Some(max_age) = &max_age {
        extra.push(("max_age", max_age));
    }
    extra.extend_from_slice(more);
    exchange::authorization_url(trip, &endpoints(trip.settings, metadata), &trip.settings.scopes, &extra)
}

/// Who came back, and all claims.
pub(super) async fn identify(trip: &Trip<'_>, back: &Params) -> Result<(Profile, Value), UpstreamError> {
    let metadata = discover(trip.app, &trip.settings.issuer).await?;
    check_issuer(&metadata, back)?;
    let redeemed = exchange::redeem(trip, &endpoints(trip.settings, &metadata), back).await?;
    let token = redeemed.id_token.as_deref();
    let token = token.ok_or_else(|| UpstreamError::Unacceptable("token endpoint: there is no ID token".to_owned()))?;
    let mut claims = verify(trip.app, &metadata, token).await?;
    let expected = Expected {
        issuer: &trip.settings.issuer,
        client_id: &trip.settings.client_id,
        nonce: Some(trip.nonce),
        began: trip.began,
        now: trip.app.clock.now(),
    };
    id_token::check(&claims, &expected).map_err(|rule| UpstreamError::Unacceptable(rule).at("ID token"))?;
    let auth_time = claims.get("auth_time").and_then(id_token::moment);
    let paths = &trip.settings.claims;
    let lacks = |path: &str| !path.is_empty() && super::settings::at(&Value::Object(claims.clone()), path).is_none();
    if let Some(url) =
        metadata.userinfo_endpoint.as_ref().filter(|_| lacks(&paths.email) || lacks(&paths.name) || lacks(&paths.teams))
    {
        let more = exchange::person(trip.app, url, &redeemed.tokens.access_token).await?;
        // OpenID Connect Core section 5.3.2: it speaks of the same person, or it does not count.
        if more.get("sub") != claims.get("sub") {
            return Err(UpstreamError::Unacceptable("userinfo: sub is not the ID token's".to_owned()));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
    }
    let recheckable = redeemed.tokens.refresh_token.is_some();
    let mut profile = mapped(&trip.settings.issuer, paths, claims)?;
    profile.auth_time = auth_time;
    profile.tokens = Some(redeemed.tokens);
    profile.recheckable = recheckable;
    let all = Value::Object(profile.claims.clone());
    Ok((profile, all))
}

/// Claims as the settings read them.
pub(super) fn mapped(issuer: &str, paths: &Claims, claims: Map<String, Value>) -> Result<Profile, UpstreamError> {
    let all = Value::Object(claims);
    let subject = text_at(&all, &paths.subject);
    let missing = || UpstreamError::Unacceptable(format!("the claim {} for the subject is missing", paths.subject));
    Ok(Profile {
        issuer: issuer.to_owned(),
        subject: subject.ok_or_else(missing)?,
        legacy_subject: text_at(&all, &paths.legacy_subject),
        email: text_at(&all, &paths.email),
        // Only the value true: "true", 1 and the like are what careless mappers write (C39).
        email_verified: super::settings::at(&all, &paths.email_verified) == Some(&Value::Bool(true)),
        name: text_at(&all, &paths.name),
        teams: list_at(&all, &paths.teams),
        claims: match all {
            Value::Object(claims) => claims,
            _ => Map::new(),
        },
        ..Profile::default()
    })
}

/// A refresh, and the same person in it.
pub(super) async fn recheck(
    app: &App,
    settings: &Settings,
    secret: Option<&str>,
    tokens: &UpstreamTokens,
    subject: &str,
) -> Result<Rechecked, RecheckFailure> {
    let metadata = discover(app, &settings.issuer).await?;
    let new = exchange::refresh(app, settings, secret, &endpoints(settings, &metadata), tokens).await?;
    if let Some(token) = &new.id_token {
        let claims = verify(app, &metadata, token).await?;
        let now = app.clock.now();
        let (issuer, client_id) = (settings.issuer.as_str(), settings.client_id.as_str());
        // OpenID Connect Core section 12.2: the same issuer, audience and subject; the nonce may be missing.
        let expected = Expected { issuer, client_id, nonce: None, began: now - 300, now };
        let checked = id_token::check(&claims, &expected);
        checked.map_err(|rule| UpstreamError::Unacceptable(rule).at("ID token"))?;
        if text_at(&Value::Object(claims), &settings.claims.subject).is_some_and(|found| found != subject) {
            let other = UpstreamError::Unacceptable("the refresh speaks of another account".to_owned());
            return Err(other.into());
        }
    }
    Ok(Rechecked { tokens: Some(new.tokens) })
}

/// RFC 9207 section 2.4: an answer of another issuer must not be taken for this one's (mix-up).
fn check_issuer(metadata: &Metadata, back: &Params) -> Result<(), UpstreamError> {
    let wrong = |text: &str| Err(UpstreamError::Unacceptable(format!("the answer's iss {text}")));
    match back.once("iss") {
        Err(_) => wrong("was sent twice"),
        Ok(Some(issuer)) if issuer != metadata.issuer => wrong("is another issuer's"),
        Ok(None) if metadata.authorization_response_iss_parameter_supported => wrong("is missing"),
        Ok(_) => Ok(()),
    }
}

fn endpoints(settings: &Settings, metadata: &Metadata) -> Endpoints {
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    let basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
    Endpoints {
        authorization: metadata.authorization_endpoint.clone(),
        token: metadata.token_endpoint.clone(),
        secret_in_body: match settings.token_authentication.as_str() {
            "client_secret_post" => true,
            "client_secret_basic" => false,
            _ => !basic,
        },
    }
}
