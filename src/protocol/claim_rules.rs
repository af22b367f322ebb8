//! What people may say of themselves in standard claims (OpenID Connect Core section 5.1): checked, and in one spelling.

use super::standard_claims::{Address, StandardClaims};
use super::text::is_safe_to_display;
use super::uri;

/// Characters of a name, a word or a line of an address.
const MAX_TEXT: usize = 200;
/// Bytes of an address of a page: ID tokens with all of them still travel in addresses.
const MAX_URL: usize = 512;

/// One claim is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct ClaimRefusal {
    /// The claim; parts of the address by their own names.
    pub claim: &'static str,
    /// What it should be, for the person at the form.
    pub rule: &'static str,
}

const TEXT: &str = "Please use at most 200 characters, without line breaks or invisible characters.";
const LINES: &str = "Please use at most 200 characters, line breaks included, without invisible ones.";
const URL: &str = "Please enter a whole address that begins with https://, of at most 512 characters.";
const BIRTHDATE: &str =
    "Please write the date as 1815-12-10, a year alone as 1815, or a day without its year as 0000-12-10.";
const ZONEINFO: &str = "Please enter a name of the time zone database, such as Europe/London.";
const LOCALE: &str = "Please enter a language tag, such as en-GB.";
const PHONE: &str = "Please enter the number with its country, such as +44 20 7946 0000.";

/// The claims as they are kept: trimmed, empty ones left out, telephone numbers as E.164.
///
/// # Errors
/// The first claim that is wrong.
pub fn checked(said: StandardClaims) -> Result<StandardClaims, ClaimRefusal> {
    let text = |claim, value| one(claim, value, TEXT, is_text);
    let url = |claim, value| one(claim, value, URL, is_url);
    Ok(StandardClaims {
        given_name: text("given_name", said.given_name)?,
        family_name: text("family_name", said.family_name)?,
        middle_name: text("middle_name", said.middle_name)?,
        nickname: text("nickname", said.nickname)?,
        profile: url("profile", said.profile)?,
        picture: url("picture", said.picture)?,
        website: url("website", said.website)?,
        gender: text("gender", said.gender)?,
        birthdate: one("birthdate", said.birthdate, BIRTHDATE, is_birthdate)?,
        zoneinfo: one("zoneinfo", said.zoneinfo, ZONEINFO, is_zone)?,
        locale: one("locale", said.locale, LOCALE, is_locale)?,
        phone_number: one("phone_number", said.phone_number.map(|number| e164(&number)), PHONE, is_phone)?,
        address: address(said.address.unwrap_or_default())?,
        updated_at: said.updated_at,
    })
}

fn address(said: Address) -> Result<Option<Address>, ClaimRefusal> {
    let text = |part, value| one(part, value, TEXT, is_text);
    // These may have several lines (section 5.1.1).
    let lines = |part, value: Option<String>| {
        one(part, value.map(|text| text.replace("\r\n", "\n")), LINES, |text| is_text(&text.replace('\n', " ")))
    };
    let address = Address {
        formatted: lines("formatted", said.formatted)?,
        street_address: lines("street_address", said.street_address)?,
        locality: text("locality", said.locality)?,
        region: text("region", said.region)?,
        postal_code: text("postal_code", said.postal_code)?,
        country: text("country", said.country)?,
    };
    Ok(Some(address).filter(|address| *address != Address::default()))
}

fn one(
    claim: &'static str,
    value: Option<String>,
    rule: &'static str,
    right: impl Fn(&str) -> bool,
) -> Result<Option<String>, ClaimRefusal> {
    match value.as_deref().map(str::trim).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) if right(value) => Ok(Some(value.to_owned())),
        Some(_) => Err(ClaimRefusal { claim, rule }),
    }
}

fn is_text(value: &str) -> bool {
    value.chars().count() <= MAX_TEXT && is_safe_to_display(value)
}

/// Applications show these as links and load them as pictures: nothing but https, and nobody's password in it.
fn is_url(value: &str) -> bool {
    let parts = uri::split(value);
    let plain =
        value.len() <= MAX_URL && value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    plain && parts.scheme.eq_ignore_ascii_case("https") && !parts.host().is_empty() && parts.userinfo().is_none()
}

fn is_birthdate(value: &str) -> bool {
    let number = |digits: &str, length: usize| {
        let digits_only = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits_only.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let parts: Vec<&str> = value.split('-').collect();
    match parts.as_slice() {
        [year] => number(year, 4).is_some_and(|year| year > 0),
        [year, month, day] => match (number(year, 4), number(month, 2), number(day, 2)) {
            (Some(year), Some(month), Some(day)) => (1..=days(year, month)).contains(&day),
            _ => false,
        },
        _ => false,
    }
}

/// Days of the month; of February in a year nobody told, the most there are.
fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// The shape of a name of the time zone database: which names there are changes several times a year.
fn is_zone(value: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic())
            && word.chars().all(|character| character.is_ascii_alphanumeric() || "_+-".contains(character))
    };
    value.len() <= 64 && value.split('/').count() <= 3 && value.split('/').all(word)
}

