//! Samples of the pages about registration tokens.

use super::samples::{input, org};
use super::*;
use crate::http::pages::Hidden;
use crate::http::pages::samples::{Say, frame};

pub fn tokens(say: Say) -> RegistrationTokensPage {
    let item = |name, trouble| RegistrationTokenItem {
        name: say(name),
        last_four: say("k3Zq"),
        left: say("9 of them left · until 29 Nov at 08:02 UTC"),
        text: say("made 22 Nov at 08:02 UTC by ada · registered 1 application"),
        trouble,
        delete_href: "/auth/orgs/meridian/registration-tokens/1/delete".to_owned(),
    };
    RegistrationTokensPage {
        frame: frame(say, true),
        org: org(say, "Registration tokens"),
        tokens: vec![item("Build farm", None), item("Workshop", Some("Used up"))],
        next_href: Some("/auth/orgs/meridian/registration-tokens?below=1".to_owned()),
        new_href: "/auth/orgs/meridian/registration-tokens/new".to_owned(),
        registered: vec![RegisteredItem {
            name: say("Sundial"),
            client_id: say("c1"),
            verified: false,
            when: say("today at 09:14 UTC"),
        }],
    }
}

pub fn token_new(say: Say) -> NewRegistrationTokenPage {
    let choice = |value: &str, label| Choice {
        value: value.to_owned(),
        label: say(label),
        text: String::new(),
        chosen: value == "7",
    };
    NewRegistrationTokenPage {
        frame: frame(say, true),
        org: org(say, "Registration tokens"),
        action: "/auth/orgs/meridian/registration-tokens/new".to_owned(),
        carried: vec![Hidden::new("form", say("x"))],
        error: Some(say("This organization has 50 registration tokens that still work.")),
        name: input(say, "Build farm", None),
        uses: input(say, "0", Some("A token registers 1 to 100000 applications.")),
        ends: vec![choice("1", "In a day"), choice("7", "In 7 days")],
        tokens_href: "/auth/orgs/meridian/registration-tokens".to_owned(),
    }
}

pub fn token_made(say: Say) -> RegistrationTokenMadePage {
    RegistrationTokenMadePage {
        frame: frame(say, true),
        org: org(say, "Registration tokens"),
        name: say("Build farm"),
        token: say("gia_example"),
        endpoint: say("https://id.example.org/oauth/register"),
        nonce: "bm9uY2U".to_owned(),
        tokens_href: "/auth/orgs/meridian/registration-tokens".to_owned(),
    }
}
