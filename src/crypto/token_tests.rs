use std::collections::HashSet;

use super::*;
use crate::crypto::random;

const ID: i64 = 7_215_331_204_884_480;

fn parse(text: &str) -> Result<ParsedToken, Malformed> {
    TokenText::parse(TokenKind::AccessToken, text)
}

fn fresh() -> PlainToken {
    PlainToken::new(TokenKind::AccessToken, ID, random::secret().expose())
}

#[test]
fn a_token_reads_back_as_it_was_made() {
    for kind in TokenKind::ALL {
        for id in [0, 1, ID, i64::MAX] {
            let secret: [u8; 32] = random::bytes();
            let token = PlainToken::new(kind, id, &secret);
            assert_eq!(token.expose().len(), 64);
            assert_eq!(kind_of(token.expose()), Some(kind));
            let parsed = TokenText::parse(kind, token.expose()).expect("well formed");
            assert_eq!(parsed.id, id);
            assert_eq!(parsed.secret.expose(), &secret);
            assert!(parsed.digest.matches(token.digest().as_bytes()));
            assert!(token.expose().ends_with(&parsed.last_four));
            assert_eq!(parsed.last_four, token.last_four());
        }
    }
}

/// Written down so that no later change revokes every token out there.
#[test]
fn the_text_and_digest_of_a_known_token_never_change() {
    let token = PlainToken::new(TokenKind::AccessToken, 1, &[1; 32]);
    assert_eq!(token.expose(), "gat_000000000010El6XFXwsUFD8J2vGxsaboW7rZYnQRBP5d9erwRwd290LYaoj");
    let digest: String = token.digest().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "02fc41f34523be6c30a651070a98f625c6ecfe83feb3b113fdf1665fa18a3a37");
}

/// A56, C19.
#[test]
fn a_token_with_any_byte_changed_is_refused() {
    let token = fresh();
    for place in 0..token.expose().len() {
        for other in 0..=127_u8 {
            let mut bytes = token.expose().as_bytes().to_vec();
            if bytes[place] != other {
                bytes[place] = other;
                let text = String::from_utf8(bytes).expect("ASCII");
                assert!(parse(&text).is_err(), "byte {place} as {other}");
            }
        }
    }
}

/// A56, C19.
#[test]
fn a_token_cut_or_padded_is_refused() {
    let token = fresh();
    let text = token.expose();
    for length in 0..text.len() {
        assert!(parse(&text[..length]).is_err());
        assert!(parse(&text[text.len() - length..]).is_err());
    }
    for padding in [" ", "\n", "\0", "=", "0", "a", "%20", "é"] {
        assert!(parse(&format!("{text}{padding}")).is_err());
        assert!(parse(&format!("{padding}{text}")).is_err());
        assert!(parse(&format!("{padding}{}", &text[padding.len()..])).is_err());
    }
    assert!(parse(&format!("{text}{text}")).is_err());
    assert!(parse(&format!("Bearer {text}")).is_err());
}

/// A56, C19.
#[test]
fn a_token_with_its_case_changed_is_refused() {
    let token = fresh();
    let text = token.expose();
    assert!(parse(&text.to_ascii_uppercase()).is_err());
    assert!(parse(&text.to_ascii_lowercase()).is_err());
    for place in (0..text.len()).filter(|&place| text.as_bytes()[place].is_ascii_alphabetic()) {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] ^= 0x20;
        assert!(parse(std::str::from_utf8(&bytes).expect("ASCII")).is_err());
    }
}

#[test]
fn a_token_of_one_kind_never_passes_for_another() {
    let secret = random::secret();
    for kind in TokenKind::ALL {
        for other in TokenKind::ALL.into_iter().filter(|&other| other != kind) {
            let token = PlainToken::new(kind, ID, secret.expose());
            assert!(TokenText::parse(other, token.expose()).is_err());
            let twin = PlainToken::new(other, ID, secret.expose());
            assert!(!twin.digest().matches(token.digest().as_bytes()));
        }
    }
}

#[test]
fn values_out_of_range_are_refused_even_with_the_right_checksum() {
    let zeros = "0".repeat(base62::BYTES32_WIDTH);
    let past_i64 = base62::encode_u64(1 << 63);
    let past_u64 = "z".repeat(base62::U64_WIDTH);
    let past_secret = "z".repeat(base62::BYTES32_WIDTH);
    for (id, secret) in [(&past_i64, &zeros), (&past_u64, &zeros), (&base62::encode_u64(1), &past_secret)] {
        let signed = format!("gat_{id}{secret}");
        let text = format!("{signed}{}", base62::encode_u32(crc32fast::hash(signed.as_bytes())));
        assert_eq!(text.len(), TEXT_LENGTH);
        assert!(parse(&text).is_err(), "{text}");
    }
}

#[test]
fn the_row_is_bound_to_the_secret() {
    let secret = random::secret();
    let here = PlainToken::new(TokenKind::AccessToken, 1, secret.expose());
    let there = PlainToken::new(TokenKind::AccessToken, 2, secret.expose());
    assert!(!there.digest().matches(here.digest().as_bytes()));
}

/// C12: the secret part shows neither order nor time, whatever the ids do.
#[test]
fn ten_thousand_secrets_share_no_prefix() {
    let secrets: Vec<String> = (0..10_000)
        .map(|id| PlainToken::new(TokenKind::SessionCookie, id, random::secret().expose()).0)
        .map(|text| text[SECRET_START..CHECKSUM_START].to_owned())
        .collect();
    let starts: HashSet<&str> = secrets.iter().map(|secret| &secret[..12]).collect();
    let ends: HashSet<&str> = secrets.iter().map(|secret| &secret[31..]).collect();
    assert_eq!((starts.len(), ends.len()), (10_000, 10_000));
    let rises = secrets.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!((4_500..=5_500).contains(&rises), "{rises} of 9999 neighbours rise");
}

#[test]
fn a_digest_prints_nothing_and_reads_back_from_its_column() {
    let digest = fresh().digest();
    assert_eq!(format!("{digest:?}"), "TokenDigest(..)");
    let stored = TokenDigest::from_slice(digest.as_bytes()).expect("32 bytes");
    assert!(digest.matches(stored.as_bytes()));
    assert!(TokenDigest::from_slice(&digest.as_bytes()[1..]).is_none());
    assert!(!digest.matches(b""));
}

#[test]
fn text_without_a_prefix_of_ours_has_no_kind() {
    for text in ["", "gat", "GAT_0", "ghp_0", " gat_0", "my imported secret"] {
        assert_eq!(kind_of(text), None);
    }
    assert_eq!(kind_of("gat_nonsense"), Some(TokenKind::AccessToken));
}
