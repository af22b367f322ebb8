//! All a request may reach: one value, made once, shared by reference. Two of them live in one process without
//! knowing of each other.

pub mod hourly;
pub mod keys;
pub mod last_used;
pub mod metrics;
pub mod pairwise;
pub mod refusal_sink;
pub mod repeats;
pub mod signing_keys;
pub mod start;
pub mod throttle;

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::password::PasswordHasher;
use crate::outbound::documents::Documents;
use crate::outbound::mail::Mailer;
use crate::outbound::upstream::Upstream;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::issuer::Issuer;
use crate::protocol::roles::Roles;
use crate::store::Store;

/// The running server's parts.
pub struct App {
    /// What the operator set.
    pub config: Config,
    /// The issuer identifier and the addresses made from it.
    pub issuer: Issuer,
    /// Scopes there are.
    pub catalogue: Catalogue,
    /// Roles in organizations.
    pub roles: Arc<Roles>,
    /// The only source of time.
    pub clock: Clock,
    /// The only door to the database.
    pub store: Store,
    /// Keys in use.
    pub keys: keys::Keys,
    /// Argon2id behind a bound.
    pub passwords: PasswordHasher,
    /// The mail server, if one is configured.
    pub mailer: Option<Mailer>,
    /// Limits on guessing.
    pub throttles: Throttles,
    /// Row ids of client identifiers: a pair that holds as long as the row is there; absence is not kept.
    pub client_ids: Cache<String, i64>,
    /// Times of last use on their way to the database.
    pub last_used: last_used::LastUsed,
    /// Challenges and nonces that should be new each time.
    pub repeats: repeats::Repeats,
    /// Explained refusals on their way to the database.
    pub refusals: refusal_sink::RefusalSink,
    /// The way to upstream providers.
    pub upstream: Upstream,
    /// Their discovery documents and keys.
    pub documents: Documents,
    /// The way to addresses that clients name: strangers, whom the networks of providers are not open to.
    pub client_upstream: Upstream,
    /// Keys of clients; apart from those of providers, so that a client cannot name what was fetched for one.
    pub client_documents: Documents,
    /// Request objects of clients, by their addresses (RFC 9101 section 5.2).
    pub requests: Documents,
    /// Counters and histograms.
    pub metrics: metrics::Metrics,
}

/// Limits on guessing, one kind of secret each.
pub struct Throttles {
    /// Passwords.
    pub passwords: throttle::GuessThrottle,
    /// Client secrets.
    pub clients: throttle::GuessThrottle,
    /// Tokens that never existed, per address.
    pub misses: throttle::Throttle,
    /// Requests for a link by mail.
    pub recoveries: throttle::GuessThrottle,
    /// Mails of one kind to one address, so that nobody's mailbox is filled from here.
    pub mails: throttle::Throttle,
    /// Clients that register themselves, per address.
    pub registrations: throttle::Throttle,
    /// Request objects fetched from one place for one visitor.
    pub request_objects: throttle::Throttle,
    /// Request objects fetched from one place for people who are not signed in.
    pub request_places: throttle::Throttle,
    /// Requests to the API, per credential.
    pub api: throttle::Throttle,
}
