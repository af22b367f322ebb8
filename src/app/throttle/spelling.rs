//! One bucket for every spelling of a name, and for every address that one machine can take.

use std::net::IpAddr;

use unicode_normalization::UnicodeNormalization;

/// Longer names share the bucket of their beginning; nobody makes the server remember more.
const MAXIMUM_CHARACTERS: usize = 256;

/// NFKC, case folding and trimming: `user`, `USER` and ` user` are one key, so that no spelling brings a fresh limit.
pub fn spelling_key(text: &str) -> String {
    let text: String = text.chars().take(MAXIMUM_CHARACTERS).filter(|&character| !is_invisible(character)).collect();
    // Up and down again folds what lower case alone keeps apart, such as "ß" and "SS".
    let folded = text.nfkc().collect::<String>().to_uppercase().to_lowercase();
    folded.nfkc().collect::<String>().trim().to_owned()
}

/// The address, or its /64 for IPv6: one customer has all of it.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || (character.is_control() && !character.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C57.
    #[test]
    fn all_spellings_of_a_name_are_one_key() {
        for spelling in
            ["user", "USER", " user", "user\t", "User\u{a0}", "ｕｓｅｒ", "us\u{200b}er", "\u{feff}user", "us\0er"]
        {
            assert_eq!(spelling_key(spelling), "user", "{spelling:?}");
        }
        for spelling in ["caf\u{e9}", "cafe\u{301}", "CAF\u{c9}"] {
            assert_eq!(spelling_key(spelling), "caf\u{e9}");
        }
        assert_eq!(spelling_key("straße"), spelling_key("STRASSE"));
        assert_eq!(spelling_key("ΟΔΟΣ"), spelling_key("οδος"));
        assert_ne!(spelling_key("user1"), spelling_key("user2"));
    }

    #[test]
    fn a_key_is_its_own_key_and_bounded() {
        for text in ["İstanbul", "ǅ", "ﬁ", "ſ", "K", "user name"] {
            assert_eq!(spelling_key(&spelling_key(text)), spelling_key(text), "{text}");
        }
        assert_eq!(spelling_key(&"x".repeat(100_000)).len(), 256);
    }

    #[test]
    fn an_ipv6_network_and_a_mapped_address_are_one_key() {
        let key = |text: &str| address_key(text.parse().expect("an address"));
        assert_eq!(key("2001:db8:1:2::1"), "2001:db8:1:2::/64");
        assert_eq!(key("2001:db8:1:2:ffff::9"), key("2001:db8:1:2::1"));
        assert_ne!(key("2001:db8:1:3::1"), key("2001:db8:1:2::1"));
        assert_eq!(key("::ffff:192.0.2.7"), "192.0.2.7");
        assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
    }
}
