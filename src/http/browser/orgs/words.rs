//! Roles, counts and standings in words.

use crate::app::App;
use crate::flows::sso::standing::Standing;
use crate::http::pages::orgs::Choice;

/// What a role is about, one sentence.
pub fn role(app: &App, name: &str) -> &'static str {
    let may = |scope| app.roles.allows(name, scope);
    match () {
        () if may("org:admin") => "Everything, single sign-on and deletion included.",
        () if may("org:write") && may("member:write") => "Invites people, manages members, teams and settings.",
        () if may("member:write") => "Invites people and manages members.",
        () if may("team:write") => "Manages teams and who is in them.",
        () => "Belongs to the organization and its teams.",
    }
}

/// Roles up to `mine` to choose from, strongest last; the top one only where it makes sense.
pub fn roles(app: &App, mine: &str, chosen: &str, with_top: bool) -> Vec<Choice> {
    let within_reach = app.roles.names().filter(|name| app.roles.reaches(mine, name));
    within_reach
        .filter(|name| with_top || *name != app.roles.top())
        .map(|name| Choice {
            value: name.to_owned(),
            label: name.to_owned(),
            text: role(app, name).to_owned(),
            chosen: name == chosen,
        })
        .collect()
}

/// "1 member", "12 members".
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What keeps a member out, in two words.
pub fn trouble(standing: Standing, usable: bool) -> Option<&'static str> {
    match standing {
        _ if !usable => Some("Account disabled"),
        Standing::Unlinked => Some("Not linked"),
        Standing::Invalid => Some("Sign-in ended upstream"),
        Standing::Stale => Some("Sign-in too old"),
        Standing::NotAMember | Standing::NotRequired | Standing::Valid | Standing::BreakGlass => None,
    }
}

/// How single sign-on judges a member, one sentence.
pub fn standing(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::NotAMember | Standing::NotRequired => None,
        Standing::Valid => Some("Linked and fresh"),
        Standing::BreakGlass => Some("Excepted for now"),
        Standing::Unlinked => Some("Not linked yet: this member does not get in"),
        Standing::Invalid => Some("The provider no longer knows this account"),
        Standing::Stale => Some("Too old: the member has to sign in at the provider again"),
    }
}