/// The shape of a language tag (RFC 5646 section 2.1).
fn is_locale(value: &str) -> bool {
    let mut subtags = value.split('-');
    let language = subtags.next().unwrap_or_default();
    let alphanumeric =
        |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric());
    value.len() <= 35
        && (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(alphanumeric)
}

/// What people write between the digits is left out.
fn e164(number: &str) -> String {
    number.chars().filter(|character| !" -.()/\u{a0}".contains(*character)).collect()
}

fn is_phone(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_kept_is_trimmed_and_spelled_in_one_way() {
        let said = StandardClaims {
            given_name: some("  Ada "),
            nickname: some(" "),
            phone_number: some("+44 (20) 7946-0000"),
            address: Some(Address { locality: some(""), ..Address::default() }),
            updated_at: Some(7),
            ..StandardClaims::default()
        };
        let kept = StandardClaims {
            given_name: some("Ada"),
            phone_number: some("+442079460000"),
            updated_at: Some(7),
            ..StandardClaims::default()
        };
        assert_eq!(checked(said), Ok(kept));
    }

    /// OpenID Connect Core section 5.1.1.
    #[test]
    fn two_parts_of_an_address_have_lines_and_the_others_have_one() {
        let judged = |street: &str, country: &str| {
            let address = Address { street_address: some(street), country: some(country), ..Address::default() };
            let kept = checked(StandardClaims { address: Some(address), ..StandardClaims::default() });
            kept.map(|kept| kept.address.and_then(|address| address.street_address)).map_err(|refusal| refusal.claim)
        };
        assert_eq!(judged("12 St James's Square\r\nFlat 3\n", "GB"), Ok(some("12 St James's Square\nFlat 3")));
        assert_eq!(judged("12 St James's Square\nFlat 3", "G\nB"), Err("country"));
        for wrong in ["a\rb", "a\tb", "a\u{2028}b", &"x\n".repeat(101)] {
            assert_eq!(judged(wrong, "GB"), Err("street_address"), "{wrong:?}");
        }
    }

    /// OpenID Connect Core section 5.1.
    #[test]
    fn each_claim_has_its_rule() {
        let judged = |claim: &str, value: &str| {
            let mut said = StandardClaims::default();
            let value = some(value);
            match claim {
                "website" => said.website = value,
                "birthdate" => said.birthdate = value,
                "zoneinfo" => said.zoneinfo = value,
                "locale" => said.locale = value,
                "phone_number" => said.phone_number = value,
                "country" => said.address = Some(Address { country: value, ..Address::default() }),
                _ => said.gender = value,
            }
            checked(said).map(|_| ()).map_err(|refusal| refusal.claim)
        };
        for (claim, good, bad) in [
            ("gender", vec!["female", "自由"], vec!["a\nb", "a\u{202e}b"]),
            ("country", vec!["GB", "Österreich"], vec!["a\u{0}b"]),
            (
                "website",
                vec!["https://ada.example/", "https://ada.example:8443/a?b=c#d", "HTTPS://ada.example"],
                vec![
                    "http://ada.example/",
                    "javascript:alert(1)",
                    "https://",
                    "https://u:p@ada.example/",
                    "ada.example",
                    "https://ada.example/ x",
                    "https://ada.example/\"><script>",
                    "data:text/html,x",
                ],
            ),
            (
                "birthdate",
                vec!["1815-12-10", "1815", "0000-12-10", "0000-02-29", "2000-02-29"],
                vec![
                    "1815-13-01",
                    "1815-00-10",
                    "1815-02-30",
                    "1900-02-29",
                    "0000",
                    "1815-12",
                    "15-12-10",
                    "10.12.1815",
                ],
            ),
            (
                "zoneinfo",
                vec!["Europe/London", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"],
                vec!["/etc/passwd", "Europe//London", "Europe/../x", "a b", "+5"],
            ),
            (
                "locale",
                vec!["en", "en-GB", "zh-Hant-TW", "de-1996"],
                vec!["e", "en_GB", "en-", "1n", "english-languages-x"],
            ),
            (
                "phone_number",
                vec!["+442079460000", "+1 (425) 555-1212"],
                vec!["0044207946", "+0123456789", "+123", "+1234567890123456", "call me", "+44 20 x"],
            ),
        ] {
            for value in good {
                assert_eq!(judged(claim, value), Ok(()), "{claim} {value}");
            }
            for value in bad {
                assert_eq!(judged(claim, value), Err(claim), "{claim} {value}");
            }
        }
        assert_eq!(judged("gender", &"x".repeat(201)), Err("gender"));
        let page = |length: usize| format!("https://ada.example/{}", "x".repeat(length - 20));
        assert_eq!((judged("website", &page(512)), judged("website", &page(513))), (Ok(()), Err("website")));
    }
}
