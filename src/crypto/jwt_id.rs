//! `jti` of JWT access tokens (RFC 9068 section 2.2): it names the token's row and proves itself to it, as the text of an
//! opaque token does. Resource servers read it and may log it, so it is digested apart: no `jti` makes an opaque token.

use super::base62;
use super::digest::sha256;
use super::random::Secret32;
use super::token::{Malformed, ParsedToken, TokenDigest};

const LABEL: &[u8] = b"grantor/jti/v1";
const LENGTH: usize = base62::U64_WIDTH + base62::BYTES32_WIDTH;

/// The name of one JWT.
pub struct JwtId(String);

impl JwtId {
    /// For a row and the 32 bytes drawn (or derived) for it.
    ///
    /// # Panics
    /// When the id is negative, which `Store::next_id` never gives.
    pub fn new(id: i64, secret: &[u8; 32]) -> JwtId {
        let id = u64::try_from(id).expect("row ids are not negative");
        JwtId(base62::encode_u64(id) + &base62::encode_bytes32(secret))
    }

    /// What is read back from a token whose signature is right.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(text: &str) -> Result<ParsedToken, Malformed> {
        if text.len() != LENGTH || !text.is_ascii() {
            return Err(Malformed);
        }
        let (id, secret) = text.split_at(base62::U64_WIDTH);
        let id = base62::decode_u64(id).and_then(|id| i64::try_from(id).ok()).ok_or(Malformed)?;
        let secret = Secret32::from_bytes(base62::decode_bytes32(secret).ok_or(Malformed)?);
        let name = JwtId(text.to_owned());
        Ok(ParsedToken { id, digest: name.digest(), last_four: name.last_four(), secret })
    }

    /// The claim.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the row keeps.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::from_bytes(sha256(&[LABEL, self.0.as_bytes()]))
    }

    /// The last four characters.
    pub fn last_four(&self) -> String {
        self.0[self.0.len() - 4..].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::token::{PlainToken, TokenKind};

    const SECRET: [u8; 32] = [7; 32];

    #[test]
    fn a_name_comes_back_with_its_row() {
        let name = JwtId::new(42, &SECRET);
        let read = JwtId::parse(name.as_str()).expect("a name");
        assert!(read.id == 42 && read.digest.matches(name.digest().as_bytes()));
        assert_eq!(read.last_four, name.last_four());
        let other = JwtId::new(43, &SECRET);
        assert!(!other.digest().matches(name.digest().as_bytes()), "the row is part of it");
    }

    /// Who reads a JWT must not be able to make the opaque token of the same row.
    #[test]
    fn a_name_is_no_token_and_a_token_no_name() {
        let (name, plain) = (JwtId::new(42, &SECRET), PlainToken::new(TokenKind::AccessToken, 42, &SECRET));
        assert!(!name.digest().matches(plain.digest().as_bytes()));
        assert!(plain.expose().contains(name.as_str()), "the same bytes, under another digest");
        assert!(JwtId::parse(plain.expose()).is_err());
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let right = JwtId::new(42, &SECRET).as_str().to_owned();
        let beyond = "z".repeat(LENGTH);
        for wrong in
            ["", "x", &right[1..], &format!("{right}0"), &right.replace('0', "-"), &beyond, &"\u{e9}".repeat(27)]
        {
            assert!(JwtId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
