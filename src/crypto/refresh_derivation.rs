//! The successor of a refresh token, computed instead of stored, so that a lost answer can be given again. It takes the
//! database (salt and ids), a derivation key and the presented token together; none of them alone gives anything.

use super::hkdf;
use super::mac::MacKey;

const LABEL: &str = "grantor/refresh/v1";

/// A key used for nothing else, named in the row of each token it derived.
pub struct DerivationKey {
    id: i64,
    k: MacKey,
}

impl DerivationKey {
    /// From its row: the id and the 32 random bytes that were sealed there.
    pub fn new(id: i64, random: &[u8; 32]) -> DerivationKey {
        DerivationKey { id, k: MacKey::new(&hkdf::derive(random, LABEL)) }
    }

    /// The `kid` that rows keep.
    pub fn id(&self) -> i64 {
        self.id
    }
}

/// Everything the successor depends on besides the key, which adds its own id.
#[derive(Clone, Copy)]
pub struct DerivationInput<'a> {
    /// Raised by a restore, so that a restored database never repeats a pair.
    pub instance_epoch: i64,
    /// The client's row id.
    pub client: i64,
    /// The grant's row id.
    pub family: i64,
    /// How many refreshes the family had.
    pub generation: i64,
    /// The presented token's row id.
    pub rt1_id: i64,
    /// The presented token's 32 secret bytes, which the database does not have.
    pub rt1_secret: &'a [u8],
    /// 32 random bytes of the successor's row, gone once it is used.
    pub salt: &'a [u8],
    /// The new refresh token's row id.
    pub rt2_id: i64,
    /// The new access token's row id.
    pub at2_id: i64,
}

/// The secret parts of the next pair. Has no `Debug` on purpose.
pub struct Successor {
    /// For `PlainToken::new(RefreshToken, rt2_id, ..)`.
    pub refresh_secret: [u8; 32],
    /// For `PlainToken::new(AccessToken, at2_id, ..)`.
    pub access_secret: [u8; 32],
}

impl Successor {
    /// The same input gives the same pair; any other input gives an unrelated one.
    pub fn derive(key: &DerivationKey, input: &DerivationInput<'_>) -> Successor {
        let seed = key.k.tag(&[
            &input.instance_epoch.to_be_bytes(),
            &key.id.to_be_bytes(),
            &input.client.to_be_bytes(),
            &input.family.to_be_bytes(),
            &input.generation.to_be_bytes(),
            &input.rt1_id.to_be_bytes(),
            input.rt1_secret,
            input.salt,
            &input.rt2_id.to_be_bytes(),
            &input.at2_id.to_be_bytes(),
        ]);
        let seed = MacKey::new(&seed);
        Successor { refresh_secret: seed.tag(&[b"rt"]), access_secret: seed.tag(&[b"at"]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [3; 32];
    const SALT: [u8; 32] = [4; 32];

    fn input() -> DerivationInput<'static> {
        DerivationInput {
            instance_epoch: 1,
            client: 2,
            family: 3,
            generation: 4,
            rt1_id: 5,
            rt1_secret: &SECRET,
            salt: &SALT,
            rt2_id: 6,
            at2_id: 7,
        }
    }

    fn pair(key: &DerivationKey, input: &DerivationInput<'_>) -> [[u8; 32]; 2] {
        let successor = Successor::derive(key, input);
        [successor.refresh_secret, successor.access_secret]
    }

    #[test]
    fn the_same_input_gives_the_same_pair_of_two_different_secrets() {
        let first = pair(&DerivationKey::new(9, &[1; 32]), &input());
        assert_eq!(first, pair(&DerivationKey::new(9, &[1; 32]), &input()));
        assert_ne!(first[0], first[1]);
    }

    /// Without the key, the salt or the presented secret (or with any other row) nothing matches.
    #[test]
    fn any_input_changed_changes_both_secrets() {
        let key = DerivationKey::new(9, &[1; 32]);
        let original = input();
        let others = [
            DerivationInput { instance_epoch: 2, ..original },
            DerivationInput { client: 3, ..original },
            DerivationInput { family: 4, ..original },
            DerivationInput { generation: 5, ..original },
            DerivationInput { rt1_id: 6, ..original },
            DerivationInput { rt1_secret: &[0; 32], ..original },
            DerivationInput { rt1_secret: b"", ..original },
            DerivationInput { salt: &[0; 32], ..original },
            DerivationInput { salt: b"", ..original },
            DerivationInput { rt2_id: 7, ..original },
            DerivationInput { at2_id: 8, ..original },
        ];
        let mut seen = vec![pair(&key, &original)];
        seen.extend(others.iter().map(|other| pair(&key, other)));
        seen.push(pair(&DerivationKey::new(10, &[1; 32]), &original));
        seen.push(pair(&DerivationKey::new(9, &[2; 32]), &original));
        let mut secrets: Vec<[u8; 32]> = seen.into_iter().flatten().collect();
        let all = secrets.len();
        secrets.sort_unstable();
        secrets.dedup();
        assert_eq!(secrets.len(), all);
    }

    #[test]
    fn no_byte_moves_between_the_secret_and_the_salt() {
        let key = DerivationKey::new(9, &[1; 32]);
        let one = DerivationInput { rt1_secret: b"ab", salt: b"c", ..input() };
        let two = DerivationInput { rt1_secret: b"a", salt: b"bc", ..input() };
        assert_ne!(pair(&key, &one), pair(&key, &two));
    }

    #[test]
    fn the_key_is_not_the_random_bytes_themselves() {
        let raw = DerivationKey { id: 9, k: MacKey::new(&[1; 32]) };
        assert_ne!(pair(&raw, &input()), pair(&DerivationKey::new(9, &[1; 32]), &input()));
    }
}
