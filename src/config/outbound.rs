//! `[outbound]`: whom the server calls on behalf of organizations and clients.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Calls to upstream providers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Private networks upstream providers may be on; public addresses are always allowed.
    pub allowed_networks: Vec<IpNet>,
    /// Private networks on which addresses may be that clients name: keys, sectors, request objects, logout tokens.
    pub client_networks: Vec<IpNet>,
    /// PEM file of certificate authorities believed besides those of the machine, such as a company's own.
    pub trusted_ca: Option<PathBuf>,
    /// Seconds one visit to an upstream provider may take, all its calls together.
    pub timeout: u64,
}

impl Default for Outbound {
    fn default() -> Self {
        Outbound { allowed_networks: Vec::new(), client_networks: Vec::new(), trusted_ca: None, timeout: 10 }
    }
}
