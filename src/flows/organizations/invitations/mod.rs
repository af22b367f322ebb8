//! Invitations by mail: random, for one organization, hashed, expiring, used once (C60, C62).

pub mod accept;
pub(in crate::flows) mod by_key;
pub mod list;
pub mod revoke;
pub mod send;

use crate::app::throttle::spelling_key;

/// All spellings of an address are one invitation.
pub(in crate::flows) fn email_key(email: &str) -> String {
    spelling_key(email)
}
