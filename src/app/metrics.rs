//! Counters and histograms in Prometheus' text format.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::hourly::Hourly;
use crate::clock::Clock;
use crate::protocol::NumericDate;

/// One request answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// The route's pattern, never the path itself.
    pub endpoint: String,
    /// GET, POST ..
    pub method: String,
    /// HTTP status.
    pub status: u16,
}

/// Latency of an endpoint.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct EndpointLabels {
    /// The route's pattern.
    pub endpoint: String,
}

/// Tokens issued.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct IssueLabels {
    /// `authorization_code`, `refresh_token`, `client_credentials`, `implicit`.
    pub grant_type: &'static str,
}

/// Refusals.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RefusalLabels {
    /// `token`, `authorize` ..
    pub endpoint: &'static str,
    /// OAuth error code.
    pub code: &'static str,
}

/// Something that happened.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct EventLabels {
    /// What, such as `sign_in`, `refresh_replayed_in_window`.
    pub event: &'static str,
}

/// All metrics of one server.
pub struct Metrics {
    /// Everything below, ready to be written out.
    pub registry: Registry,
    /// Requests answered.
    pub requests: Family<RequestLabels, Counter>,
    /// Seconds an answer took.
    pub latency: Family<EndpointLabels, Histogram>,
    /// Access tokens issued.
    pub issued: Family<IssueLabels, Counter>,
    /// Requests refused, by code.
    pub refused: Family<RefusalLabels, Counter>,
    /// Things worth counting that are no refusal.
    pub events: Family<EventLabels, Counter>,
    /// Password hashings waiting.
    pub password_queue: Gauge,
    /// Password hashings running.
    pub password_running: Gauge,
    /// Password hashings so far.
    pub password_hashings: Counter<u64, AtomicU64>,
    /// Writes waiting (SQLite).
    pub write_queue: Gauge,
    /// Commits so far (SQLite).
    pub write_batches: Counter<u64, AtomicU64>,
    /// Writes so far (SQLite); divided by the commits it is the batch size.
    pub write_jobs: Counter<u64, AtomicU64>,
    /// The same by the hour, of all nodes, for charts.
    pub hourly: Hourly,
    clock: Clock,
    kept: AtomicI64,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        let mut registry = Registry::with_prefix("grantor");
        let latency = Family::<EndpointLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
        });
        let metrics = Metrics {
            requests: Family::default(),
            latency,
            issued: Family::default(),
            refused: Family::default(),
            events: Family::default(),
            password_queue: Gauge::default(),
            password_running: Gauge::default(),
            password_hashings: Counter::default(),
            write_queue: Gauge::default(),
            write_batches: Counter::default(),
            write_jobs: Counter::default(),
            hourly: Hourly::default(),
            clock,
            kept: AtomicI64::new(0),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to answer a request",
            Unit::Seconds,
            metrics.latency.clone(),
        );
        registry.register("access_tokens_issued", "Access tokens issued", metrics.issued.clone());
        registry.register("refusals", "Requests refused with an OAuth error", metrics.refused.clone());
        registry.register("events", "Things worth counting", metrics.events.clone());
        registry.register("password_queue", "Password hashings waiting", metrics.password_queue.clone());
        registry.register("password_running", "Password hashings running", metrics.password_running.clone());
        registry.register("password_hashings", "Password hashings done", metrics.password_hashings.clone());
        registry.register("write_queue", "Writes waiting for the writer", metrics.write_queue.clone());
        registry.register("write_batches", "Commits of the writer", metrics.write_batches.clone());
        registry.register("write_jobs", "Writes the writer committed", metrics.write_jobs.clone());
        Metrics { registry, ..metrics }
    }
}

impl Metrics {
    /// Counts a refusal.
    pub fn refused(&self, endpoint: &'static str, code: &'static str) {
        self.refused.get_or_create(&RefusalLabels { endpoint, code }).inc();
        self.by_the_hour("refused", (endpoint, code));
    }

    /// Counts an access token.
    pub fn issued(&self, grant_type: &'static str) {
        self.issued.get_or_create(&IssueLabels { grant_type }).inc();
        self.by_the_hour("issued", (grant_type, ""));
    }

    /// Counts an event.
    pub fn event(&self, event: &'static str) {
        self.events.get_or_create(&EventLabels { event }).inc();
    }

    /// Counts a sign-in.
    pub fn signed_in(&self) {
        self.event("sign_in");
        self.by_the_hour("sign_in", ("ok", ""));
    }

    /// Counts a sign-in that failed for this reason.
    pub fn sign_in_failed(&self, reason: &'static str) {
        self.event("sign_in_failed");
        self.by_the_hour("sign_in", ("failed", reason));
    }

    /// Counts an introspection.
    pub fn introspected(&self, active: bool) {
        self.by_the_hour("introspection", (if active { "active" } else { "inactive" }, ""));
    }

    fn by_the_hour(&self, name: &'static str, label: (&'static str, &'static str)) {
        self.hourly.count(self.clock.now(), name, label);
    }

    /// Notes that a round of housekeeping ended well.
    pub fn housekeeping_done(&self) {
        self.kept.store(self.clock.now(), Ordering::Relaxed);
    }

    /// When the last round of housekeeping on this node ended well.
    pub fn housekeeping_at(&self) -> Option<NumericDate> {
        Some(self.kept.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }
}
