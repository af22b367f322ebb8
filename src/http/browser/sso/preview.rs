//! What an upstream said about whoever sets it up, and what it is taken for.

use crate::flows::sso::luggage::Profile;
use crate::http::pages::Fact;

/// Claims shown.
const MOST: usize = 40;
/// Characters of a value shown.
const LONGEST: usize = 200;

/// About the answer, not the person: no mapping is made of them (OpenID Connect Core section 2, RFC 7519 section 4.1).
const OF_THE_ANSWER: [&str; 11] =
    ["iss", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "auth_time"];

/// The subject, the teams, and every claim about the person as it came.
pub fn said(profile: &Profile) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Subject", &profile.subject), Fact::new("Issuer", &profile.issuer)];
    if !profile.teams.is_empty() {
        facts.push(Fact::new("Teams", profile.teams.join(", ")));
    }
    let rechecked = if profile.recheckable { "yes, without the member" } else { "no" };
    facts.push(Fact::new("Can be asked again", rechecked));
    let told = profile.claims.iter().filter(|(name, _)| !OF_THE_ANSWER.contains(&name.as_str()));
    for (name, value) in told.take(MOST) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        facts.push(Fact::new(format!("Claim {name}"), text.chars().take(LONGEST).collect::<String>()));
    }
    facts
}
