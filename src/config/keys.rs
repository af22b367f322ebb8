//! `[keys]`: keys that tokens are signed with. All times in seconds.

use serde::{Deserialize, Serialize};

/// Seconds within which every node reads the keys again.
pub const REREAD: i64 = 60;

/// Rotation by schedule, and what relying parties may keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// How long a key signs before the next one takes over; 0 leaves rotation to the operator.
    pub rotation_interval: i64,
    /// How long a key is published before it signs.
    pub publish_ahead: i64,
    /// How long anybody may keep the key set.
    pub jwks_max_age: i64,
    /// Bits of new RSA keys: 2048 or 3072.
    pub rsa_bits: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Keys { rotation_interval: 90 * 24 * 3600, publish_ahead: 24 * 3600, jwks_max_age: 3600, rsa_bits: 2048 }
    }
}

impl Keys {
    /// Whether tokens signed with a new key will verify everywhere.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self) -> Result<(), String> {
        if !matches!(self.rsa_bits, 2048 | 3072) {
            return Err("keys.rsa_bits must be 2048 or 3072".to_owned());
        }
        if self.jwks_max_age < 0 {
            return Err("keys.jwks_max_age must not be negative".to_owned());
        }
        let least = self.jwks_max_age.saturating_add(REREAD);
        if self.publish_ahead < least {
            return Err(format!(
                "keys.publish_ahead must be at least {least} seconds: keys.jwks_max_age, and the {REREAD} in which every \
                 node learns of a new key; else tokens are signed with keys that nobody has seen"
            ));
        }
        if self.rotation_interval != 0 && self.rotation_interval < REREAD {
            return Err(format!("keys.rotation_interval must be 0 (never) or at least {REREAD} seconds"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_right() {
        assert_eq!(Keys::default().check(), Ok(()));
    }

    /// A relying party that read the set just before the key was in it reads it again before it needs the key.
    #[test]
    fn a_key_is_published_longer_than_anybody_keeps_the_set() {
        let with = |publish_ahead, jwks_max_age| Keys { publish_ahead, jwks_max_age, ..Keys::default() }.check();
        assert_eq!(with(3660, 3600), Ok(()));
        let refusal = with(3659, 3600).expect_err("too short");
        assert!(refusal.contains("keys.publish_ahead must be at least 3660 seconds"), "{refusal}");
        assert!(with(0, 0).is_err() && with(60, 0).is_ok() && with(i64::MAX, i64::MAX).is_ok());
        assert!(with(86_400, -1).is_err());
    }

    #[test]
    fn odd_sizes_and_intervals_are_refused() {
        assert!(Keys { rsa_bits: 1024, ..Keys::default() }.check().is_err());
        assert!(Keys { rsa_bits: 3072, ..Keys::default() }.check().is_ok());
        assert!(Keys { rotation_interval: 59, ..Keys::default() }.check().is_err());
        assert!(Keys { rotation_interval: -1, ..Keys::default() }.check().is_err());
        assert!(Keys { rotation_interval: 0, ..Keys::default() }.check().is_ok());
    }
}
