//! What a browser's way to the upstream and back carries, sealed in its row: never in the browser.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::providers::settings::Settings;
use super::who_joins::WhoJoins;
use crate::app::App;
use crate::protocol::NumericDate;

/// Sealed under [`crate::crypto::master_key::MasterKey::seal`]. Has no `Debug`: it holds secrets.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Luggage {
    /// Binds the ID token to this flow.
    pub nonce: String,
    /// RFC 7636.
    pub verifier: String,
    /// `prompt=login` was asked for: the proof has to be newer than the flow.
    pub reauthenticate: bool,
    /// `max_age`, in seconds.
    pub max_age: Option<i64>,
    /// An upstream that does not tell when the person signed in is believed.
    #[serde(default)]
    pub lenient: bool,
    /// The provider to be, while it is being set up.
    pub draft: Option<Draft>,
    /// Who came back.
    pub profile: Option<Profile>,
}

/// A provider that is being set up.
#[derive(Clone, Serialize, Deserialize)]
pub struct Draft {
    /// Registry key.
    pub kind: String,
    /// Settings.
    pub settings: Settings,
    /// Upstream client secret.
    pub secret: Option<String>,
    /// Members without an identity get in.
    pub allow_unlinked: bool,
    /// Who becomes a member by its word.
    pub joining: WhoJoins,
}

/// Who the upstream says somebody is. Has no `Debug`: it holds tokens.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Profile {
    /// Who vouches.
    pub issuer: String,
    /// The account there; never an e-mail unless the provider has no other name (C41).
    pub subject: String,
    /// A name under which the provider itself says it knew the account before.
    pub legacy_subject: Option<String>,
    /// Address there.
    pub email: Option<String>,
    /// The upstream said `true`; the text "true" is not it (C39).
    pub email_verified: bool,
    /// Display name.
    pub name: Option<String>,
    /// Slugs of teams.
    pub teams: Vec<String>,
    /// When the person last authenticated there.
    pub auth_time: Option<NumericDate>,
    /// For the re-check.
    pub tokens: Option<UpstreamTokens>,
    /// The provider can be asked again without the person.
    pub recheckable: bool,
    /// All it said, for the preview of a set-up.
    pub claims: Map<String, Value>,
}

/// An upstream's tokens, kept to ask it again.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct UpstreamTokens {
    /// RFC 6749 section 1.4.
    pub access_token: String,
    /// RFC 6749 section 1.5.
    pub refresh_token: Option<String>,
    /// When the access token ends.
    pub expires_at: Option<NumericDate>,
}

impl Luggage {
    /// Sealed for the flow's row.
    pub fn seal(&self, app: &App, flow_id: i64) -> Vec<u8> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        app.keys.master.seal(&purpose(flow_id), &json)
    }

    /// What a flow's row holds; `None` when it was sealed under another key.
    pub fn open(app: &App, flow_id: i64, sealed: &[u8]) -> Option<Luggage> {
        let json = app.keys.master.open(&purpose(flow_id), sealed).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

impl UpstreamTokens {
    /// Sealed for an identity's row.
    pub fn seal(&self, app: &App, identity_id: i64) -> Vec<u8> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        app.keys.master.seal(&tokens_purpose(identity_id), &json)
    }

    /// What an identity's row holds.
    pub fn open(app: &App, identity_id: i64, sealed: &[u8]) -> Option<UpstreamTokens> {
        let json = app.keys.master.open(&tokens_purpose(identity_id), sealed).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

fn purpose(flow_id: i64) -> String {
    format!("sso_flows/{flow_id}")
}

fn tokens_purpose(identity_id: i64) -> String {
    format!("identities/{identity_id}/tokens")
}
