//! Names strangers choose and people read: what may be shown, and which names would lie (A64, ASVS 10.7.1).

use super::limits::MAX_CLIENT_NAME_CHARS;

/// Names nobody but the server itself may speak under, compared by how they look.
const RESERVED_NAMES: [&str; 14] = [
    "admin",
    "administrator",
    "administration",
    "account",
    "login",
    "moderator",
    "official",
    "password",
    "root",
    "security",
    "signin",
    "support",
    "system",
    "verification",
];

/// The product's name, reserved as a word of a longer name too.
const PRODUCT_NAME: &str = "grantor";

/// Why a client may not have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameRefusal {
    /// Nothing to read.
    #[error("the name is empty")]
    Empty,
    /// More than [`MAX_CLIENT_NAME_CHARS`] characters.
    #[error("the name is longer than {MAX_CLIENT_NAME_CHARS} characters")]
    TooLong,
    /// Control, invisible or direction-changing characters, or spaces other than single ones between words.
    #[error("the name has control, invisible or direction-changing characters, or misplaced spaces")]
    Unsafe,
    /// Looks like a name of this server.
    #[error("the name is reserved, or looks like a reserved one")]
    Reserved,
    /// One word written with the letters of several alphabets.
    #[error("the name mixes alphabets within a word")]
    MixedScript,
}

