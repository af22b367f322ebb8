//! Plain OAuth 2.0: endpoints typed in, the person read from a resource, claim paths configured.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::exchange::{self, Endpoints};
use super::settings::{Field, Settings};
use super::{Provider, RecheckFailure, Rechecked, Trip, oidc};
use crate::app::App;
use crate::flows::sso::luggage::{Profile, UpstreamTokens};
use crate::flows::sso::upstream_error::UpstreamError;
use crate::protocol::params::Params;

/// The kind.
pub struct OAuth2;

const FIELDS: [Field; 7] = [
    Field {
        key: "authorization_endpoint",
        label: "Authorization endpoint",
        hint: "Where people sign in.",
        optional: false,
    },
    Field { key: "token_endpoint", label: "Token endpoint", hint: "Where codes are redeemed.", optional: false },
    Field {
        key: "userinfo_endpoint",
        label: "User endpoint",
        hint: "Answers with the person as JSON.",
        optional: false,
    },
    Field { key: "client_id", label: "Client ID", hint: "From the provider.", optional: false },
    Field { key: "secret", label: "Client secret", hint: "Kept sealed and never shown again.", optional: true },
    Field { key: "scopes", label: "Scopes", hint: "With spaces between them.", optional: true },
    Field { key: "issuer", label: "Issuer", hint: "If the provider sends iss (RFC 9207).", optional: true },
];

impl Provider for OAuth2 {
    fn kind(&self) -> &'static str {
        "oauth2"
    }

    fn label(&self) -> &'static str {
        "OAuth 2.0"
    }

    fn about(&self) -> &'static str {
        "A provider without OpenID Connect. You name its endpoints and which members say who somebody is."
    }

    fn fields(&self) -> &'static [Field] {
        &FIELDS
    }

    fn prepare<'a>(&'a self, app: &'a App, typed: Settings) -> BoxFuture<'a, Result<Settings, UpstreamError>> {
        async move {
            for (name, url) in [
                ("authorization endpoint", &typed.authorization_endpoint),
                ("token endpoint", &typed.token_endpoint),
                ("user endpoint", &typed.userinfo_endpoint),
            ] {
                let wrong = |error| UpstreamError::Settings(format!("the {name} cannot be used: {error}"));
                app.upstream.check(url).map_err(wrong)?;
            }
            Ok(Settings { claims: typed.claims.clone().or_standard(), domains: Vec::new(), ..typed })
        }
        .boxed()
    }

    fn departure<'a>(&'a self, trip: &'a Trip<'a>) -> BoxFuture<'a, Result<String, UpstreamError>> {
        let url = exchange::authorization_url(trip, &endpoints(trip.settings), &trip.settings.scopes, &[]);
        async { url }.boxed()
    }

    fn identify<'a>(&'a self, trip: &'a Trip<'a>, back: &'a Params) -> BoxFuture<'a, Result<Profile, UpstreamError>> {
        async move {
            let settings = trip.settings;
            match back.once("iss") {
                Ok(None) => {}
                Ok(Some(issuer)) if settings.issuer.is_empty() || settings.issuer == issuer => {}
                _ => return Err(UpstreamError::Unacceptable("the answer's iss is another issuer's".to_owned())),
            }
            let redeemed = exchange::redeem(trip, &endpoints(settings), back).await?;
            let token = &redeemed.tokens.access_token;
            let claims = exchange::person(trip.app, &settings.userinfo_endpoint, token).await?;
            let recheckable = redeemed.tokens.refresh_token.is_some();
            let profile = oidc::mapped(issuer(settings), &settings.claims, claims)?;
            Ok(Profile { tokens: Some(redeemed.tokens), recheckable, ..profile })
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
        async move {
            let new = exchange::refresh(app, settings, secret, &endpoints(settings), tokens).await?;
            let claims = exchange::person(app, &settings.userinfo_endpoint, &new.tokens.access_token).await?;
            let profile = oidc::mapped(issuer(settings), &settings.claims, claims)?;
            if profile.subject != subject {
                let other = UpstreamError::Unacceptable("the refresh speaks of another account".to_owned());
                return Err(other.into());
            }
            Ok(Rechecked { tokens: Some(new.tokens) })
        }
        .boxed()
    }
}

/// Who vouches: the token endpoint, where the provider has no better name.
fn issuer(settings: &Settings) -> &str {
    if settings.issuer.is_empty() { &settings.token_endpoint } else { &settings.issuer }
}

fn endpoints(settings: &Settings) -> Endpoints {
    Endpoints {
        authorization: settings.authorization_endpoint.clone(),
        token: settings.token_endpoint.clone(),
        secret_in_body: settings.token_authentication == "client_secret_post",
    }
}
