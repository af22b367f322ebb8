//! One sample of every page and state.

use askama::Template;

use super::*;
use crate::http::pages::Link;
use crate::http::pages::orgs::AuditLine;
use crate::http::pages::samples::{Say, frame};

/// Every page in every state: name and HTML.
pub fn all(say: Say) -> Vec<(&'static str, String)> {
    let render = |name, html: askama::Result<String>| (name, html.expect("a page renders"));
    vec![
        render("admin_dashboard", dashboard(say, true).render()),
        render("admin_dashboard_empty", dashboard(say, false).render()),
        render("admin_list", list(say).render()),
        render("admin_list_none", ListPage { rows: Vec::new(), next_href: None, ..list(say) }.render()),
        render("admin_thing", thing(say).render()),
        render("admin_audit", audit(say).render()),
    ]
}

fn admin(current: &str) -> AdminFrame {
    let tab =
        |label: &'static str, path: &str| Tab { label, href: format!("/auth/admin{path}"), current: label == current };
    let tabs = vec![
        tab("Dashboard", ""),
        tab("Users", "/users"),
        tab("Applications", "/clients"),
        tab("Organizations", "/organizations"),
        tab("Audit log", "/audit"),
        tab("Keys", "/keys"),
        tab("Jobs", "/jobs"),
        tab("Configuration", "/configuration"),
    ];
    AdminFrame { tabs, csrf_token: "Zm9yZ2VyeQ".to_owned(), done: Some("It is done.") }
}

fn dashboard(say: Say, something: bool) -> DashboardPage {
    let bars = (0..24).flat_map(|at| {
        let height = 20 + at * 4;
        [
            Bar { series: 0, x: at * 30, y: 180 - height, width: 24, height },
            Bar { series: 3, x: at * 30, y: 170 - height, width: 24, height: 10 },
        ]
    });
    let key = |series, label, total| Key { series, label: say(label), total };
    let chart = Chart {
        id: "sign-ins",
        title: "Sign-ins",
        sentence: say("1,284 sign-ins, 31 of them failed."),
        width: 720,
        height: 180,
        lines: vec![0, 60, 120, 180],
        bars: if something { bars.collect() } else { Vec::new() },
        begin: "yesterday at 10:00 UTC".to_owned(),
        end: "now".to_owned(),
        highest: 112,
        legend: vec![key(0, "ok", 1253), key(3, "wrong password", 31)],
        table: vec![TableRow { when: "today at 09:00 UTC".to_owned(), values: vec![100, 12] }],
    };
    let total = |number: &str, words: &str| Total { number: number.to_owned(), words: say(words) };
    let window = |label, current| Window { label, href: "/auth/admin?hours=24".to_owned(), current };
    DashboardPage {
        frame: frame(say, true),
        admin: admin("Dashboard"),
        lead: "What happened in the last 24 hours, on all nodes; a minute late at most.".to_owned(),
        totals: vec![total("1,204", "users"), total("3", "administrators"), total("41", "applications")],
        windows: vec![window("24 hours", true), window("7 days", false), window("30 days", false)],
        charts: vec![chart],
    }
}

fn list(say: Say) -> ListPage {
    let row = |login: &str, pills| Row {
        title: say(login),
        text: say("Ada Lovelace · ada@example.com"),
        pills,
        href: Some("/auth/admin/users/x".to_owned()),
        link: None,
    };
    ListPage {
        frame: frame(say, true),
        admin: admin("Users"),
        title: "Users",
        lead: "1,204 in all.".to_owned(),
        action: "/auth/admin/users".to_owned(),
        search_label: "Part of a user name, name or address",
        search: say("ad"),
        statuses: vec![Status { value: "active", label: "Active", chosen: true }],
        filtered: true,
        rows: vec![
            row("ada", vec![Pill::new("Administrator", "good")]),
            row("adam", vec![Pill::new("Disabled", "bad")]),
        ],
        empty: "No user name, name or address contains this.",
        next_href: Some("/auth/admin/users?after=adam".to_owned()),
    }
}

fn thing(say: Say) -> ThingPage {
    let link = RowLink { label: "End", href: "/auth/admin/users/x/end-session?one=s1".to_owned() };
    let row = Row { link: Some(link), ..Row::plain(say("Firefox on Linux"), say("since yesterday · 198.51.100.7")) };
    ThingPage {
        frame: frame(say, true),
        admin: admin("Users"),
        back: Some(Link { label: "Users".to_owned(), href: "/auth/admin/users".to_owned() }),
        title: say("ada"),
        lead: say("Ada Lovelace"),
        pills: vec![Pill::new("Administrator", "good")],
        sections: vec![
            Section::facts(
                "about",
                "Account",
                vec![Fact::new("E-mail", say("ada@example.com")), Fact::code("sub", say("x1"))],
            ),
            Section::rows("sessions", "Sessions", vec![row], "None."),
            Section::rows("applications", "Applications", Vec::new(), "None: no application has access."),
        ],
        actions: vec![Action {
            id: "user-disable".to_owned(),
            title: "Disable the account",
            text: "Nobody can sign in to it, and every session and token ends.".to_owned(),
            label: "Disable",
            href: "/auth/admin/users/x/disable".to_owned(),
            danger: true,
        }],
    }
}

fn audit(say: Say) -> AdminAuditPage {
    let line = AuditLine {
        what: say("A user was disabled"),
        event: say("user.disable"),
        who: say("root"),
        target: say("ada"),
        data: String::new(),
        at: "2026-11-22T09:14:00Z".to_owned(),
        when: "today at 09:14 UTC".to_owned(),
        address: say("198.51.100.7"),
    };
    AdminAuditPage {
        frame: frame(say, true),
        admin: admin("Audit log"),
        action: "/auth/admin/audit".to_owned(),
        event: say("user"),
        event_names: &["user", "user.disable"],
        actor: say("root"),
        since: "2026-11-01".to_owned(),
        until: String::new(),
        filtered: true,
        fault: None,
        lines: vec![line],
        next_href: Some("/auth/admin/audit?cursor=x".to_owned()),
        newest_href: None,
        csv_href: "/auth/admin/audit/export?format=csv".to_owned(),
        json_href: "/auth/admin/audit/export?format=json".to_owned(),
    }
}
