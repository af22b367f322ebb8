//! Which passwords people may choose: long enough, not a common one, not made of words anybody would try for this
//! account (ASVS 6.2.1, 6.2.4, 6.2.5, 6.2.9, 6.2.11, 6.2.12). No rules about kinds of characters, no forced changes.

use unicode_normalization::UnicodeNormalization;
use zxcvbn::matching::patterns::MatchPattern;

/// Characters a password needs at least.
pub const MINIMUM_CHARACTERS: usize = 8;
/// Characters a password may have at most.
pub const MAXIMUM_CHARACTERS: usize = 256;

/// Below this many guesses a password falls to attempts that the throttle lets through.
const MINIMUM_GUESSES: u64 = 1_000_000;
/// Shorter words stand in too many good passwords by chance; they still count as guessable.
const MINIMUM_CONTEXT_WORD: usize = 4;
const PRODUCT: &str = "grantor";

/// Words that an attacker would try first for this account.
#[derive(Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// What the person signs in with; may be an e-mail address.
    pub login: &'a str,
    /// E-mail address; its local part counts.
    pub email: Option<&'a str>,
    /// Display name; each of its words counts.
    pub name: Option<&'a str>,
    /// Names of this installation and the organizations of the account.
    pub extra: &'a [String],
}

/// Why a password was refused, in words for the person who chose it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    /// Fewer than [`MINIMUM_CHARACTERS`].
    #[error("Please use at least {MINIMUM_CHARACTERS} characters; a few words in a row are easy to remember.")]
    TooShort,
    /// More than [`MAXIMUM_CHARACTERS`].
    #[error("Please use at most {MAXIMUM_CHARACTERS} characters.")]
    TooLong,
    /// On the list of common passwords, or as easy to guess as those.
    #[error("This password is one of the first that others would guess. Please choose a less common one.")]
    Common,
    /// Contains this word.
    #[error("Please choose a password without \u{201c}{0}\u{201d}: others would try that word first.")]
    ContainsContext(String),
}

/// Whether this account may have this password. Takes milliseconds: keep it off the hot paths.
///
/// # Errors
/// [`PasswordRefusal`], the first rule that failed.
pub fn check(password: &str, context: &PasswordContext<'_>) -> Result<(), PasswordRefusal> {
    match password.chars().count() {
        ..MINIMUM_CHARACTERS => return Err(PasswordRefusal::TooShort),
        MINIMUM_CHARACTERS..=MAXIMUM_CHARACTERS => {}
        _ => return Err(PasswordRefusal::TooLong),
    }
    let words = context_words(context);
    if let Some(word) = words.iter().find(|word| contains(password, word)) {
        return Err(PasswordRefusal::ContainsContext((*word).to_owned()));
    }
    if is_common(password, &words) { Err(PasswordRefusal::Common) } else { Ok(()) }
}

fn context_words<'a>(context: &PasswordContext<'a>) -> Vec<&'a str> {
    let mails = [Some(context.login), context.email].into_iter().flatten().map(local_part);
    let names = context.name.into_iter().flat_map(str::split_whitespace);
    let extra = context.extra.iter().map(String::as_str);
    [PRODUCT].into_iter().chain(mails).chain(names).chain(extra).filter(|word| !word.trim().is_empty()).collect()
}

fn local_part(text: &str) -> &str {
    text.split_once('@').map_or(text, |(local, _)| local)
}

fn contains(password: &str, word: &str) -> bool {
    let word = folded(word);
    let password = folded(password);
    word.chars().count() >= MINIMUM_CONTEXT_WORD
        && (password.contains(&word) || without_digits_for_letters(&password).contains(&word))
}

fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().split_whitespace().collect()
}

