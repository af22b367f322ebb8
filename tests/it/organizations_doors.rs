//! Who comes in: nobody but members, and nobody else learns that there is anything.

use grantor::http::routes;
use grantor::store::organizations::OrganizationRow;

use crate::support::page::{Form, Page};
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    an_organization_looks_like_none_to_whoever_is_no_member,
    rows_of_another_organization_are_out_of_reach,
    nobody_is_signed_in_and_nothing_is_told,
    texts_of_members_become_no_markup,
);

/// What a form needs to work; one that is not here carries nothing but its token.
const FIELDS: [(&str, &[(&str, &str)]); 24] = [
    ("/members/invite", &[("emails", "x@y.example"), ("role", "member")]),
    ("/members/invite/again", &[("email", "waiting@acme.example")]),
    ("/members/invite/revoke", &[("email", "waiting@acme.example")]),
    ("/members/{sub}/role", &[("role", "admin")]),
    ("/teams", &[("name", "Forged"), ("slug", "forged")]),
    ("/teams/{team}/join", &[]),
    ("/teams/{team}/add", &[("login", "{login}")]),
    ("/teams/{team}/remove", &[("member", "{sub}")]),
    ("/teams/{team}/rename", &[("name", "Forged"), ("slug", "forged")]),
    ("/settings/name", &[("name", "Forged"), ("slug", "forged")]),
    ("/settings/joining", &[("default_role", "admin")]),
    ("/settings/tokens", &[("token_max_age", "2h")]),
    ("/settings/delete", &[("confirmed", "{slug}")]),
    ("/sso/set-up", &[("kind", "github"), ("organization", "x"), ("client_id", "y"), ("secret", "z")]),
    ("/sso/edit", &[("require", "yes"), ("joining", "everyone")]),
    ("/sso/remind", &[]),
    ("/sso/disable", &[]),
    ("/applications/ask", &[("client_id", "x")]),
    ("/applications/decide", &[("client_id", "x"), ("status", "allowed")]),
    ("/applications/policy", &[("policy", "approval")]),
    ("/applications/revoke", &[("client_id", "x")]),
    ("/api-keys/new", &[("label", "Forged"), ("sso_policy", "exempt")]),
    ("/api-keys/{key}", &[("label", "Forged")]),
    ("/registration-tokens/new", &[("name", "Forged"), ("uses", "1"), ("ends", "7")]),
];

/// Every path of an organization that answers `method`, read off the routes: one that is added is in these stories too.
fn paths(app: &TestApp, method: &str) -> Vec<String> {
    let all = routes::all(&app.app());
    let answers = all.iter().filter(|endpoint| endpoint.allow.contains(&method));
    let within = answers.filter_map(|endpoint| endpoint.path.strip_prefix("/orgs/{org}"));
    let paths: Vec<String> = within.map(|path| path.replace("{member}", "{sub}")).collect();
    for known in ["/sso/disable", "/settings/delete", "/break-glass"] {
        assert!(paths.iter().any(|path| path == known), "{known} is not in {paths:?}");
    }
    paths
}

fn pages(app: &TestApp) -> Vec<String> {
    let pages = paths(app, "GET");
    assert!(["", "/sso", "/audit", "/audit/export"].iter().all(|known| pages.iter().any(|page| page == known)));
    pages
}

fn forms(app: &TestApp) -> Vec<(String, &'static [(&'static str, &'static str)])> {
    let forms = paths(app, "POST");
    for (known, _) in FIELDS {
        assert!(forms.iter().any(|path| path == known), "{known} is no form");
    }
    let fields = |path: &str| FIELDS.iter().find(|(known, _)| *known == path).map_or(&[][..], |(_, fields)| *fields);
    forms.into_iter().map(|path| (path.clone(), fields(&path))).collect()
}

/// An organization with an owner, a member in a team, and an invitation that waits.
struct Scene {
    row: OrganizationRow,
    owner: Person,
    member: Person,
}

impl Scene {
    async fn of(app: &TestApp, slug: &str) -> Scene {
        let owner = app.db_user(&format!("{slug}-owner")).await;
        let row = app.db_owned(slug, &owner).await;
        let member = app.db_member(&row, &format!("{slug}-member"), "member").await;
        app.db_team(&row, &format!("{slug}-team")).await;
        app.db_invite(&row, &format!("waiting@{slug}.example"), "member").await;
        Scene { row, owner, member }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{sub}", &self.member.row.sub)
            .replace("{team}", &format!("{}-team", self.row.slug))
            .replace("{login}", &self.member.login)
            .replace("{slug}", &self.row.slug)
            .replace("{key}", "x")
            .replace("{registration_token}", "1")
    }
}

/// What a page is without what differs from request to request.
fn told(page: &Page) -> (u16, String) {
    let mut body = page.body.clone();
    for token in page.attributes("input[name=csrf_token]", "value") {
        body = body.replace(&token, "");
    }
    (page.status, body)
}

async fn post(browser: &Browser, token: &Form, action: String, fields: Vec<(String, String)>) -> Page {
    let mut form = Form { action, fields: token.fields.clone() };
    form.fields.extend(fields);
    browser.post(form).await
}

/// Everything but what a request leaves anyway.
fn kept(app: &TestApp) -> Vec<String> {
    let passing =
        |line: &&str| ["node_leases: ", "refusals: ", "sessions: "].iter().any(|begin| line.starts_with(begin));
    let mut lines: Vec<String> = app.dump().lines().filter(|line| !passing(line)).map(str::to_owned).collect();
    lines.sort();
    lines
}

