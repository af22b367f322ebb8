//! The dummy provider, for tests and development only: its "upstream" is a form of this server on which anybody says
//! who they are.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::{Field, Settings};
use super::{Provider, RecheckFailure, Rechecked, Trip};
use crate::app::App;
use crate::flows::sso::luggage::{Profile, UpstreamTokens};
use crate::flows::sso::upstream_error::UpstreamError;
use crate::protocol::params::Params;

/// Below the issuer: the form.
pub const FORM: &str = "/sso/dummy";
const ISSUER: &str = "dummy";

/// The kind.
pub struct Dummy;

/// What the form says.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The account; the address where empty.
    pub id: String,
    /// Address.
    pub email: String,
    /// Whether it is verified.
    pub email_verified: bool,
    /// Display name.
    pub name: String,
    /// An earlier name of the account.
    pub legacy_id: String,
}

impl Said {
    /// The `code` that says it.
    pub fn code(&self) -> String {
        json!(self).to_string()
    }
}

impl Provider for Dummy {
    fn kind(&self) -> &'static str {
        "dummy"
    }

    fn label(&self) -> &'static str {
        "Dummy"
    }

    fn about(&self) -> &'static str {
        "For trying things out: everybody says who they are. Development servers only."
    }

    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn prepare<'a>(&'a self, _: &'a App, typed: Settings) -> BoxFuture<'a, Result<Settings, UpstreamError>> {
        async { Ok(Settings { claims: typed.claims, ..Settings::default() }) }.boxed()
    }

    fn departure<'a>(&'a self, trip: &'a Trip<'a>) -> BoxFuture<'a, Result<String, UpstreamError>> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", trip.state);
        if let Some(hint) = trip.login_hint {
            query.append_pair("login_hint", hint);
        }
        let url = format!("{}?{}", trip.app.issuer.endpoint(FORM), query.finish());
        async { Ok(url) }.boxed()
    }

    fn identify<'a>(&'a self, trip: &'a Trip<'a>, back: &'a Params) -> BoxFuture<'a, Result<Profile, UpstreamError>> {
        async move {
            let code = back.once("code").ok().flatten().unwrap_or_default();
            let said: Said = serde_json::from_str(code)
                .map_err(|_| UpstreamError::Unacceptable("the code does not say who it is".to_owned()))?;
            let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let subject = text(&said.id).or_else(|| text(&said.email));
            let subject = subject.ok_or_else(|| UpstreamError::Unacceptable("there is no subject".to_owned()))?;
            let claims = json!({ "sub": &subject, "email": &said.email, "email_verified": said.email_verified, "name": &said.name });
            Ok(Profile {
                issuer: ISSUER.to_owned(),
                subject,
                legacy_subject: text(&said.legacy_id),
                email: text(&said.email),
                email_verified: said.email_verified,
                name: text(&said.name),
                auth_time: Some(trip.app.clock.now()),
                tokens: Some(UpstreamTokens::default()),
                recheckable: true,
                claims: match claims {
                    Value::Object(claims) => claims,
                    _ => serde_json::Map::new(),
                },
                ..Profile::default()
            })
        }
        .boxed()
    }

    fn recheck<'a>(
        &'a self,
        _: &'a App,
        _: &'a Settings,
        _: Option<&'a str>,
        _: &'a UpstreamTokens,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Rechecked, RecheckFailure>> {
        async { Ok(Rechecked { tokens: None }) }.boxed()
    }
}
