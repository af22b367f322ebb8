//! Google: an OpenID Provider with a rule of its own, the hosted domain.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::discovery::discover;
use super::settings::{Claims, Field, Settings, text_at};
use super::{Provider, RecheckFailure, Rechecked, Trip, oidc};
use crate::app::App;
use crate::flows::sso::luggage::{Profile, UpstreamTokens};
use crate::flows::sso::upstream_error::UpstreamError;
use crate::protocol::params::Params;

/// The kind.
pub struct Google;

const ISSUER: &str = "https://accounts.google.com";

const FIELDS: [Field; 3] = [
    Field { key: "client_id", label: "Client ID", hint: "From the Google Cloud console.", optional: false },
    Field { key: "secret", label: "Client secret", hint: "Kept sealed and never shown again.", optional: false },
    Field {
        key: "domains",
        label: "Workspace domains",
        hint: "Such as example.com, with commas between several.",
        optional: false,
    },
];

impl Provider for Google {
    fn kind(&self) -> &'static str {
        "google"
    }

    fn label(&self) -> &'static str {
        "Google"
    }

    fn about(&self) -> &'static str {
        "Google Workspace. Only accounts of your own domains come in."
    }

    fn fields(&self) -> &'static [Field] {
        &FIELDS
    }

    fn prepare<'a>(&'a self, app: &'a App, typed: Settings) -> BoxFuture<'a, Result<Settings, UpstreamError>> {
        async move {
            let domains: Vec<String> = typed
                .domains
                .iter()
                .map(|domain| domain.trim().to_ascii_lowercase())
                .filter(|d| !d.is_empty())
                .collect();
            let odd = |domain: &String| !domain.contains('.') || domain.contains('@') || domain.contains('/');
            if domains.is_empty() || domains.iter().any(odd) {
                return Err(UpstreamError::Settings("name at least one domain, such as example.com".to_owned()));
            }
            // Another issuer only where a test plays Google.
            let issuer = match typed.issuer.as_str() {
                issuer if app.config.dev && !issuer.is_empty() => issuer.to_owned(),
                _ => ISSUER.to_owned(),
            };
            discover(app, &issuer).await?;
            Ok(Settings {
                issuer,
                client_id: typed.client_id,
                scopes: "openid email profile".to_owned(),
                claims: Claims::standard(),
                domains,
                ..Settings::default()
            })
        }
        .boxed()
    }

    fn departure<'a>(&'a self, trip: &'a Trip<'a>) -> BoxFuture<'a, Result<String, UpstreamError>> {
        async move {
            let metadata = discover(trip.app, &trip.settings.issuer).await?;
            // A refresh token comes only with this and a consent; hd is a hint to Google, the rule is checked on the way back.
            let mut extra = vec![("access_type", "offline")];
            if let [domain] = trip.settings.domains.as_slice() {
                extra.push(("hd", domain));
            }
            oidc::departure(trip, &metadata, true, &extra)
        }
        .boxed()
    }

    fn identify<'a>(&'a self, trip: &'a Trip<'a>, back: &'a Params) -> BoxFuture<'a, Result<Profile, UpstreamError>> {
        async move {
            let (profile, claims) = oidc::identify(trip, back).await?;
            check_domain(&claims, &trip.settings.domains)?;
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
        oidc::recheck(app, settings, secret, tokens, subject).boxed()
    }
}

/// The account is of one of the domains: `hd`, which Google sets, compared whole; an address says nothing (C48).
fn check_domain(claims: &Value, domains: &[String]) -> Result<(), UpstreamError> {
    match text_at(claims, "hd") {
        Some(domain) if domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(&domain)) => Ok(()),
        Some(domain) => {
            let domain: String = domain.chars().take(100).collect();
            Err(UpstreamError::NotAllowed(format!("the account is of the domain {domain}")))
        }
        None => Err(UpstreamError::NotAllowed("the account is of no Workspace domain".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// C48.
    #[test]
    fn a_domain_is_compared_whole() {
        let domains = ["corp.example".to_owned()];
        for (claims, good) in [
            (json!({ "hd": "corp.example" }), true),
            (json!({ "hd": "CORP.example" }), true),
            (json!({ "hd": "evil-corp.example" }), false),
            (json!({ "hd": "corp.example.evil" }), false),
            (json!({ "hd": "a@corp.example" }), false),
            (json!({ "hd": ["corp.example"] }), false),
            (json!({ "email": "a@corp.example" }), false),
            (json!({ "email": "a@evil@corp.example", "hd": "" }), false),
        ] {
            assert_eq!(check_domain(&claims, &domains).is_ok(), good, "{claims}");
        }
    }
}
