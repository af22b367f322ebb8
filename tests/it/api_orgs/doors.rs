//! Who gets in at the routes of organizations: tables, and what is generated from the router.

use grantor::flows::api::Needs;
use grantor::http::routes;
use grantor::store::organizations::OrganizationRow;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ORGS, Script, nobody, problem};
use crate::support::db_shortcuts::web_client;
use crate::support::{ClientSpec, Person, TestApp, on_both};

on_both!(
    the_organization_opens_by_role_and_scope,
    the_team_opens_to_those_in_it,
    a_changing_route_takes_the_right_organization_and_scope,
    keys_are_the_owners,
    every_route_is_closed_to_other_organizations,
    every_route_stands_in_the_document,
    every_route_is_closed_to_what_lacks_its_scope,
    whatever_is_switched_off_opens_nothing,
    a_token_gives_no_role_it_could_not_use,
);

/// Every route of an organization: method, path below the collection, what it asks for.
fn all(app: &TestApp) -> Vec<(Method, String, Needs)> {
    let mut found = Vec::new();
    for endpoint in routes::all(&app.app()) {
        let Some(path) = endpoint.path.strip_prefix(ORGS).filter(|path| path.starts_with("/{org}")) else { continue };
        for (method, needs) in &endpoint.needs {
            let method = Method::from_bytes(method.as_str().as_bytes()).expect("a method");
            found.push((method, path.to_owned(), *needs));
        }
    }
    assert!(found.len() > 35, "{}", found.len());
    found
}

/// An organization with everything in it that routes name.
struct Scene {
    row: OrganizationRow,
    owner: Person,
    member: Person,
    key: String,
    invitation: String,
    client_id: String,
    token: String,
}

impl Scene {
    async fn of(app: &TestApp, slug: &str) -> Scene {
        let owner = app.db_user(&format!("{slug}-owner")).await;
        let row = app.db_owned(slug, &owner).await;
        let member = app.db_member(&row, &format!("{slug}-member"), "member").await;
        app.db_team(&row, &format!("{slug}-team")).await;
        app.db_invite(&row, &format!("waiting@{slug}.example"), "member").await;
        let (_, key) = app.db_key(&row, &["org:read"]).await;
        let all = app.db_token(&owner, &EVERYTHING).await;
        app.organizations_hand_out_tokens().await;
        let token = all.post(&format!("/{slug}/registration-tokens"), &json!({ "name": "farm" })).await.text("id");
        let invitation =
            all.get(&format!("/{slug}/invitations")).await.json()[0]["id"].as_str().expect("a name").to_owned();
        let spec = ClientSpec { name: Some(format!("Board {slug}")), organization_access: true, ..web_client() };
        let board = app.db_client(spec).await;
        app.db_code(&board, &member, &[("scope", "org:read"), ("organization", slug)]).await;
        Scene { row, owner, member, key, invitation, client_id: board.client_id, token }
    }

    /// The path with this organization's own things under `org`.
    fn fill(&self, path: &str, org: &str) -> String {
        let path = path.replace("{org}", org).replace("{member}", &self.member.row.sub).replace("{key}", &self.key);
        let path = path.replace("{team}", &format!("{}-team", self.row.slug)).replace("{application}", &self.client_id);
        path.replace("{invitation}", &self.invitation).replace("{registration_token}", &self.token)
    }
}

const EVERYTHING: [&str; 4] = ["org:admin", "member:admin", "team:admin", "account:write"];

/// A body that would work, or be refused for what it says only.
fn body(method: &Method, path: &str) -> Option<Value> {
    if *method == Method::GET || *method == Method::DELETE {
        return None;
    }
    Some(match path.rsplit('/').next().unwrap_or_default() {
        "members" => json!({ "login": "somebody", "role": "member" }),
        "invitations" => json!({ "email": "new@example.com", "role": "member" }),
        "teams" => json!({ "name": "Forged" }),
        "api-keys" => json!({ "scopes": [] }),
        "registration-tokens" => json!({ "name": "Forged" }),
        "{org}" | "{team}" => json!({ "name": "Forged" }),
        "{member}" if *method == Method::PATCH => json!({ "role": "admin" }),
        "{application}" => json!({ "status": "refused" }),
        "{key}" => json!({ "label": "Forged" }),
        "provider" => json!({ "allow_unlinked": true }),
        _ => json!({}),
    })
}

