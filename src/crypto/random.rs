//! Randomness: the only use of the operating system's generator. Callers draw here and pass the value on.

use rand::rngs::{StdRng, SysRng};
use rand::{SeedableRng, TryRng};

use super::base62;

/// 256 secret random bits. Has no `Debug` on purpose.
pub struct Secret32([u8; 32]);

impl Secret32 {
    /// Wraps bytes that are a secret already, such as those of a presented token.
    pub fn from_bytes(bytes: [u8; 32]) -> Secret32 {
        Secret32(bytes)
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// `N` random bytes.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can be done without it.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    SysRng.try_fill_bytes(&mut out).expect("the operating system gives random bytes");
    out
}

/// A new 256-bit secret.
pub fn secret() -> Secret32 {
    Secret32(bytes())
}

/// Random base62 text that holds at least `n_bytes` bytes of randomness: 16 bytes give 22 characters, 32 give 43.
/// For `sub`, `client_id` and `sid`, which must tell neither age nor count (ASVS 11.5.1 asks for 16 or more).
pub fn url_safe_text(n_bytes: usize) -> String {
    let characters = (n_bytes * 8 * 10_000).div_ceil(59_541);
    let mut text = String::with_capacity(characters);
    while text.len() < characters {
        // 248 = 4 * 62: larger bytes are thrown away so that no character is likelier than another.
        let fair = bytes::<32>().into_iter().filter(|&byte| byte < 248);
        text.extend(fair.take(characters - text.len()).map(|byte| base62::character(byte % 62)));
    }
    text
}

/// Two words for people, such as "Eager Otter". A default name, never a secret.
pub fn pet_name() -> String {
    let mut generator = StdRng::from_seed(bytes());
    let names = petname::Petnames::medium();
    let mut name = String::new();
    names.namer(2, " ").generate_into(&mut name, &mut generator);
    name.split(' ').map(capitalized).collect::<Vec<_>>().join(" ")
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<16>(), bytes::<16>());
        assert_ne!(secret().expose(), secret().expose());
    }

    #[test]
    fn a_text_has_the_length_its_randomness_needs() {
        for (n_bytes, characters) in [(0, 0), (8, 11), (16, 22), (32, 43)] {
            let text = url_safe_text(n_bytes);
            assert_eq!(text.len(), characters);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn texts_do_not_repeat_and_use_every_character() {
        let texts: HashSet<String> = (0..2_000).map(|_| url_safe_text(16)).collect();
        assert_eq!(texts.len(), 2_000);
        let used: HashSet<char> = texts.iter().flat_map(|text| text.chars()).collect();
        assert_eq!(used.len(), 62);
    }

    #[test]
    fn a_pet_name_is_two_words_with_capitals() {
        let name = pet_name();
        let words: Vec<&str> = name.split(' ').collect();
        assert_eq!(words.len(), 2, "{name}");
        assert!(words.iter().all(|word| word.starts_with(|first: char| first.is_uppercase())), "{name}");
    }
}
