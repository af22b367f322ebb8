//! One sample of every page and state of single sign-on.

use askama::Template;

use super::orgs::{Choice, OrgFrame, Tab};
use super::samples::{Say, frame};
use super::*;

/// Every page in every state: name and HTML.
pub fn all(say: Say) -> Vec<(&'static str, String)> {
    let render = |name, html: askama::Result<String>| (name, html.expect("a page renders"));
    vec![
        render("sso_door", door(say).render()),
        render("sso_confirm", confirm(say).render()),
        render("sso_dummy", dummy(say).render()),
        render("identities", identities(say).render()),
        render("identities_none", IdentitiesPage { identities: Vec::new(), ..identities(say) }.render()),
        render("sso_kinds", kinds(say).render()),
        render("sso_set_up", set_up(say).render()),
        render("sso_settings", settings(say).render()),
    ]
}

fn org(say: Say) -> OrgFrame {
    let tab = |label, path, current| Tab { label, href: format!("/auth/orgs/acme{path}"), current };
    OrgFrame {
        name: say("Acme Instruments"),
        href: "/auth/orgs/acme".to_owned(),
        tabs: vec![tab("Overview", "", false), tab("Single sign-on", "/sso", true)],
        csrf_token: say("Zm9yZ2VyeQ"),
        done: Some(say("Saved.")),
    }
}

fn door(say: Say) -> SsoDoorPage {
    SsoDoorPage {
        frame: frame(say, false),
        action: "/auth/login/acme".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("return_to", say("/orgs/acme"))],
        title: say("Sign in"),
        organization: say("Acme Instruments"),
        text: say("Acme Instruments signs its people in with Google."),
        button: say("Continue with Google"),
        other: Some(Link { label: say("Use user name and password"), href: "/auth/login".to_owned() }),
    }
}

fn confirm(say: Say) -> SsoConfirmPage {
    let choice = |op: &str, label, calm| SsoChoice { op: op.to_owned(), label: say(label), calm };
    SsoConfirmPage {
        frame: frame(say, true),
        action: "/auth/sso/confirm".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        flow: say("gus_example"),
        title: say("Link this account?"),
        text: say("From now on whoever signs in at Google as this account gets into your account ada for Acme."),
        facts: vec![Fact::new("Provider", say("Google")), Fact::new("E-mail there", say("ada@acme.example"))],
        choices: vec![choice("link", "Link to ada", false), choice("new", "Make another account", true)],
        links: vec![Link { label: say("Do not link"), href: "/auth/".to_owned() }],
    }
}

fn dummy(say: Say) -> DummyProviderPage {
    DummyProviderPage {
        frame: Frame { dev: true, ..frame(say, false) },
        action: "/auth/sso/dummy".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        state: say("gus_example"),
        email: say("ada@acme.example"),
    }
}

fn identities(say: Say) -> IdentitiesPage {
    let line = |organization, invalid: Option<&str>| IdentityLine {
        unlink_href: "/auth/account/identities/unlink?identity=7".to_owned(),
        organization: say(organization),
        provider: say("Google"),
        account: say("ada@acme.example"),
        linked: say("3 Nov at 08:02 UTC"),
        vouched: say("2 hours ago"),
        only_way_in: invalid.is_none(),
        invalid: invalid.map(say),
        link_href: "/auth/link/acme".to_owned(),
    };
    IdentitiesPage {
        frame: frame(say, true),
        identities: vec![line("Acme Instruments", None), line("Meridian", Some("The provider ended this access."))],
        done: Some(say("The identity is unlinked.")),
    }
}

fn kinds(say: Say) -> SsoKindsPage {
    let kind = |label, about| KindLink { label: say(label), about: say(about), href: "/auth/orgs/acme/sso".to_owned() };
    SsoKindsPage {
        frame: frame(say, true),
        org: org(say),
        replaces: true,
        kinds: vec![
            kind("OpenID Connect", "Any OpenID Provider with discovery."),
            kind("GitHub", "Members of an organization on GitHub."),
        ],
    }
}

fn field(say: Say, key: &str, label: &str, secret: bool) -> SsoField {
    let value = if secret { String::new() } else { say("https://login.example.com") };
    SsoField {
        key: key.to_owned(),
        label: say(label),
        hint: say("From the provider."),
        value,
        secret,
        optional: secret,
    }
}

fn set_up(say: Say) -> SsoSetUpPage {
    SsoSetUpPage {
        frame: frame(say, true),
        org: org(say),
        action: "/auth/orgs/acme/sso/set-up".to_owned(),
        back_href: "/auth/orgs/acme/sso".to_owned(),
        kind: "oidc".to_owned(),
        label: say("OpenID Connect"),
        about: say("Any OpenID Provider with discovery."),
        callback: say("https://id.example.org/auth/sso/callback"),
        origin: say("https://id.example.org"),
        fields: vec![field(say, "issuer", "Issuer", false), field(say, "secret", "Client secret", true)],
        claims: vec![field(say, "claims.email", "Claim for the e-mail", false)],
        require: true,
        joining: joining(say),
        error: Some(say("the provider cannot be reached")),
        status_bad: true,
        nonce: "bm9uY2U".to_owned(),
    }
}

fn joining(say: Say) -> Vec<Choice> {
    let choice = |value: &str, label, chosen| Choice {
        value: value.to_owned(),
        label: say(label),
        text: say("Right where only your own people have accounts there."),
        chosen,
    };
    vec![
        choice("everyone", "Everybody the provider lets in", true),
        choice("invited", "Only people you have invited", false),
    ]
}

fn settings(say: Say) -> SsoSettingsPage {
    SsoSettingsPage {
        frame: frame(say, true),
        org: org(say),
        facts: vec![
            Fact::new("Provider", say("OpenID Connect")),
            Fact::new("Issuer", say("https://login.example.com")),
        ],
        linked: 11,
        unlinked: 3,
        require: true,
        joining: joining(say),
        has_secret: true,
        claims: vec![field(say, "claims.email", "Claim for the e-mail", false)],
        edit_action: "/auth/orgs/acme/sso/edit".to_owned(),
        remind_action: "/auth/orgs/acme/sso/remind".to_owned(),
        disable_href: "/auth/orgs/acme/sso/disable".to_owned(),
        replace_href: "/auth/orgs/acme/sso?kind=another".to_owned(),
        carried: vec![Hidden::new("seen", "tag")],
        error: None,
    }
}