/// Whether a text shows exactly what it is: no control, direction-changing or invisible character.
pub fn is_safe_to_display(text: &str) -> bool {
    !text.chars().any(|character| {
        character.is_control()
            || (character.is_whitespace() && character != ' ')
            || matches!(character,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
    })
}

/// Checks the name a client is to be shown under.
///
/// # Errors
/// See [`NameRefusal`].
pub fn validate_client_name(name: &str) -> Result<(), NameRefusal> {
    if name.trim().is_empty() {
        return Err(NameRefusal::Empty);
    }
    if name.chars().count() > MAX_CLIENT_NAME_CHARS {
        return Err(NameRefusal::TooLong);
    }
    if !is_safe_to_display(name) || name.trim() != name || name.contains("  ") {
        return Err(NameRefusal::Unsafe);
    }
    if looks_reserved(name) {
        return Err(NameRefusal::Reserved);
    }
    match name.split(|character: char| !character.is_alphanumeric()).any(mixes_alphabets) {
        true => Err(NameRefusal::MixedScript),
        false => Ok(()),
    }
}

fn looks_reserved(name: &str) -> bool {
    let whole = skeleton(name);
    let words = name.split([' ', '-']).map(skeleton);
    let product = skeleton(PRODUCT_NAME);
    whole == product
        || words.into_iter().any(|word| word == product)
        || RESERVED_NAMES.iter().any(|reserved| skeleton(reserved) == whole)
}

/// Whether the name is, or has as a word, one that looks like one of `reserved`.
pub fn resembles_any(name: &str, reserved: &[String]) -> bool {
    let whole = skeleton(name);
    let words: Vec<_> = name.split([' ', '-']).map(skeleton).collect();
    let reserved = reserved.iter().map(|text| skeleton(text)).filter(|text| !text.is_empty());
    reserved.into_iter().any(|look| look == whole || words.contains(&look))
}

/// A text reduced to how it looks: lower case, without punctuation, look-alikes of Latin letters as one of them.
fn skeleton(text: &str) -> String {
    let folded: String = text.chars().flat_map(char::to_lowercase).filter_map(look).collect();
    folded.replace("rn", "m").replace("vv", "w")
}

/// The Latin letter a character passes for; `None` for punctuation, spaces and combining marks.
fn look(character: char) -> Option<char> {
    let letter = match character {
        // Fullwidth forms and mathematical letters are the Latin ones in another dress.
        '\u{ff10}'..='\u{ff19}' | '\u{ff41}'..='\u{ff5a}' => {
            return char::from_u32(u32::from(character) - 0xfee0).and_then(look);
        }
        '\u{1d400}'..='\u{1d6a3}' => {
            return char::from_u32(u32::from('a') + (u32::from(character) - 0x1d400) % 26).and_then(look);
        }
        '\u{e0}'..='\u{e5}' | '\u{101}' | '\u{103}' | '\u{105}' | '\u{3b1}' | '\u{430}' | '\u{251}' | '@' | '4' => 'a',
        '\u{e7}' | '\u{107}' | '\u{10d}' | '\u{3f2}' | '\u{441}' => 'c',
        '\u{10f}' | '\u{111}' | '\u{501}' => 'd',
        '\u{e8}'..='\u{eb}' | '\u{113}' | '\u{117}' | '\u{119}' | '\u{11b}' | '\u{435}' | '\u{451}' | '3' => 'e',
        '\u{11f}' | '\u{121}' | '\u{261}' | '\u{581}' | '9' => 'g',
        '\u{4bb}' => 'h',
        'i'
        | 'l'
        | '1'
        | '|'
        | '!'
        | '\u{ec}'..='\u{ef}'
        | '\u{12b}'
        | '\u{131}'
        | '\u{142}'
        | '\u{3b9}'
        | '\u{456}'
        | '\u{457}'
        | '\u{4cf}' => 'l',
        '\u{458}' => 'j',
        '\u{43a}' | '\u{3ba}' => 'k',
        '\u{43c}' => 'm',
        '\u{f1}' | '\u{144}' | '\u{148}' | '\u{3b7}' | '\u{578}' | '\u{57c}' | '\u{43f}' => 'n',
        '0'
        | '\u{f0}'
        | '\u{f2}'..='\u{f6}'
        | '\u{f8}'
        | '\u{14d}'
        | '\u{151}'
        | '\u{3bf}'
        | '\u{3c3}'
        | '\u{43e}'
        | '\u{585}' => 'o',
        '\u{3c1}' | '\u{440}' => 'p',
        '\u{155}' | '\u{159}' | '\u{433}' => 'r',
        '5' | '$' | '\u{15b}' | '\u{161}' | '\u{455}' => 's',
        '7' | '\u{163}' | '\u{165}' | '\u{21b}' | '\u{3c4}' | '\u{442}' => 't',
        '\u{f9}'..='\u{fc}' | '\u{16b}' | '\u{3c5}' | '\u{57d}' => 'u',
        '\u{3bd}' | '\u{475}' => 'v',
        '\u{3c7}' | '\u{445}' => 'x',
        '\u{fd}' | '\u{ff}' | '\u{3b3}' | '\u{443}' | '\u{4af}' => 'y',
        other => other,
    };
    letter.is_alphanumeric().then_some(letter)
}

/// Latin, Greek, Cyrillic, Armenian and Cherokee share letter shapes; one word uses one of them.
fn mixes_alphabets(word: &str) -> bool {
    let alphabet = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' => Some(0),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(1),
        '\u{400}'..='\u{52f}' => Some(2),
        '\u{530}'..='\u{58f}' => Some(3),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some(4),
        _ => None,
    };
    let mut alphabets = word.chars().filter_map(alphabet);
    alphabets.next().is_some_and(|first| alphabets.any(|other| other != first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_names_pass() {
        for name in [
            "Acme",
            "Acme CI (staging)",
            "Caf\u{e9} d'\u{c9}t\u{e9}",
            "\u{42f}\u{43d}\u{434}\u{435}\u{43a}\u{441} Maps",
            "\u{65e5}\u{672c}\u{8a9e} App",
            "Security Dashboard",
            "Immigrant Orchestra",
            "Emigrantor",
            "7-zip",
            "\u{1f680} Rocket",
        ] {
            assert_eq!(validate_client_name(name), Ok(()), "{name}");
        }
        assert_eq!(validate_client_name(&"\u{e9}".repeat(64)), Ok(()));
    }

    #[test]
    fn names_that_hide_something_are_refused() {
        assert_eq!(validate_client_name(""), Err(NameRefusal::Empty));
        assert_eq!(validate_client_name("   "), Err(NameRefusal::Empty));
        assert_eq!(validate_client_name(&"a".repeat(65)), Err(NameRefusal::TooLong));
        for name in [
            " Acme",
            "Acme ",
            "Ac  me",
            "Ac\nme",
            "Ac\0me",
            "Ac\u{202e}em",
            "Ac\u{2066}me",
            "Ac\u{200b}me",
            "Ac\u{feff}me",
            "Ac\u{a0}me",
            "Ac\u{e0041}me",
            "Ac\u{e000}me",
            "Ac\u{ad}me",
            "Ac\u{85}me",
        ] {
            assert_eq!(validate_client_name(name), Err(NameRefusal::Unsafe), "{name:?}");
        }
    }

    /// A64, C69: reserved and look-alike names.
    #[test]
    fn nobody_speaks_under_the_servers_names() {
        for name in [
            "Grantor",
            "GRANTOR",
            "G r a n t o r",
            "Gr@nt0r",
            "Grantor Login",
            "The-Grantor",
            "\u{ff27}rantor",
            "Grant\u{f6}r",
            "gr\u{430}ntor",
            "Admin",
            "adm1n",
            "4dmin",
            "Adrnin",
            "\u{430}dmin",
            "Security",
            "secur\u{456}ty",
            "$upport",
            "\u{1d41a}dmin",
            "Sign in",
            "sign-in",
        ] {
            assert_eq!(validate_client_name(name), Err(NameRefusal::Reserved), "{name}");
        }
    }

    #[test]
    fn a_word_keeps_to_one_alphabet() {
        for name in ["P\u{430}yPal", "\u{395}xample", "Acme \u{410}pp"] {
            assert_eq!(validate_client_name(name), Err(NameRefusal::MixedScript), "{name}");
        }
    }
}
