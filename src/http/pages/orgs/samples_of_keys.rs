//! Samples of the pages about keys and applications.

use super::samples::{input, org};
use super::*;
use crate::http::pages::parts::SignedIn;
use crate::http::pages::samples::{Say, frame};
use crate::http::pages::{ClientBanner, Hidden};

pub fn keys(say: Say) -> KeysPage {
    let item = |label, trouble| KeyItem {
        label: say(label),
        href: "/auth/orgs/meridian/api-keys/x".to_owned(),
        text: say("..k3Zq · member:read org:read · used today at 09:14 UTC"),
        trouble,
    };
    KeysPage {
        frame: frame(say, true),
        org: org(say, "API keys"),
        keys: vec![item("Nightly report", None), item("Old importer", Some("Switched off"))],
        next_href: Some("/auth/orgs/meridian/api-keys?below=1".to_owned()),
        new_href: "/auth/orgs/meridian/api-keys/new".to_owned(),
    }
}

fn choice(say: Say, value: &str, label: &str, text: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: say(label), text: say(text), chosen }
}

pub fn key(say: Say, there: bool) -> KeyPage {
    let scope = |value, text, chosen| choice(say, value, value, text, chosen);
    KeyPage {
        frame: frame(say, true),
        org: org(say, "API keys"),
        title: say(if there { "Nightly report" } else { "New API key" }),
        facts: if there { say("Ends in ..k3Zq, made 3 Nov at 08:02 UTC by ada, never used.") } else { String::new() },
        action: "/auth/orgs/meridian/api-keys/new".to_owned(),
        carried: vec![Hidden::new("form", say("x"))],
        error: there.then(|| say("There is no scope \"x\" on this server.")),
        key_label: input(say, "Nightly report", None),
        sets: vec![
            ScopeChoices {
                name: say("org"),
                scopes: vec![
                    scope("org:read", "See the organization", true),
                    scope("org:write", "Change its settings", false),
                ],
            },
            ScopeChoices { name: say("member"), scopes: vec![scope("member:read", "See its members", true)] },
        ],
        origins: input(say, "app.example.com x y", Some("\"x\" is no origin.")),
        policies: vec![
            choice(say, "exempt", "Exempt", "It works on its own.", true),
            choice(say, "creator", "Follows its maker", "It works while its maker gets in.", false),
        ],
        ends: input(say, "2027-01-31", None),
        active: there.then_some(true),
        submit: if there { "Save" } else { "Make key" },
        delete_href: there.then(|| "/auth/orgs/meridian/api-keys/x/delete".to_owned()),
        keys_href: "/auth/orgs/meridian/api-keys".to_owned(),
    }
}

pub fn key_made(say: Say) -> KeyMadePage {
    KeyMadePage {
        frame: frame(say, true),
        org: org(say, "API keys"),
        label: say("Nightly report"),
        key: say("gak_example"),
        example: say("https://id.example.org/api/v1/organizations/meridian"),
        nonce: "bm9uY2U".to_owned(),
        keys_href: "/auth/orgs/meridian/api-keys".to_owned(),
    }
}

pub fn applications(say: Say) -> ApplicationsPage {
    let item = |name, text, class, may_allow, members| ApplicationItem {
        name: say(name),
        client_id: say("c1"),
        text: say("12 members · org:read team:write · used today at 09:14 UTC"),
        word: Some(Pill { text, class }),
        may_allow,
        may_refuse: true,
        revoke_href: (members > 0).then(|| "/auth/orgs/meridian/applications/revoke?client_id=x".to_owned()),
    };
    ApplicationsPage {
        frame: frame(say, true),
        org: org(say, "Applications"),
        approval: true,
        searchable: true,
        search: say("dial"),
        search_action: "/auth/orgs/meridian/applications".to_owned(),
        next_href: Some("/auth/orgs/meridian/applications?after=x".to_owned()),
        applications: vec![
            item("Sundial", "Allowed", "good", false, 12),
            item("Hourglass", "Waits for a decision", "warn", true, 0),
        ],
        decide_action: Some("/auth/orgs/meridian/applications/decide".to_owned()),
        policy_action: Some("/auth/orgs/meridian/applications/policy".to_owned()),
        policies: vec![
            choice(say, "open", "Any application", "Members decide for themselves.", false),
            choice(say, "approval", "Allowed applications only", "Members ask, owners decide.", true),
        ],
    }
}

pub fn no_applications(say: Say) -> ApplicationsPage {
    ApplicationsPage {
        approval: false,
        applications: Vec::new(),
        decide_action: None,
        policy_action: None,
        ..applications(say)
    }
}

pub fn ask_owner(say: Say, may_ask: bool) -> AskOwnerPage {
    AskOwnerPage {
        frame: frame(say, true),
        client: ClientBanner { name: say("Sundial") },
        client_id: say("c1"),
        organization: say("Meridian Instruments"),
        account: SignedIn { login: say("mary"), csrf_token: say("Zm9yZ2VyeQ") },
        text: say("Its members use applications that an owner has allowed. You can ask for this one."),
        action: may_ask.then(|| "/auth/orgs/meridian/applications/ask".to_owned()),
        csrf_token: say("Zm9yZ2VyeQ"),
        change_href: "/auth/oauth/authorize?client_id=x".to_owned(),
    }
}
