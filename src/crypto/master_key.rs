//! The key above all others: seals what grantor must read back, and gives each other use a subkey of its own.
//! It lives outside the database, so a stolen database or backup opens nothing.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::mac::MacKey;
use super::{hkdf, random};

const VERSION: u8 = 1;
const CHECK_PURPOSE: &str = "grantor/key-check/v1";
const CHECK_TEXT: &[u8] = b"this database belongs to this master key";

/// 32 bytes from a file or the environment. Has no `Debug` on purpose.
pub struct MasterKey {
    root: [u8; 32],
    sealing: LessSafeKey,
}

/// The text is not a master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the master key must be 32 random bytes written in base64")]
pub struct NotAMasterKey;

/// The bytes were sealed under another key or for another purpose, or were changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed under another master key, for another purpose, or changed since")]
pub struct WrongKey;

impl MasterKey {
    /// Reads base64 of either alphabet, with or without padding; white space at the ends (a file's last line feed) is
    /// ignored.
    ///
    /// # Errors
    /// [`NotAMasterKey`] unless it is 32 bytes.
    pub fn from_base64(text: &str) -> Result<MasterKey, NotAMasterKey> {
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let text = text.trim().replace('-', "+").replace('_', "/");
        let bytes = GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(text).map_err(|_| NotAMasterKey)?;
        Ok(MasterKey::from_bytes(bytes.try_into().map_err(|_| NotAMasterKey)?))
    }

    /// A key from its 32 bytes.
    pub fn from_bytes(root: [u8; 32]) -> MasterKey {
        let sealing = hkdf::derive(&root, "grantor/seal/v1");
        let sealing = UnboundKey::new(&AES_256_GCM, &sealing).expect("AES-256 takes 32 bytes");
        MasterKey { root, sealing: LessSafeKey::new(sealing) }
    }

    /// A new random key.
    pub fn generate() -> MasterKey {
        MasterKey::from_bytes(random::bytes())
    }

    /// The key as base64, for the file that will hold it.
    pub fn expose_base64(&self) -> String {
        STANDARD.encode(self.root)
    }

    /// Version byte, 12 random bytes, AES-256-GCM of the plain text: 29 bytes longer than it. The purpose names column and
    /// row, so that a sealed value moved to another place does not open there.
    pub fn seal(&self, purpose: &str, plaintext: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random::bytes();
        let mut body = plaintext.to_vec();
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut body)
            .expect("AES-256-GCM seals anything below 64 GiB");
        [&[VERSION], &nonce[..], &body].concat()
    }

    /// What was given to [`MasterKey::seal`] with the same purpose.
    ///
    /// # Errors
    /// [`WrongKey`], without telling what is wrong.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, WrongKey> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(WrongKey)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(WrongKey)?;
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plaintext = self.sealing.open_in_place(nonce, Aad::from(purpose), &mut body).map_err(|_| WrongKey)?;
        Ok(plaintext.to_vec())
    }

    /// The signing key for one use (HKDF-SHA256).
    pub fn subkey(&self, label: &str) -> MacKey {
        MacKey::new(&hkdf::derive(&self.root, &format!("grantor/mac/v1/{label}")))
    }

    /// What a new database keeps, so that a server started with another key notices before it changes anything.
    pub fn check_value(&self) -> Vec<u8> {
        self.seal(CHECK_PURPOSE, CHECK_TEXT)
    }

    /// Whether the database was made with this key.
    ///
    /// # Errors
    /// [`WrongKey`]: refuse to start.
    pub fn verify_check_value(&self, stored: &[u8]) -> Result<(), WrongKey> {
        if self.open(CHECK_PURPOSE, stored)? == CHECK_TEXT { Ok(()) } else { Err(WrongKey) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_purpose_only() {
        let key = MasterKey::generate();
        for plaintext in [&b""[..], b"s", &[7; 5_000]] {
            let sealed = key.seal("provider/1/client_secret", plaintext);
            assert_eq!(sealed.len(), plaintext.len() + 29);
            assert_eq!(key.open("provider/1/client_secret", &sealed).as_deref(), Ok(plaintext));
            assert_eq!(key.open("provider/2/client_secret", &sealed), Err(WrongKey));
            assert_eq!(MasterKey::generate().open("provider/1/client_secret", &sealed), Err(WrongKey));
        }
    }

    #[test]
    fn sealed_bytes_that_were_changed_or_cut_do_not_open() {
        let key = MasterKey::generate();
        let sealed = key.seal("p", b"secret");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open("p", &changed), Err(WrongKey));
            assert_eq!(key.open("p", &sealed[..place]), Err(WrongKey));
        }
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let key = MasterKey::generate();
        assert_ne!(key.seal("p", b"secret"), key.seal("p", b"secret"));
    }

    #[test]
    fn a_key_reads_back_from_its_text_however_base64_was_written() {
        let key = MasterKey::from_bytes([0xfb; 32]);
        let text = key.expose_base64();
        let url_safe = text.replace('+', "-").replace('/', "_");
        for written in [text.as_str(), &url_safe, text.trim_end_matches('='), &format!(" {text}\n")] {
            let read = MasterKey::from_base64(written).expect("a master key");
            assert_eq!(read.expose_base64(), text);
        }
    }

    #[test]
    fn a_text_that_is_no_key_is_refused() {
        let short = STANDARD.encode([1; 31]);
        let long = STANDARD.encode([1; 33]);
        for text in ["", "changeme", "not base64!", &short, &long] {
            assert_eq!(MasterKey::from_base64(text).err(), Some(NotAMasterKey), "{text}");
        }
    }

    #[test]
    fn the_check_value_tells_another_key() {
        let key = MasterKey::generate();
        let stored = key.check_value();
        assert_eq!(key.verify_check_value(&stored), Ok(()));
        assert_eq!(MasterKey::generate().verify_check_value(&stored), Err(WrongKey));
        assert_eq!(key.verify_check_value(b""), Err(WrongKey));
        assert_eq!(key.verify_check_value(&key.seal(CHECK_PURPOSE, b"something else")), Err(WrongKey));
    }

    #[test]
    fn each_use_has_a_subkey_of_its_own_that_stays_the_same() {
        let key = MasterKey::from_bytes([1; 32]);
        let again = MasterKey::from_bytes([1; 32]);
        assert_eq!(key.subkey("csrf").tag(&[b"x"]), again.subkey("csrf").tag(&[b"x"]));
        assert_ne!(key.subkey("csrf").tag(&[b"x"]), key.subkey("cookie").tag(&[b"x"]));
    }
}
