//! The kinds of upstream providers: one small trait, one registry. A new kind is a file and a line in [`ALL`].

mod discovery;
pub mod dummy;
mod exchange;
mod github;
mod google;
mod id_token;
mod oauth2;
mod oidc;
pub mod settings;

use futures_util::future::BoxFuture;

use super::luggage::{Profile, UpstreamTokens};
use super::upstream_error::UpstreamError;
use crate::app::App;
use crate::protocol::params::Params;
use crate::store::providers::ProviderRow;
pub use oidc::CLAIM_FIELDS;
use settings::{Field, Settings};

/// One browser's way to an upstream and back.
pub struct Trip<'a> {
    /// The app.
    pub app: &'a App,
    /// The provider's settings.
    pub settings: &'a Settings,
    /// The upstream client secret.
    pub secret: Option<&'a str>,
    /// `state` on the way there; empty on the way back, when it is used up.
    pub state: &'a str,
    /// `nonce`.
    pub nonce: &'a str,
    /// PKCE verifier.
    pub verifier: &'a str,
    /// `prompt=login` was asked for.
    pub reauthenticate: bool,
    /// `max_age`.
    pub max_age: Option<i64>,
    /// Filled in there if the upstream likes.
    pub login_hint: Option<&'a str>,
    /// When the browser left.
    pub began: i64,
}

impl Trip<'_> {
    /// Where the upstream sends the browser back to: the same for every organization.
    pub fn redirect_uri(&self) -> String {
        self.app.issuer.endpoint(super::CALLBACK)
    }
}

/// What an upstream says when it is asked again.
pub struct Rechecked {
    /// Tokens to keep from now on, if they changed.
    pub tokens: Option<UpstreamTokens>,
}

/// Why a re-check did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecheckFailure {
    /// The upstream says that the account is no more; in words for its person.
    #[error("{0}")]
    NotValid(String),
    /// Ask again later.
    #[error(transparent)]
    Transient(#[from] UpstreamError),
}

/// A kind of provider.
pub trait Provider: Sync {
    /// Registry key, as stored.
    fn kind(&self) -> &'static str;
    /// What people call it.
    fn label(&self) -> &'static str;
    /// One sentence for whoever chooses.
    fn about(&self) -> &'static str;
    /// What the set-up form asks for.
    fn fields(&self) -> &'static [Field];
    /// Checks settings before anybody is sent there, and fills in what the kind itself knows.
    fn prepare<'a>(&'a self, app: &'a App, typed: Settings) -> BoxFuture<'a, Result<Settings, UpstreamError>>;
    /// Where to send the browser.
    fn departure<'a>(&'a self, trip: &'a Trip<'a>) -> BoxFuture<'a, Result<String, UpstreamError>>;
    /// Who came back with these parameters.
    fn identify<'a>(&'a self, trip: &'a Trip<'a>, back: &'a Params) -> BoxFuture<'a, Result<Profile, UpstreamError>>;
    /// Whether the account still is, asked without its person. `subject` is who it has to be.
    fn recheck<'a>(
        &'a self,
        app: &'a App,
        settings: &'a Settings,
        secret: Option<&'a str>,
        tokens: &'a UpstreamTokens,
        subject: &'a str,
    ) -> BoxFuture<'a, Result<Rechecked, RecheckFailure>>;
}

/// Every kind. The dummy one answers in development only.
pub static ALL: [&dyn Provider; 5] = [&oidc::Oidc, &google::Google, &github::GitHub, &oauth2::OAuth2, &dummy::Dummy];

/// The kind with this key, if this server has it.
pub fn find(app: &App, kind: &str) -> Option<&'static dyn Provider> {
    offered(app).find(|provider| provider.kind() == kind)
}

/// What people call the kind with this key.
pub fn label(kind: &str) -> &'static str {
    ALL.iter().find(|provider| provider.kind() == kind).map_or("your organization", |provider| provider.label())
}

/// The kinds an organization may choose from.
pub fn offered(app: &App) -> impl Iterator<Item = &'static dyn Provider> {
    let dev = app.config.dev;
    ALL.iter().copied().filter(move |provider| dev || provider.kind() != "dummy")
}

/// A provider row opened: its kind, settings and secret.
pub struct Opened {
    /// The kind.
    pub provider: &'static dyn Provider,
    /// Settings.
    pub settings: Settings,
    /// Upstream client secret.
    pub secret: Option<String>,
}

/// Opens a row.
///
/// # Errors
/// [`UpstreamError::Settings`] when this server cannot read it.
pub fn open(app: &App, row: &ProviderRow) -> Result<Opened, UpstreamError> {
    let unreadable = || UpstreamError::Settings(format!("the settings of the {} provider cannot be read", row.kind));
    let provider = find(app, &row.kind).ok_or_else(unreadable)?;
    let settings = serde_json::from_str(&row.settings).map_err(|_| unreadable())?;
    let secret = match &row.sealed_secret {
        None => None,
        Some(sealed) => {
            let plain = app.keys.master.open(&secret_purpose(row.id), sealed).map_err(|_| unreadable())?;
            Some(String::from_utf8(plain).map_err(|_| unreadable())?)
        }
    };
    Ok(Opened { provider, settings, secret })
}

/// Sealed for a provider's row.
pub fn seal_secret(app: &App, provider_id: i64, secret: &str) -> Vec<u8> {
    app.keys.master.seal(&secret_purpose(provider_id), secret.as_bytes())
}

fn secret_purpose(provider_id: i64) -> String {
    format!("providers/{provider_id}/secret")
}
