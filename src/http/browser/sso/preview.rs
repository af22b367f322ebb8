//! What an upstream said about whoever sets it up, and what it is taken for.

use crate::flows::sso::luggage::Profile;
use crate::http::pages::Fact;

/// Claims shown.
const MOST: usize = 40;
/// Characters of a value shown.
const LONGEST: usize = 200;

/// The subject, the teams, and every claim as it came.
pub fn said(profile: &Profile) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Subject", &profile.subject), Fact::new("Issuer", &profile.issuer)];
    if !profile.teams.is_empty() {
        facts.push(Fact::new("Teams", profile.teams.join(", ")));
    }
    let rechecked = if profile.recheckable { "yes, without the member" } else { "no" };
    facts.push(Fact::new("Can be asked again", rechecked));
    for (name, value) in profile.claims.iter().take(MOST) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        facts.push(Fact::new(format!("Claim {name}"), text.chars().take(LONGEST).collect::<String>()));
    }
    facts
}
