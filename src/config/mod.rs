//! Configuration: typed sections, one file each, unknown keys refused. The file comes first, then
//! `GRANTOR__SECTION__KEY` from the environment, then the command line.

pub mod api;
pub mod clients;
pub mod database;
pub mod dev;
pub mod keys;
pub mod load;
pub mod log;
pub mod mail;
pub mod operations;
pub mod organizations;
pub mod outbound;
pub mod passwords;
pub mod refusals;
pub mod registration;
pub mod scopes;
pub mod secrets;
pub mod server;
pub mod sign_in;
pub mod sso;
pub mod tokens;

use serde::{Deserialize, Serialize};

/// Everything an operator can set. `Config::default()` is what `config/default.toml` documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Addresses, issuer, TLS, proxies and request limits.
    pub server: server::Server,
    /// The listener for health and metrics.
    pub operations: operations::Operations,
    /// Which database, and how much of it at once.
    pub database: database::Database,
    /// Where the master key is.
    pub secrets: secrets::Secrets,
    /// Sessions and throttling.
    pub sign_in: sign_in::SignIn,
    /// Cost of password hashing and words a password may not contain.
    pub passwords: passwords::Passwords,
    /// Who may register applications, and what happens to deleted ones.
    pub clients: clients::Clients,
    /// Whether clients may register themselves.
    pub registration: registration::Registration,
    /// Who may make organizations, and the roles in them.
    pub organizations: organizations::Organizations,
    /// How much one credential may ask of the API.
    pub api: api::Api,
    /// Lifetimes of codes and tokens, and which response types are on.
    pub tokens: tokens::Tokens,
    /// Keys that tokens are signed with.
    pub keys: keys::Keys,
    /// How long an upstream provider's word holds.
    pub sso: sso::Sso,
    /// Whom the server calls on behalf of organizations.
    pub outbound: outbound::Outbound,
    /// The scope catalogue.
    pub scopes: scopes::Scopes,
    /// The mail server.
    pub mail: mail::Mail,
    /// How many explained refusals are kept.
    pub refusals: refusals::Refusals,
    /// What the log looks like.
    pub log: log::Log,
    /// Set by `grantor dev` only, never by a file: pages show the detail of refusals and the playground is on.
    #[serde(skip)]
    pub dev: bool,
    /// Set by `grantor dev --profile certification` only: nothing limits how often somebody asks.
    #[serde(skip)]
    pub unlimited: bool,
    /// Set by `grantor dev` only: the clients the playground plays.
    #[serde(skip)]
    pub dev_clients: Vec<dev::DevClient>,
}
