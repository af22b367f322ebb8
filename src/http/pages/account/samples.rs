//! One sample of every page and state.

use askama::Template;

use super::*;
use crate::http::pages::orgs::Choice;
use crate::http::pages::samples::{Say, frame};
use crate::http::pages::{Hidden, Input, Link};

/// Every page in every state: name and HTML.
pub fn all(say: Say) -> Vec<(&'static str, String)> {
    let render = |name, html: askama::Result<String>| (name, html.expect("a page renders"));
    let none = "/auth/account/developer";
    vec![
        render("account", profile(say).render()),
        render("account_details", details(say).render()),
        render(
            "account_details_managed",
            DetailsPage { managed: Some(say("Your organization says all this.")), ..details(say) }.render(),
        ),
        render("account_data", data(say).render()),
        render("account_connected", connected(say).render()),
        render(
            "account_connected_none",
            ConnectedPage { applications: Vec::new(), searchable: false, ..connected(say) }.render(),
        ),
        render("account_connected_search", ConnectedPage { applications: Vec::new(), ..connected(say) }.render()),
        render("account_tokens", tokens(say).render()),
        render("account_tokens_none", TokensPage { tokens: Vec::new(), ..tokens(say) }.render()),
        render("account_token_new", new_token(say).render()),
        render("account_secret", secret(say).render()),
        render("account_developer", developer(say).render()),
        render(
            "account_developer_none",
            DeveloperPage { applications: Vec::new(), closed: Some(say("Ask an administrator.")), ..developer(say) }
                .render(),
        ),
        render("account_application_form", application_form(say).render()),
        render(
            "account_application_edit",
            ApplicationFormPage {
                new: false,
                kinds: Vec::new(),
                cancel_href: none.to_owned(),
                ..application_form(say)
            }
            .render(),
        ),
        render("account_application", application(say).render()),
        render(
            "account_application_pending",
            ApplicationPage {
                restore_action: Some("/auth/account/developer/c1/restore".to_owned()),
                refusals: Vec::new(),
                ..application(say)
            }
            .render(),
        ),
    ]
}

fn details(say: Say) -> DetailsPage {
    let field = |name: &str, label, hint: &str, fault| Detail {
        id: name.replace('_', "-"),
        name: name.to_owned(),
        label: say(label),
        hint: say(hint),
        input: input(say, "x", fault),
    };
    DetailsPage {
        frame: frame(say, true),
        action: "/auth/account/details".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("seen", say("tag"))],
        managed: None,
        error: Some(say("Somebody changed it meanwhile.")),
        groups: vec![DetailGroup {
            title: say("Names"),
            fields: vec![
                field("given_name", "Given names", "Several of them.", None),
                field("website", "Your website", "Begins with https://.", Some("Please enter a whole address.")),
            ],
        }],
        done: Some(say("Saved.")),
    }
}

fn input(say: Say, value: &str, error: Option<&str>) -> Input {
    Input { value: say(value), error: error.map(say) }
}

fn profile(say: Say) -> ProfilePage {
    ProfilePage {
        frame: frame(say, true),
        action: "/auth/account".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        login: say("ada"),
        managed: None,
        name: input(say, "Ada Lovelace", Some("Please enter a name of at most 100 characters.")),
        email: Some(say("ada@example.org")),
        verified: true,
        administrator: true,
        since: say("3 Nov at 09:14 UTC"),
        sub: say("c3ViamVjdA"),
        done: Some(say("Saved.")),
    }
}

fn data(say: Say) -> DataPage {
    DataPage {
        frame: frame(say, true),
        action: "/auth/account/data".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        delete_href: "/auth/account/delete".to_owned(),
    }
}

fn connected(say: Say) -> ConnectedPage {
    let one = |name: &str, verified, off, organization: Option<&str>, texts: &[&str]| ConnectedItem {
        name: say(name),
        owner: Some(say("grace")),
        verified,
        off,
        organization: organization.map(say),
        texts: texts.iter().map(|text| say(text)).collect(),
        since: say("3 Nov at 09:14 UTC"),
        used: say("last used 2 hours ago"),
        open_url: organization.is_none().then(|| format!("https://sundial.example/start?iss={}", say("x"))),
        revoke_href: "/auth/account/applications/revoke?client_id=c1".to_owned(),
    };
    let texts = ["Read and write access to organization details", "Read access to events"];
    ConnectedPage {
        frame: frame(say, true),
        applications: vec![
            one("Sundial", true, false, None, &texts),
            one("Almanac", false, true, Some("Meridian Instruments"), &[]),
        ],
        searchable: true,
        search: say("dial"),
        search_action: "/auth/account/applications".to_owned(),
        next_href: Some("/auth/account/applications?after=x".to_owned()),
        done: Some(say("The application may do nothing any more.")),
    }
}

fn tokens(say: Say) -> TokensPage {
    let one = |name: &str, organization: Option<&str>, over| TokenItem {
        name: say(name),
        last_four: say("x7Kq"),
        scopes: say("org:read project:write"),
        organization: organization.map(say),
        made: say("3 Nov at 09:14 UTC"),
        ends: say("ends in 12 days"),
        over,
        used: say("last used 5 minutes ago"),
        delete_href: "/auth/account/tokens/delete?token=t1".to_owned(),
    };
    TokensPage {
        frame: frame(say, true),
        tokens: vec![one("backup script", None, false), one("old laptop", Some("meridian"), true)],
        new_href: "/auth/account/tokens/new".to_owned(),
        api: say("https://id.example/auth/api/v1"),
        next_href: Some("/auth/account/tokens?below=1".to_owned()),
        done: Some(say("The token is deleted: it opens nothing any more.")),
    }
}

