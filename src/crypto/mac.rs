//! Values that go out and must come back unchanged: HMAC-SHA256 over parts whose lengths are signed too.

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::constant_time;

/// A key for one use. Has no `Debug` on purpose.
pub struct MacKey(Key);

impl MacKey {
    /// A key of 32 bytes.
    pub fn new(key: &[u8; 32]) -> MacKey {
        MacKey(Key::new(HMAC_SHA256, key))
    }

    /// The tag of the parts: 32 bytes. `["ab", "c"]` and `["a", "bc"]` have different tags.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// Whether the tag is the one of the parts, in constant time.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        constant_time::equal(&self.tag(parts), tag)
    }

    /// The tag as 43 characters of base64url.
    pub fn text_tag(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(self.tag(parts))
    }

    /// Whether the text is [`MacKey::text_tag`] of the parts, in constant time.
    pub fn verify_text(&self, parts: &[&[u8]], text: &str) -> bool {
        constant_time::equal(self.text_tag(parts).as_bytes(), text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_holds_for_its_key_and_parts_only() {
        let key = MacKey::new(&[1; 32]);
        let parts: &[&[u8]] = &[b"request", b"cookie"];
        assert!(key.verify(parts, &key.tag(parts)));
        assert!(key.verify_text(parts, &key.text_tag(parts)));
        assert!(!MacKey::new(&[2; 32]).verify(parts, &key.tag(parts)));
        assert!(!key.verify(&[b"request", b"cookiE"], &key.tag(parts)));
        assert!(!key.verify(parts, &key.tag(parts)[..31]));
        assert!(!key.verify_text(parts, ""));
    }

    #[test]
    fn moving_a_byte_between_parts_changes_the_tag() {
        let key = MacKey::new(&[1; 32]);
        let tags = [
            key.tag(&[b"ab", b"c"]),
            key.tag(&[b"a", b"bc"]),
            key.tag(&[b"abc"]),
            key.tag(&[b"abc", b""]),
            key.tag(&[b"", b"abc"]),
            key.tag(&[]),
            key.tag(&[b""]),
        ];
        for (place, tag) in tags.iter().enumerate() {
            assert!(!tags[place + 1..].contains(tag));
        }
    }

    #[test]
    fn a_text_tag_is_url_safe() {
        let text = MacKey::new(&[3; 32]).text_tag(&[b"x"]);
        assert_eq!(text.len(), 43);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }
}
