//! flows

pub mod password_policy;
pub mod throttle;