fn choice(say: Say, value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: say(label), text: say("What it means"), chosen }
}

fn groups(say: Say) -> Vec<ScopeGroup> {
    vec![
        ScopeGroup {
            name: say("org"),
            scopes: vec![choice(say, "org:read", "org:read", true), choice(say, "org:write", "org:write", false)],
        },
        ScopeGroup { name: say("event"), scopes: vec![choice(say, "event:read", "event:read", false)] },
    ]
}

fn new_token(say: Say) -> NewTokenPage {
    NewTokenPage {
        frame: frame(say, true),
        action: "/auth/account/tokens/new".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("form", say("x"))],
        cancel_href: "/auth/account/tokens".to_owned(),
        name: input(say, "backup script", Some("Please give the token a name.")),
        groups: groups(say),
        scopes_fault: Some(say("Please choose at least one scope.")),
        expiries: vec![choice(say, "90", "In 90 days", true), choice(say, "never", "Never", false)],
        organizations: vec![choice(say, "-", "Everything of mine", true), choice(say, "acme", "Acme", false)],
        error: Some(say("You have 100 personal tokens.")),
    }
}

fn secret(say: Say) -> SecretPage {
    SecretPage {
        frame: frame(say, true),
        title: say("Your token backup script"),
        warning: say("Copy it now: it is never shown again."),
        facts: vec![(say("Address of the API"), say("https://id.example/auth/api/v1"))],
        label: say("Token"),
        secret: say("gpt_example"),
        next: Link { label: say("I have copied it"), href: "/auth/account/tokens".to_owned() },
        nonce: "n0nce".to_owned(),
    }
}

fn developer(say: Say) -> DeveloperPage {
    let one = |name: &str, trouble| ApplicationItem {
        name: say(name),
        href: "/auth/account/developer/c1".to_owned(),
        client_id: say("c1"),
        kind: say("Keeps a secret"),
        trouble,
    };
    DeveloperPage {
        frame: frame(say, true),
        applications: vec![one("Sundial", None), one("Almanac", Some("Switched off"))],
        new_href: Some("/auth/account/developer/new".to_owned()),
        closed: None,
        next_href: Some("/auth/account/developer?after=x".to_owned()),
        done: Some(say("The application is off, and about to be deleted.")),
    }
}

fn application_form(say: Say) -> ApplicationFormPage {
    ApplicationFormPage {
        frame: frame(say, true),
        title: say("New application"),
        new: true,
        action: "/auth/account/developer/new".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("form", say("x"))],
        cancel_href: "/auth/account/developer".to_owned(),
        cancel_label: say("Developer applications"),
        error: Some(say("You have 50 applications already.")),
        name: input(say, "Sundial", Some("This name is reserved.")),
        kinds: vec![choice(say, "confidential", "Yes", true), choice(say, "public", "No", false)],
        redirect_uris: input(say, "https://sundial.example/cb", Some("It needs https.")),
        groups: groups(say),
        scopes_fault: Some(say("It is for applications of administrators.")),
        organization_access: true,
        allowed_origins: input(say, "https://sundial.example", None),
        homepage_url: input(say, "https://sundial.example/", None),
        privacy_url: input(say, "", None),
        terms_url: input(say, "", None),
        openid: OpenIdInputs {
            open: true,
            post_logout_redirect_uris: input(say, "https://sundial.example/bye", Some("It needs https.")),
            jwks_uri: input(say, "https://sundial.example/jwks", None),
            subject_fault: Some(say("One host.")),
            ..OpenIdInputs::default()
        },
    }
}

fn application(say: Say) -> ApplicationPage {
    let evidence = [("Rule", "redirect_uri"), ("Received", "https://sundial.example/other")];
    ApplicationPage {
        frame: frame(say, true),
        csrf_token: say("Zm9yZ2VyeQ"),
        list_href: "/auth/account/developer".to_owned(),
        done: Some(say("Saved.")),
        trouble: Some(say("Whoever runs this server switched it off.")),
        name: say("Sundial"),
        verified: false,
        client_id: say("c1"),
        kind: say("Keeps a secret · client_secret_basic"),
        redirect_uris: vec![say("https://sundial.example/cb"), say("http://127.0.0.1/cb")],
        scopes: say("org:read"),
        origins: vec![say("https://sundial.example")],
        organization_access: true,
        edit_href: Some("/auth/account/developer/c1/edit".to_owned()),
        rotate_href: Some("/auth/account/developer/c1/secret".to_owned()),
        users: say("12 users"),
        tokens: say("31 live tokens"),
        used: say("2 hours ago"),
        hints: vec![say("..x7Kq, made 3 Nov at 09:14 UTC")],
        refusals: vec![RefusalItem {
            code: say("invalid_request"),
            when: say("2 hours ago"),
            endpoint: say("authorize"),
            reference: say("R00003f4XK2a"),
            description: say("the redirect_uri is not registered"),
            evidence: evidence.iter().map(|(label, value)| (say(label), say(value))).collect(),
        }],
        restore_action: None,
        deletion: say("It is off, and gone in 1 hour."),
        delete_href: Some("/auth/account/developer/c1/delete".to_owned()),
        delay: say("1 hour"),
    }
}