/// Everything but what a request leaves anyway.
fn kept(app: &TestApp) -> Vec<String> {
    let passing = ["node_leases: ", "refusals: ", "sessions: "];
    let dump = app.dump();
    let lines = dump.lines().filter(|line| !passing.iter().any(|begin| line.starts_with(begin)));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

async fn status(script: &Script, method: Method, path: &str) -> u16 {
    let body = if method == Method::PATCH { Some(json!({ "open_membership": true })) } else { None };
    script.send(&method, path, &[], body.as_ref()).await.status
}

/// S64, S66 (the matrix of keys, on what organizations have here), and the closure.
async fn the_organization_opens_by_role_and_scope(app: &TestApp) {
    let (acme, blue) = (Scene::of(app, "acme").await, Scene::of(app, "blue").await);
    let outsider = app.db_user("outsider").await;
    let root = app.db_administrator("root").await;
    let org = ["org:admin"];
    let scripts = [
        ("outsider", app.db_token(&outsider, &org).await, [404, 404]),
        ("administrator", app.db_token(&root, &["org:write", "admin:write"]).await, [200, 200]),
        ("administrator without admin scopes", app.db_token(&root, &org).await, [404, 404]),
        ("administrator who may read", app.db_token(&root, &["org:write", "admin:read"]).await, [200, 404]),
        ("member", app.db_token(&acme.member, &org).await, [200, 403]),
        ("owner", app.db_token(&acme.owner, &org).await, [200, 200]),
        ("owner with a reading token", app.db_token(&acme.owner, &["org:read"]).await, [200, 403]),
        ("key", app.db_key(&acme.row, &["org:read"]).await.0, [200, 403]),
        ("writing key", app.db_key(&acme.row, &["org:write"]).await.0, [200, 200]),
        ("key of another organization", app.db_key(&blue.row, &["org:admin"]).await.0, [404, 404]),
        ("key without scopes", app.db_key(&acme.row, &[]).await.0, [403, 403]),
        ("key for teams", app.db_key(&acme.row, &["team:read"]).await.0, [403, 403]),
        ("nobody", nobody(app), [401, 401]),
    ];
    for (who, script, expected) in scripts {
        for (method, expected) in [Method::GET, Method::PATCH].into_iter().zip(expected) {
            assert_eq!(status(&script, method.clone(), "/acme").await, expected, "{who} {method}");
        }
    }
    assert_eq!(blue.row.slug, "blue");
}

/// S65, S85: closed teams open to those in them and to those who manage them; open ones to every member.
async fn the_team_opens_to_those_in_it(app: &TestApp) {
    let acme = Scene::of(app, "acme").await;
    let outsider = app.db_user("outsider").await;
    let root = app.db_administrator("root").await;
    let inside = app.db_member(&acme.row, "inga", "member").await;
    let owner = app.db_token(&acme.owner, &EVERYTHING).await;
    let put = owner.put(&format!("/acme/teams/acme-team/members/{}", inside.row.sub), None).await;
    assert_eq!(put.status, 204, "{}", put.body);
    assert_eq!(owner.patch("/acme", &json!({ "open_membership": false })).await.status, 200);
    let other = app.db_owned("blue", &outsider).await;
    let team = ["team:admin"];
    let scripts = [
        ("outsider", app.db_token(&outsider, &team).await, 404),
        ("administrator", app.db_token(&root, &["team:read", "admin:read"]).await, 200),
        ("member in no team", app.db_token(&acme.member, &team).await, 403),
        ("member in it", app.db_token(&inside, &team).await, 200),
        ("owner in no team", app.db_token(&acme.owner, &team).await, 200),
        ("key", app.db_key(&acme.row, &["team:read"]).await.0, 200),
        ("key of another organization", app.db_key(&other, &["team:read"]).await.0, 404),
        ("key without scopes", app.db_key(&acme.row, &[]).await.0, 403),
        ("key for the organization", app.db_key(&acme.row, &["org:read"]).await.0, 403),
    ];
    for (who, script, expected) in &scripts {
        for path in ["/acme/teams/acme-team", "/acme/teams/acme-team/members"] {
            assert_eq!(script.get(path).await.status, *expected, "{who} {path}");
        }
    }
    assert_eq!(owner.patch("/acme", &json!({ "open_membership": true })).await.status, 200);
    let (_, member, _) = &scripts[2];
    assert_eq!(member.get("/acme/teams/acme-team").await.status, 200, "open teams open to members");
}

/// S67 on grantor's own routes: making a team.
async fn a_changing_route_takes_the_right_organization_and_scope(app: &TestApp) {
    let (acme, blue) = (Scene::of(app, "acme").await, Scene::of(app, "blue").await);
    let new = json!({ "name": "Night shift" });
    let (elsewhere, reads) =
        (app.db_key(&blue.row, &["team:write"]).await.0, app.db_key(&acme.row, &["team:read"]).await.0);
    assert_eq!(problem(&elsewhere.post("/acme/teams", &new).await), "404 not-found");
    assert_eq!(problem(&reads.post("/acme/teams", &new).await), "403 insufficient-scope");
    let (writes, _) = app.db_key(&acme.row, &["team:write"]).await;
    let made = writes.post("/acme/teams", &new).await;
    assert_eq!((made.status, made.header("location")), (201, Some("/api/v1/organizations/acme/teams/night-shift")));
    let events = app.db_audit().await;
    let event = events.last().expect("an event");
    assert_eq!(event.event, "org.team.create");
    assert!(event.actor_key.is_some() && event.actor_label.starts_with("Script (.."), "{}", event.actor_label);
}

/// S68: by role, for reading and for making.
async fn keys_are_the_owners(app: &TestApp) {
    let acme = Scene::of(app, "acme").await;
    for role in ["member", "admin", "manager"] {
        let person = app.db_member(&acme.row, &format!("some-{role}"), role).await;
        let script = app.db_token(&person, &EVERYTHING).await;
        assert_eq!(problem(&script.get("/acme/api-keys").await), "403 role", "{role}");
        assert_eq!(problem(&script.post("/acme/api-keys", &json!({ "scopes": [] })).await), "403 role", "{role}");
    }
    let owner = app.db_token(&acme.owner, &EVERYTHING).await;
    assert_eq!(owner.get("/acme/api-keys").await.status, 200);
    assert_eq!(problem(&owner.get("/acme/api-keys/unknown").await), "404 not-found");
    assert_eq!(problem(&owner.get("/acme/api-keys/%00").await), "404 not-found");
    assert_eq!(owner.post("/acme/api-keys", &json!({ "scopes": [] })).await.status, 201);
}

/// C24, C25, C70: an owner of one organization with every scope, at every route of another one and at every row of another
/// one under their own; the answer is the one for what does not exist, to the byte, and nothing happens.
async fn every_route_is_closed_to_other_organizations(app: &TestApp) {
    let (acme, blue) = (Scene::of(app, "acme").await, Scene::of(app, "blue").await);
    let owner = app.db_token(&blue.owner, &EVERYTHING).await;
    let bound = app.db_token_with(&blue.owner, &EVERYTHING[..3], Some("blue"), None).await;
    let (key, _) = app.db_key(&blue.row, &EVERYTHING[..3]).await;
    let before = kept(app);
    for (method, path, needs) in all(app) {
        let body = body(&method, &path);
        let (there, nowhere) = (acme.fill(&path, "acme"), acme.fill(&path, "nowhere"));
        let confirm = if path == "/{org}" { "?confirm=acme" } else { "" };
        for script in [&owner, &bound, &key] {
            let there = script.send(&method, &format!("{there}{confirm}"), &[], body.as_ref()).await;
            let nowhere = script.send(&method, &nowhere, &[], body.as_ref()).await;
            let personal = matches!(needs, Needs::Account(_)) && there.status == 403;
            assert!(there.status == 404 || personal, "{method} {path}: {} {}", there.status, there.body);
            assert_eq!((there.status, &there.body), (nowhere.status, &nowhere.body), "{method} {path}");
        }
        // Rows of acme, named under blue.
        if path.matches('{').count() == 2 && !path.contains("/teams/{team}/members/") {
            let foreign = owner.send(&method, &acme.fill(&path, "blue"), &[], body.as_ref()).await;
            // An application is nobody's: any organization may have a word on it.
            let word = path == "/{org}/applications/{application}" && method == Method::PUT;
            assert!(foreign.status == 404 || word, "{method} {path}: {} {}", foreign.status, foreign.body);
        }
    }
    let member = format!("/blue/teams/blue-team/members/{}", acme.member.row.sub);
    assert_eq!(problem(&owner.put(&member, None).await), "404 not-found");
    let mut after = kept(app);
    after.retain(|line| !line.starts_with("organization_clients: ") && !line.contains("org.application.refuse"));
    assert_eq!(after, before, "nothing happened");
}

/// C66: the document names every route with its scope, and no answer but that of a creation has a secret in it.
async fn every_route_stands_in_the_document(app: &TestApp) {
    let document = app.get("/api/v1/openapi.json").await.json();
    for (method, path, needs) in all(app) {
        let operation = &document["paths"][format!("{ORGS}{path}")][method.as_str().to_lowercase()];
        assert!(operation["summary"].is_string(), "{method} {path}");
        assert_eq!(operation["x-scope"].as_str(), needs.scope(), "{method} {path}");
    }
    let schemas = &document["components"]["schemas"];
    for name in [
        "ApiKey",
        "RegistrationToken",
        "Provider",
        "Organization",
        "Invitation",
        "Member",
        "Team",
        "OrgApplication",
        "Identity",
        "AuditEvent",
    ] {
        let members = schemas[name]["properties"].as_object().unwrap_or_else(|| panic!("no {name}"));
        let secret = ["secret", "key", "token", "digest", "link", "client_secret", "sealed_secret"];
        assert!(secret.iter().all(|secret| !members.contains_key(*secret)), "{name}: {members:?}");
    }
}

/// C23: a key with every other scope is refused for the one it lacks, at every route; nobody is told 401.
async fn every_route_is_closed_to_what_lacks_its_scope(app: &TestApp) {
    let acme = Scene::of(app, "acme").await;
    let owner = app.db_token(&acme.owner, &EVERYTHING).await;
    for (method, path, needs) in all(app) {
        let (filled, body) = (acme.fill(&path, "acme"), body(&method, &path));
        assert_eq!(problem(&nobody(app).send(&method, &filled, &[], body.as_ref()).await), "401 no-credential");
        let Some((scope, _)) = needs.inside() else { continue };
        let set = scope.split(':').next().expect("a set");
        // The level below the one that is asked for, and all of every other set.
        let below = match scope.split(':').nth(1) {
            Some("admin") => Some(format!("{set}:write")),
            Some("write") => Some(format!("{set}:read")),
            _ => None,
        };
        let mut scopes: Vec<&str> = ["org:admin", "member:admin", "team:admin", "project:admin"].into();
        scopes.retain(|scope| !scope.starts_with(set));
        scopes.extend(below.as_deref());
        let (key, id) = app.db_key(&acme.row, &scopes).await;
        let answer = key.send(&method, &filled, &[], body.as_ref()).await;
        assert_eq!(problem(&answer), "403 insufficient-scope", "{method} {path}");
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.contains(&format!("scope=\"{scope}\"")), "{challenge}");
        let deleted = owner.delete(&format!("/acme/api-keys/{id}")).await;
        assert_eq!(deleted.status, 204);
    }
}

