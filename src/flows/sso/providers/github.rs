//! GitHub, there or on a server of one's own: plain OAuth 2.0, and membership of an organization there.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::exchange::{self, Endpoints};
use super::settings::{Field, Settings, text_at};
use super::{Provider, RecheckFailure, Rechecked, Trip};
use crate::app::App;
use crate::flows::sso::luggage::{Profile, UpstreamTokens};
use crate::flows::sso::upstream_error::UpstreamError;
use crate::protocol::params::Params;

/// The kind.
pub struct GitHub;

const SITE: &str = "https://github.com";
const API: &str = "https://api.github.com";

const FIELDS: [Field; 4] = [
    Field {
        key: "organization",
        label: "Organization there",
        hint: "Its name in addresses; only its members come in.",
        optional: false,
    },
    Field { key: "client_id", label: "Client ID", hint: "Of an OAuth app of that organization.", optional: false },
    Field { key: "secret", label: "Client secret", hint: "Kept sealed and never shown again.", optional: false },
    Field {
        key: "issuer",
        label: "Address of your own server",
        hint: "Only for GitHub Enterprise, such as https://github.example.com",
        optional: true,
    },
];

impl Provider for GitHub {
    fn kind(&self) -> &'static str {
        "github"
    }

    fn label(&self) -> &'static str {
        "GitHub"
    }

    fn about(&self) -> &'static str {
        "Members of an organization on GitHub or GitHub Enterprise."
    }

    fn fields(&self) -> &'static [Field] {
        &FIELDS
    }

    fn prepare<'a>(&'a self, app: &'a App, typed: Settings) -> BoxFuture<'a, Result<Settings, UpstreamError>> {
        async move {
            let name = typed.organization.trim();
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                return Err(UpstreamError::Settings(
                    "name the organization as it stands in its address there".to_owned(),
                ));
            }
            let issuer = match typed.issuer.trim().trim_end_matches('/') {
                "" => SITE,
                site => site,
            };
            app.upstream.check(issuer)?;
            Ok(Settings {
                issuer: issuer.to_owned(),
                client_id: typed.client_id,
                scopes: "read:user user:email read:org".to_owned(),
                organization: name.to_owned(),
                ..Settings::default()
            })
        }
        .boxed()
    }

    fn departure<'a>(&'a self, trip: &'a Trip<'a>) -> BoxFuture<'a, Result<String, UpstreamError>> {
        let extra: &[(&str, &str)] = if trip.reauthenticate { &[("prompt", "select_account")] } else { &[] };
        let url = exchange::authorization_url(trip, &endpoints(trip.settings), &trip.settings.scopes, extra);
        async { url }.boxed()
    }

    fn identify<'a>(&'a self, trip: &'a Trip<'a>, back: &'a Params) -> BoxFuture<'a, Result<Profile, UpstreamError>> {
        async move {
            let redeemed = exchange::redeem(trip, &endpoints(trip.settings), back).await?;
            let (app, api) = (trip.app, api(trip.settings));
            let token = &redeemed.tokens.access_token;
            let claims = exchange::person(app, &format!("{api}/user"), token).await?;
            let all = Value::Object(claims.clone());
            let missing = || UpstreamError::Unacceptable("the account has no id".to_owned());
            let subject = text_at(&all, "id").ok_or_else(missing)?;
            if !is_member(app, trip.settings, token).await? {
                let organization = &trip.settings.organization;
                return Err(UpstreamError::NotAllowed(format!("the account is no member of {organization}")));
            }
            let (_, addresses) = exchange::resource(app, &format!("{api}/user/emails"), token).await?;
            let (email, email_verified) = primary(&addresses);
            Ok(Profile {
                issuer: trip.settings.issuer.clone(),
                subject,
                email,
                email_verified,
                name: text_at(&all, "name").or_else(|| text_at(&all, "login")),
                tokens: Some(redeemed.tokens),
                recheckable: true,
                claims,
                ..Profile::default()
            })
        }
        .boxed()
    }

    fn recheck<'a>(
        &'a self,
        app: &'a App,
        settings: &'a Settings,
        _: Option<&'a str>,
        tokens: &'a UpstreamTokens,
        subject: &'a str,
    ) -> BoxFuture<'a, Result<Rechecked, RecheckFailure>> {
        async move {
            let (status, person) =
                exchange::resource(app, &format!("{}/user", api(settings)), &tokens.access_token).await?;
            if status == 401 {
                return Err(RecheckFailure::NotValid("GitHub says that this access was ended there.".to_owned()));
            }
            if status != 200 || text_at(&person, "id").as_deref() != Some(subject) {
                let odd = UpstreamError::Unacceptable(format!("status {status}, or another account"));
                return Err(odd.into());
            }
            match is_member(app, settings, &tokens.access_token).await? {
                true => Ok(Rechecked { tokens: None }),
                false => {
                    let organization = &settings.organization;
                    Err(RecheckFailure::NotValid(format!("You are no longer a member of {organization} on GitHub.")))
                }
            }
        }
        .boxed()
    }
}

fn endpoints(settings: &Settings) -> Endpoints {
    Endpoints {
        authorization: format!("{}/login/oauth/authorize", settings.issuer),
        token: format!("{}/login/oauth/access_token", settings.issuer),
        secret_in_body: true,
    }
}

fn api(settings: &Settings) -> String {
    if settings.issuer == SITE { API.to_owned() } else { format!("{}/api/v3", settings.issuer) }
}

async fn is_member(app: &App, settings: &Settings, token: &str) -> Result<bool, UpstreamError> {
    let url = format!("{}/user/memberships/orgs/{}", api(settings), settings.organization);
    match exchange::resource(app, &url, token).await? {
        (200, membership) => Ok(text_at(&membership, "state").as_deref() == Some("active")),
        (404, _) => Ok(false),
        // Also what it answers when it was asked too often.
        (403, _) => Err(UpstreamError::Unreachable("memberships: status 403".to_owned())),
        (status, _) => Err(UpstreamError::Unacceptable(format!("memberships: status {status}"))),
    }
}

/// The primary address, and whether it is verified.
fn primary(addresses: &Value) -> (Option<String>, bool) {
    let found = addresses.as_array().and_then(|all| all.iter().find(|one| one["primary"] == Value::Bool(true)));
    match found {
        Some(one) => (text_at(one, "email"), one["verified"] == Value::Bool(true)),
        None => (None, false),
    }
}