/// C70, FIX 33: the same answer as for an address without an organization, to the byte, whatever is asked.
async fn an_organization_looks_like_none_to_whoever_is_no_member(app: &TestApp) {
    let acme = Scene::of(app, "acme").await;
    let stranger = app.db_user("stranger").await;
    let removed = app.db_member(&acme.row, "removed", "owner").await;
    let app_ = app.app();
    let gone = grantor::flows::organizations::members::remove::remove(
        &app_,
        grantor::flows::organizations::By::Operator,
        &acme.row,
        &removed.row,
    );
    assert!(gone.await.is_ok());
    for person in [&stranger, &removed] {
        let browser = app.db_signed_in(person).await;
        let token = browser.get("/orgs").await.sign_out_form();
        let before = kept(app);
        for path in pages(app) {
            let path = acme.fill(&path);
            let there = told(&browser.get(&format!("/orgs/acme{path}")).await);
            let nowhere = told(&browser.get(&format!("/orgs/nowhere{path}")).await);
            assert_eq!(there.0, 404, "{path}");
            assert_eq!(there, nowhere, "{path}");
        }
        for (path, fields) in forms(app) {
            let path = acme.fill(&path);
            let fields: Vec<(String, String)> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), acme.fill(value))).collect();
            let there = told(&post(&browser, &token, format!("/orgs/acme{path}"), fields.clone()).await);
            let nowhere = told(&post(&browser, &token, format!("/orgs/nowhere{path}"), fields).await);
            assert_eq!(there.0, 404, "{path}");
            assert_eq!(there, nowhere, "{path}");
        }
        assert_eq!(kept(app), before, "nothing happened");
    }
}

/// C25, C70: an owner of one organization names rows of another one under their own address.
async fn rows_of_another_organization_are_out_of_reach(app: &TestApp) {
    let (acme, blue) = (Scene::of(app, "acme").await, Scene::of(app, "blue").await);
    let browser = app.db_signed_in(&blue.owner).await;
    let token = browser.get("/orgs").await.sign_out_form();
    let before = kept(app);
    for path in pages(app).iter().filter(|path| path.contains('{')) {
        let page = browser.get(&format!("/orgs/blue{}", acme.fill(path))).await;
        assert_eq!(page.status, 404, "{path}");
    }
    for (path, fields) in forms(app) {
        let names =
            path.contains("{sub}") || path.contains("{team}") || path.contains("again") || path.contains("revoke");
        if !names {
            continue;
        }
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), acme.fill(value))).collect();
        let page = post(&browser, &token, format!("/orgs/blue{}", acme.fill(&path)), fields).await;
        let expected: &[u16] = if path.contains("/invite/") { &[409] } else { &[404, 400] };
        assert!(expected.contains(&page.status), "{path}: {}", page.status);
        assert!(!page.body.contains("acme Inc"), "{path}");
    }
    // Own teams take no strangers.
    for (path, field) in
        [("/teams/blue-team/add", ("login", "{login}")), ("/teams/blue-team/remove", ("member", "{sub}"))]
    {
        let fields = vec![(field.0.to_owned(), acme.fill(field.1))];
        let page = post(&browser, &token, format!("/orgs/blue{path}"), fields).await;
        assert!(matches!(page.status, 400 | 404), "{path}: {}", page.status);
    }
    assert_eq!(kept(app), before, "nothing happened");
}

/// FIX 33: whether there is one or not, the way in is the same.
async fn nobody_is_signed_in_and_nothing_is_told(app: &TestApp) {
    let acme = Scene::of(app, "acme").await;
    let browser = app.browser();
    browser.get("/login").await;
    for path in pages(app) {
        let path = acme.fill(&path);
        let there = browser.get(&format!("/orgs/acme{path}")).await;
        let nowhere = browser.get(&format!("/orgs/nowhere{path}")).await;
        assert_eq!((there.status, nowhere.status), (302, 302), "{path}");
        assert_eq!(
            there.location().replace("acme", "nowhere"),
            nowhere.location().replace("acme", "nowhere"),
            "{path}"
        );
        // The glass is broken by whoever the provider does not let in: with a password.
        let door = if path == "/break-glass" { "/login?return_to=" } else { "/login/acme?return_to=" };
        assert!(there.location().starts_with(door), "{path}: {}", there.location());
    }
    let entry = browser.get("/orgs/acme/members").await;
    let page = browser.get(entry.location()).await;
    let after = browser.sign_in_on(&page, &acme.member).await;
    assert_eq!((after.status, after.location()), (303, "/orgs/acme/members"));
    // The organization's address in other clothes is no organization.
    for path in [
        "/orgs/ACME",
        "/orgs/acme/",
        "/orgs/acme%2f",
        "/orgs/%61cme/x",
        "/orgs/acme%00",
        "/orgs/acme/members/%00",
        "/orgs/acme/teams/%00",
    ] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

/// C69.
async fn texts_of_members_become_no_markup(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let browser = app.db_signed_in(&ada).await;
    let evil = "\"><svg onload=alert(1)>";
    let page = browser.get("/orgs/acme/teams").await;
    browser.submit(&page, "team-create", &[("name", evil), ("slug", "evil")]).await;
    let page = browser.get("/orgs/acme/settings").await;
    browser.submit(&page, "settings-name", &[("name", evil)]).await;
    let page = browser.get("/orgs/acme/members/invite").await;
    browser.submit(&page, "invite-send", &[("emails", evil)]).await;
    for path in ["/orgs", "/orgs/acme", "/orgs/acme/teams/evil", "/orgs/acme/members?q=%22%3E%3Csvg+onload", "/"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("<svg onload"), "{path}");
    }
}
