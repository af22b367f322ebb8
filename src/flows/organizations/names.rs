//! Names and addresses of organizations and teams.

use super::OrganizationRefusal;
use crate::app::App;
use crate::protocol::text::{is_safe_to_display, resembles_any, validate_client_name};

const MAXIMUM_NAME: usize = 64;
const SLUG: std::ops::RangeInclusive<usize> = 2..=50;

/// Own pages below `/orgs`, and words that could pass for the server.
const RESERVED: [&str; 12] =
    ["new", "invite", "settings", "sso", "audit", "api", "oauth", "orgs", "account", "callback", "me", "default"];

/// A name an organization may bear: people are asked to trust it, so it may not look like the server's own (A64).
pub(in crate::flows) fn organization_name(app: &App, name: &str) -> Result<String, OrganizationRefusal> {
    let name = name.trim();
    let honest = validate_client_name(name).is_ok() && !resembles_any(name, &app.config.clients.reserved_names);
    if honest { Ok(name.to_owned()) } else { Err(OrganizationRefusal::NameMalformed) }
}

/// An address an organization may have.
pub(in crate::flows) fn organization_slug(slug: &str) -> Result<String, OrganizationRefusal> {
    let slug = well_formed(slug).ok_or(OrganizationRefusal::SlugMalformed)?;
    match RESERVED.contains(&slug.as_str()) || validate_client_name(&slug).is_err() {
        true => Err(OrganizationRefusal::SlugReserved),
        false => Ok(slug),
    }
}

/// A name a team may bear, and its address: typed, or made from the name.
pub(super) fn team(name: &str, slug: &str) -> Result<(String, String), OrganizationRefusal> {
    let name = team_name(name)?;
    let slug = team_slug(&if slug.trim().is_empty() { from_name(&name) } else { slug.to_owned() })?;
    Ok((name, slug))
}

/// A name a team may bear.
pub(super) fn team_name(name: &str) -> Result<String, OrganizationRefusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAXIMUM_NAME || !is_safe_to_display(name) {
        return Err(OrganizationRefusal::TeamNameMalformed);
    }
    Ok(name.to_owned())
}

/// An address a team may have.
pub(super) fn team_slug(slug: &str) -> Result<String, OrganizationRefusal> {
    let slug = well_formed(slug).ok_or(OrganizationRefusal::SlugMalformed)?;
    if RESERVED.contains(&slug.as_str()) { Err(OrganizationRefusal::SlugReserved) } else { Ok(slug) }
}

/// What an address could be, for people who typed a name only; not always one.
pub fn from_name(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        match character.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => slug.push(letter),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(*SLUG.end());
    slug.trim_end_matches('-').to_owned()
}

/// Lower-case ASCII, so that no two addresses look alike.
fn well_formed(slug: &str) -> Option<String> {
    let slug = slug.trim();
    let plain = slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let ends = !slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--");
    (SLUG.contains(&slug.len()) && plain && ends).then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_and_not_the_servers() {
        for slug in ["acme", "a1", "acme-eu", " acme ", &"x".repeat(50)] {
            assert_eq!(organization_slug(slug).ok().as_deref(), Some(slug.trim()), "{slug}");
        }
        for slug in ["", "a", "Acme", "a_b", "-a", "a-", "a--b", "a/b", "a.b", "é1", "..", "a b", &"x".repeat(51)] {
            assert!(matches!(organization_slug(slug), Err(OrganizationRefusal::SlugMalformed)), "{slug:?}");
        }
        for slug in ["new", "admin", "grantor", "grantor-login", "support", "sso"] {
            assert!(matches!(organization_slug(slug), Err(OrganizationRefusal::SlugReserved)), "{slug}");
        }
    }

    #[test]
    fn an_address_is_made_from_a_name() {
        for (name, slug) in [("Acme, Inc.", "acme-inc"), ("  Blue   Team ", "blue-team"), ("Zoë", "zo"), ("李雷", "")]
        {
            assert_eq!(from_name(name), slug);
        }
        assert_eq!(team("Blue Team", "").ok(), Some(("Blue Team".to_owned(), "blue-team".to_owned())));
        assert!(matches!(team("李雷", ""), Err(OrganizationRefusal::SlugMalformed)));
        assert!(matches!(team("a\nb", "ab"), Err(OrganizationRefusal::TeamNameMalformed)));
    }
}
