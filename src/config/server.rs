//! `[server]`: addresses, issuer, TLS, proxies and request limits.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The public listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// The issuer identifier (RFC 8414 section 2): the URL the world sees, without a trailing slash.
    pub issuer: String,
    /// The name pages show.
    pub brand: String,
    /// PEM file with the certificate chain; with `tls_key` it turns native TLS on.
    pub tls_certificate: Option<PathBuf>,
    /// PEM file with the private key.
    pub tls_key: Option<PathBuf>,
    /// Networks whose `Forwarded` and `X-Forwarded-For` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Worker threads; 0 means one a core.
    pub workers: usize,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Seconds a client may take to send its request head.
    pub client_timeout: u64,
    /// Seconds a request may take in all.
    pub request_timeout: u64,
    /// Seconds requests in flight get to finish after SIGTERM.
    pub shutdown_timeout: u64,
}

impl Default for Server {
    fn default() -> Self {
        Server {
            listen: "127.0.0.1:8080".into(),
            issuer: "http://127.0.0.1:8080".into(),
            brand: "grantor".into(),
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            workers: 0,
            max_body_bytes: 64 * 1024,
            client_timeout: 5,
            request_timeout: 30,
            shutdown_timeout: 10,
        }
    }
}
