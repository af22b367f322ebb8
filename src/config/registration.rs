//! `[registration]`: whether clients may register themselves (RFC 7591).

use serde::{Deserialize, Serialize};

/// Who may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nobody: the endpoint is not there.
    #[default]
    Off,
    /// Whoever was given an initial access token.
    InitialToken,
    /// Everybody on the network.
    Open,
}

/// Rules for clients that register themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    /// `off`, `initial_token` or `open`.
    pub mode: Mode,
    /// Whether organizations hand out initial access tokens themselves; only where `mode` is not `off`.
    pub organizations: bool,
    /// The most such a client can ever be given.
    pub scopes: Vec<String>,
    /// Whether confidential ones too must use PKCE; public ones always must.
    pub require_pkce: bool,
    /// Registrations from one address within an hour.
    pub per_hour: u32,
    /// Clients that registered without a token, in all.
    pub most: i64,
    /// Days such a client that nobody ever allowed anything is kept; 0 for ever.
    pub unused_days: u32,
    /// Whether such clients count as vouched for: a browser may be sent there though no person asked for it.
    pub trusted: bool,
    /// Whether clients that register themselves may get tokens in the front channel without a click.
    pub silent_token: bool,
}

impl Default for Registration {
    fn default() -> Self {
        let scopes = ["openid", "profile", "email", "address", "phone", "offline_access"];
        Registration {
            mode: Mode::Off,
            organizations: false,
            scopes: scopes.map(str::to_owned).to_vec(),
            require_pkce: true,
            per_hour: 20,
            most: 1000,
            unused_days: 30,
            trusted: false,
            silent_token: false,
        }
    }
}
