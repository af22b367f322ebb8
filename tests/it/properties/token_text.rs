//! Token texts: one spelling each, and no neighbour is another token.

use grantor::crypto::token::{PlainToken, TokenKind, TokenText, kind_of};
use proptest::prelude::*;

use super::config;

const KINDS: [TokenKind; 3] = [TokenKind::AccessToken, TokenKind::RefreshToken, TokenKind::AuthorizationCode];

proptest! {
    #![proptest_config(config())]

    /// A44: what is made reads back, and any other text of it does not.
    #[test]
    fn a_token_has_one_spelling(
        kind in prop::sample::select(KINDS.to_vec()),
        id in 0i64..=i64::MAX,
        secret in any::<[u8; 32]>(),
        at in any::<prop::sample::Index>(),
        byte in 0x20u8..0x7f,
    ) {
        let token = PlainToken::new(kind, id, &secret);
        let text = token.expose();
        let Ok(parsed) = TokenText::parse(kind, text) else {
            return Err(TestCaseError::fail("its own text"));
        };
        prop_assert_eq!(parsed.id, id);
        prop_assert_eq!(parsed.secret.expose(), &secret);
        prop_assert!(parsed.digest.matches(token.digest().as_bytes()));
        prop_assert!(KINDS.into_iter().all(|other| (other == kind) == TokenText::parse(other, text).is_ok()));

        let mut changed = text.as_bytes().to_vec();
        let at = at.index(changed.len());
        changed[at] = byte;
        let changed = String::from_utf8(changed).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(TokenText::parse(kind, &changed).is_ok(), changed == text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(gat_|grt_|gac_|gss_|)\\PC{0,70}") {
        let _kind = kind_of(&text);
        for kind in KINDS {
            prop_assert!(TokenText::parse(kind, &text).is_err());
        }
    }
}