fn without_digits_for_letters(text: &str) -> String {
    let letter = |character| match character {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

fn is_common(password: &str, words: &[&str]) -> bool {
    // Reversed, capitalized and l33t forms are found by zxcvbn itself. Folding is for full-width and the like only.
    let normal: String = password.nfkc().collect();
    let estimate = zxcvbn::zxcvbn(&normal, words);
    let one_listed_word = matches!(estimate.sequence(), [only] if matches!(only.pattern, MatchPattern::Dictionary(_)));
    one_listed_word || estimate.guesses() < MINIMUM_GUESSES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(password: &str) -> Option<PasswordRefusal> {
        let extra = ["Acme Rockets".to_owned()];
        let context = PasswordContext {
            login: "bstone",
            email: Some("Barbara.Stone@example.com"),
            name: Some("Barbara Stone"),
            extra: &extra,
        };
        check(password, &context).err()
    }

    /// ASVS 6.2.1, 6.2.9: characters count, not bytes.
    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(refusal(""), Some(PasswordRefusal::TooShort));
        assert_eq!(refusal("fq7mxz9"), Some(PasswordRefusal::TooShort));
        assert_eq!(refusal("éàüöñçß"), Some(PasswordRefusal::TooShort));
        assert_eq!(refusal("fq7mxz9k"), None);
        let long: String = "vellum quartz 91 ".chars().cycle().take(256).collect();
        assert_eq!(refusal(&long), None);
        assert_eq!(refusal(&format!("{long}x")), Some(PasswordRefusal::TooLong));
    }

    /// ASVS 6.2.5.
    #[test]
    fn no_kind_of_character_is_required_or_forbidden() {
        for password in ["purple walrus ledger", "48151623429107", "тихая лунная дорога", "🦀🐙🦑🐡🐳🦞🐬🐟🦐"]
        {
            assert_eq!(refusal(password), None, "{password}");
        }
    }

    /// ASVS 6.2.4, 6.2.12.
    #[test]
    fn common_passwords_are_refused() {
        for password in [
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "football",
            "11111111",
            "princess1",
            "abcd1234",
            "letmein1",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijkl",
            "19901990",
            "trustno1",
            "password123",
        ] {
            assert_eq!(refusal(password), Some(PasswordRefusal::Common), "{password}");
        }
    }

    #[test]
    fn a_common_password_stays_common_in_disguise() {
        for password in ["P@ssw0rd", "drowssap", "PASSWORD", "Passw0rd", "ｐａｓｓｗｏｒｄ", "f00tball"] {
            assert_eq!(refusal(password), Some(PasswordRefusal::Common), "{password}");
        }
    }

    /// ASVS 6.1.2, 6.2.11.
    #[test]
    fn words_of_the_account_and_the_product_are_refused() {
        for (password, word) in [
            ("grantor-9-violet", "grantor"),
            ("Gr4nt0r violet 9", "grantor"),
            ("xx BSTONE violet", "bstone"),
            ("violet-barbara.stone", "Barbara.Stone"),
            ("violetBarbara77", "Barbara"),
            ("acme rockets 4 violets", "Acme Rockets"),
            ("ＧＲＡＮＴＯＲ violet", "grantor"),
        ] {
            assert_eq!(refusal(password), Some(PasswordRefusal::ContainsContext(word.to_owned())), "{password}");
        }
    }

    #[test]
    fn a_short_word_of_the_account_is_not_found_by_chance_but_counts_as_guessed() {
        let context = PasswordContext { login: "bob", ..PasswordContext::default() };
        assert_eq!(check("bobsled violet 77", &context), Ok(()));
        assert_eq!(check("bobbobbob", &context), Err(PasswordRefusal::Common));
    }

    #[test]
    fn an_account_without_words_refuses_nothing_more() {
        let blank = [String::new(), " ".to_owned()];
        let context = PasswordContext { login: "", email: Some("@"), name: Some(" "), extra: &blank };
        assert_eq!(check("purple walrus ledger", &context), Ok(()));
    }

    #[test]
    fn a_refusal_speaks_to_the_person() {
        assert_eq!(
            PasswordRefusal::ContainsContext("grantor".to_owned()).to_string(),
            "Please choose a password without “grantor”: others would try that word first."
        );
    }
}