/// C65: disabled person, closed organization, inactive and expired key, expired token, removed member, lesser role.
async fn whatever_is_switched_off_opens_nothing(app: &TestApp) {
    let acme = Scene::of(app, "acme").await;
    let second = app.db_member(&acme.row, "second", "owner").await;
    let mine = app.db_token(&second, &EVERYTHING).await;
    let short = app.db_token_with(&second, &EVERYTHING, None, Some(app.now() + 60)).await;
    let (key, _) = app.db_key(&acme.row, &["org:read"]).await;
    assert_eq!(
        (mine.get("/acme").await.status, short.get("/acme").await.status, key.get("/acme").await.status),
        (200, 200, 200)
    );
    app.wait(60);
    assert_eq!(problem(&short.get("/acme").await), "401 invalid-token");
    app.db_disable_user(&second).await;
    assert_eq!(problem(&mine.get("/acme").await), "401 invalid-token");
    app.db_enable_user(&second).await;
    assert_eq!(problem(&mine.get("/acme").await), "401 invalid-token", "it was ended, not put to sleep");
    let mine = app.db_token(&second, &EVERYTHING).await;
    assert_eq!(mine.get("/acme").await.status, 200);
    let owner = app.db_token(&acme.owner, &EVERYTHING).await;
    let path = format!("/acme/members/{}", second.row.sub);
    assert_eq!(owner.patch(&path, &json!({ "role": "member" })).await.status, 200);
    assert_eq!(problem(&mine.get("/acme/api-keys").await), "403 role", "the role counts at the time of use");
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(problem(&mine.get("/acme").await), "404 not-found");
    assert_eq!(problem(&owner.delete("/acme?confirm=other").await), "400 invalid-body");
    assert_eq!(owner.delete("/acme?confirm=acme").await.status, 204);
    assert_eq!(problem(&key.get("/acme").await), "401 invalid-token");
    assert_eq!(problem(&owner.patch("/acme", &json!({ "name": "New" })).await), "409 conflict");
    assert_eq!(owner.get("/acme").await.text("status"), "pending_deletion");
    assert_eq!(owner.send(&Method::POST, "/acme/restore", &[], None).await.text("status"), "active");
    assert_eq!(key.get("/acme").await.status, 200);
}

