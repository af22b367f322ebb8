//! `[sign_in]`: registration, sessions and throttling.

use serde::{Deserialize, Serialize};

/// How people sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// Whether `/register` lets anybody make an account.
    pub registration: bool,
    /// Seconds after which an unused session ends.
    pub session_idle: i64,
    /// Seconds after which every session ends.
    pub session_lifetime: i64,
    /// OpenID Connect Session Management: a page that applications frame, and a cookie that scripts may read.
    pub session_management: bool,
    /// Seconds a proof of identity counts as fresh on the dangerous pages.
    pub step_up: i64,
    /// Failed attempts for one account from one address within `throttle_period`.
    pub account_attempts: u32,
    /// Failed attempts from one address within `throttle_period`.
    pub address_attempts: u32,
    /// Seconds over which attempts are forgotten.
    pub throttle_period: u64,
}

impl Default for SignIn {
    fn default() -> Self {
        SignIn {
            registration: false,
            session_idle: 12 * 3600,
            session_lifetime: 7 * 24 * 3600,
            session_management: false,
            step_up: 600,
            account_attempts: 10,
            address_attempts: 50,
            throttle_period: 600,
        }
    }
}
