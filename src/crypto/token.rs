//! The text of every secret grantor makes: kind, row id, 256 secret bits, CRC32. `PlainToken` is what its holder gets
//! once, `TokenDigest` what the row keeps. The CRC finds typing errors and lets leak scanners be sure; it protects nothing.

use std::fmt;

use super::{base62, constant_time, digest, random::Secret32};

const PREFIX_LENGTH: usize = 4;
const SECRET_START: usize = PREFIX_LENGTH + base62::U64_WIDTH;
const CHECKSUM_START: usize = SECRET_START + base62::BYTES32_WIDTH;
/// Characters of a token of any kind.
pub const TEXT_LENGTH: usize = CHECKSUM_START + base62::U32_WIDTH;

/// What a secret is for. The prefix is part of the digest, so a secret of one kind never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// RFC 6749 section 4.1.2.
    AuthorizationCode,
    /// RFC 6749 section 1.4.
    AccessToken,
    /// RFC 6749 section 1.5.
    RefreshToken,
    /// Made by a user for scripts.
    PersonalToken,
    /// Belongs to an organization.
    ApiKey,
    /// RFC 6749 section 2.3.1.
    ClientSecret,
    /// A browser's sign-in here.
    SessionCookie,
    /// One stored consent page.
    ConsentRequest,
    /// The first administrator's one-time link.
    SetUpLink,
    /// `state` of a browser's way to an upstream provider.
    UpstreamState,
    /// An invitation to an organization.
    Invitation,
    /// A link sent by mail.
    MailLink,
    /// Lets somebody register clients (RFC 7591 section 1.2).
    InitialAccessToken,
    /// Lets a client change its own registration (RFC 7592 section 1).
    RegistrationToken,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [TokenKind; 14] = [
        TokenKind::AuthorizationCode,
        TokenKind::AccessToken,
        TokenKind::RefreshToken,
        TokenKind::PersonalToken,
        TokenKind::ApiKey,
        TokenKind::ClientSecret,
        TokenKind::SessionCookie,
        TokenKind::ConsentRequest,
        TokenKind::SetUpLink,
        TokenKind::UpstreamState,
        TokenKind::Invitation,
        TokenKind::MailLink,
        TokenKind::InitialAccessToken,
        TokenKind::RegistrationToken,
    ];

    /// Four characters. Never change one: it would revoke every token of the kind.
    pub const fn prefix(self) -> &'static str {
        match self {
            TokenKind::AuthorizationCode => "gac_",
            TokenKind::AccessToken => "gat_",
            TokenKind::RefreshToken => "grt_",
            TokenKind::PersonalToken => "gpt_",
            TokenKind::ApiKey => "gak_",
            TokenKind::ClientSecret => "gcs_",
            TokenKind::SessionCookie => "gss_",
            TokenKind::ConsentRequest => "gcr_",
            TokenKind::SetUpLink => "gup_",
            TokenKind::UpstreamState => "gus_",
            TokenKind::Invitation => "gin_",
            TokenKind::MailLink => "gml_",
            TokenKind::InitialAccessToken => "gia_",
            TokenKind::RegistrationToken => "grg_",
        }
    }
}

/// The kind whose prefix the text has, whatever follows it.
pub fn kind_of(text: &str) -> Option<TokenKind> {
    TokenKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))
}

/// A secret on its way to its holder. Has no `Debug`, `Display` or `Clone` on purpose.
pub struct PlainToken(String);

impl PlainToken {
    /// The text for a row and the 32 bytes drawn (or derived) for it.
    ///
    /// # Panics
    /// When the id is negative, which `Store::next_id` never gives.
    pub fn new(kind: TokenKind, id: i64, secret: &[u8; 32]) -> PlainToken {
        let id = u64::try_from(id).expect("row ids are not negative");
        let mut text = String::with_capacity(TEXT_LENGTH);
        text.push_str(kind.prefix());
        text.push_str(&base62::encode_u64(id));
        text.push_str(&base62::encode_bytes32(secret));
        let checksum = crc32fast::hash(text.as_bytes());
        text.push_str(&base62::encode_u32(checksum));
        PlainToken(text)
    }

    /// The text, for the one response that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the row keeps.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(&self.0)
    }

    /// The last four characters, for lists that help people tell tokens apart.
    pub fn last_four(&self) -> String {
        last_four(&self.0)
    }
}

/// SHA-256 of "grantor/v1" and the whole text: binds kind and row to the secret.
#[derive(Clone, Copy)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    fn of(text: &str) -> TokenDigest {
        TokenDigest(digest::sha256(&[b"grantor/v1", text.as_bytes()]))
    }

    pub(super) fn from_bytes(bytes: [u8; 32]) -> TokenDigest {
        TokenDigest(bytes)
    }

    /// A digest read back from its column; `None` unless it has 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<TokenDigest> {
        bytes.try_into().ok().map(TokenDigest)
    }

    /// The 32 bytes for the column.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the column holds this digest, in constant time.
    pub fn matches(&self, stored: &[u8]) -> bool {
        constant_time::equal(&self.0, stored)
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenDigest(..)")
    }
}

/// The text is not one that grantor ever wrote for this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed token")]
pub struct Malformed;

/// What a well-formed text says before any row is read. It may still be forged: compare the digest.
pub struct ParsedToken {
    /// The row to look at.
    pub id: i64,
    /// To compare with the row's.
    pub digest: TokenDigest,
    /// For the audit trail.
    pub last_four: String,
    /// The secret part, which the next refresh token is derived from.
    pub secret: Secret32,
}

/// Reads presented text.
pub struct TokenText;

impl TokenText {
    /// Exact length, known prefix, values in range, right checksum; no trimming and no case folding.
    ///
    /// # Errors
    /// [`Malformed`], without telling which check failed.
    pub fn parse(kind: TokenKind, text: &str) -> Result<ParsedToken, Malformed> {
        if text.len() != TEXT_LENGTH || !text.is_ascii() || !text.starts_with(kind.prefix()) {
            return Err(Malformed);
        }
        let (signed, checksum) = text.split_at(CHECKSUM_START);
        if base62::decode_u32(checksum) != Some(crc32fast::hash(signed.as_bytes())) {
            return Err(Malformed);
        }
        let id = base62::decode_u64(&signed[PREFIX_LENGTH..SECRET_START]).ok_or(Malformed)?;
        let id = i64::try_from(id).map_err(|_| Malformed)?;
        let secret = base62::decode_bytes32(&signed[SECRET_START..]).ok_or(Malformed)?;
        let secret = Secret32::from_bytes(secret);
        Ok(ParsedToken { id, digest: TokenDigest::of(text), last_four: last_four(text), secret })
    }
}

fn last_four(text: &str) -> String {
    text[text.len() - 4..].to_owned()
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