/// C23: neither a key with `member:write` nor an owner's token with it makes anybody more than itself could be.
async fn a_token_gives_no_role_it_could_not_use(app: &TestApp) {
    let acme = Scene::of(app, "acme").await;
    let (key, _) = app.db_key(&acme.row, &["member:write"]).await;
    let token = app.db_token(&acme.owner, &["member:write"]).await;
    let path = format!("/acme/members/{}", acme.member.row.sub);
    for script in [&key, &token] {
        for role in ["owner", "manager"] {
            let changed = script.patch(&path, &json!({ "role": role })).await;
            assert_eq!(problem(&changed), "403 forbidden", "{role}");
            let invite = json!({ "email": "someone@example.com", "role": role });
            assert_eq!(problem(&script.post("/acme/invitations", &invite).await), "403 forbidden", "{role}");
        }
        let owner = format!("/acme/members/{}", acme.owner.row.sub);
        assert_eq!(problem(&script.patch(&owner, &json!({ "role": "member" })).await), "403 forbidden");
    }
    let (strong, _) = app.db_key(&acme.row, &["org:admin", "member:admin", "team:admin"]).await;
    assert_eq!(
        strong.patch(&path, &json!({ "role": "owner" })).await.status,
        200,
        "what it could do itself it may give"
    );
}
