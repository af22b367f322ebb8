//! The table of permissions proves what it says: every route with every kind of credential, generated from the router.
//! Nobody picks the cases by hand, so a new route is in here the day it is made.

use grantor::flows::api::{BASE, Needs};
use grantor::http::api::openapi;
use grantor::http::routes::{self, Endpoint};
use serde_json::Value;

use crate::support::api_stage::Script;
use crate::support::db_shortcuts::{ClientSpec, web_client};
use crate::support::relying_party::Tokens;
use crate::support::{Answer, TestApp, on_both};

on_both!(
    every_route_asks_for_what_the_table_says,
    the_document_and_the_router_name_the_same,
    what_was_switched_off_opens_nothing,
    a_credential_stands_in_one_place_only,
);

/// One method of one route.
pub(crate) struct Operation {
    pub method: String,
    /// As in the document, with placeholders.
    pub path: String,
    pub needs: Needs,
}

/// Every method of every route of the API, in the router's order.
pub(crate) fn operations(app: &TestApp) -> Vec<Operation> {
    let of = |endpoint: Endpoint| {
        let path = endpoint.path.clone();
        endpoint.needs.into_iter().map(move |(method, needs)| Operation {
            method: method.as_str().to_owned(),
            path: path.strip_prefix(BASE).unwrap_or(&path).to_owned(),
            needs,
        })
    };
    let all: Vec<Operation> = routes::all(&app.app()).into_iter().flat_map(of).collect();
    assert!(all.len() > 30, "{}", all.len());
    all
}

/// The path with an organization that is there, and names of nothing.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{org}" => "acme",
        part if part.starts_with('{') => "x",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A kind of credential, and what the table makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Nobody,
    LacksScope,
    Expired,
    PersonDisabled,
    NoAdministrator,
    OtherOrganizationsToken,
    OtherOrganizationsAccess,
    OtherOrganizationsKey,
    OwnKey,
    KeySwitchedOff,
    ApplicationOff,
    OrganizationClosed,
    StaleSession,
    Right,
}

impl Kind {
    pub(crate) const ALL: [Kind; 14] = [
        Kind::Nobody,
        Kind::LacksScope,
        Kind::Expired,
        Kind::PersonDisabled,
        Kind::NoAdministrator,
        Kind::OtherOrganizationsToken,
        Kind::OtherOrganizationsAccess,
        Kind::OtherOrganizationsKey,
        Kind::OwnKey,
        Kind::KeySwitchedOff,
        Kind::ApplicationOff,
        Kind::OrganizationClosed,
        Kind::StaleSession,
        Kind::Right,
    ];

    /// In the documentation.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Kind::Nobody => "none",
            Kind::LacksScope => "lacks the scope",
            Kind::Expired => "expired",
            Kind::PersonDisabled => "person disabled",
            Kind::NoAdministrator => "a stranger's",
            Kind::OtherOrganizationsToken => "bound to another organization",
            Kind::OtherOrganizationsAccess => "an application's, bound to another organization",
            Kind::OtherOrganizationsKey => "another organization's key",
            Kind::OwnKey => "the organization's key",
            Kind::KeySwitchedOff => "key switched off",
            Kind::ApplicationOff => "application switched off",
            Kind::OrganizationClosed => "organization closed",
            Kind::StaleSession => "stale session",
            Kind::Right => "the right one",
        }
    }

    /// Status and code; none where the door lets it pass.
    pub(crate) fn refused(self, needs: Needs) -> Option<(u16, &'static str)> {
        use Kind as K;
        use Needs as N;
        match (self, needs) {
            (_, N::Nothing) => None,
            (K::Nobody, _) => Some((401, "no-credential")),
            (K::Expired | K::PersonDisabled | K::KeySwitchedOff | K::ApplicationOff | K::OrganizationClosed, _) => {
                Some((401, "invalid-token"))
            }
            (_, N::Anyone) => None,
            (
                K::OtherOrganizationsToken
                | K::OtherOrganizationsAccess
                | K::OtherOrganizationsKey
                | K::NoAdministrator,
                N::Organization(_) | N::OrganizationFresh(_) | N::EvenIfClosed(_),
            ) => Some((404, "not-found")),
            (K::OtherOrganizationsToken | K::OtherOrganizationsAccess, _) => Some((403, "bound-to-organization")),
            (K::OwnKey, N::Organization(_) | N::OrganizationFresh(_) | N::EvenIfClosed(_)) => None,
            (K::StaleSession, N::FreshSession | N::OrganizationFresh(_) | N::Administrator("admin:write")) => {
                Some((403, "step-up-required"))
            }
            (K::StaleSession, _) => None,
            (K::OtherOrganizationsKey | K::OwnKey, _) => Some((403, "no-person")),
            (_, N::FreshSession) => Some((403, "session-only")),
            (K::LacksScope, _) => Some((403, "insufficient-scope")),
            (K::NoAdministrator, N::Administrator(_)) => Some((403, "not-administrator")),
            (K::NoAdministrator | K::Right, _) => None,
        }
    }
}

/// What each kind presents.
struct Stage {
    nobody: Option<String>,
    expired: String,
    disabled: String,
    stranger: String,
    other_token: String,
    /// Of an application, for an organization of its person's.
    other_access: String,
    other_key: String,
    own_key: String,
    off_key: String,
    /// Of an application that was switched off.
    off_application: String,
    /// Bound to an organization that waits for its deletion.
    closed: String,
    /// The right person's, proven too long ago for what is dangerous.
    stale: Script,
    right: String,
    /// By the scope that is lacking.
    lacking: Vec<(&'static str, String)>,
}

impl Stage {
    async fn of(app: &TestApp, all: &[Operation]) -> Stage {
        let every = app.every_scope();
        let plain: Vec<String> = every.iter().filter(|scope| !scope.starts_with("admin:")).cloned().collect();
        let ada = app.db_administrator("ada").await;
        let acme = app.db_owned("acme", &ada).await;
        let (eve, bob) = (app.db_user("eve").await, app.db_user("bob").await);
        let beta = app.db_owned("beta", &bob).await;
        let gone = app.db_user("gone").await;
        let disabled = app.db_script_token(&gone, &plain, None, None).await;
        app.db_disable_user(&gone).await;
        let mut lacking: Vec<(&'static str, String)> = Vec::new();
        for scope in all.iter().filter_map(|operation| operation.needs.scope()) {
            if lacking.iter().any(|(known, _)| *known == scope) {
                continue;
            }
            // Whatever implies the scope goes too.
            let catalogue = &app.app().catalogue;
            let implies = |one: &String| catalogue.closure(&vec![one.clone()].into()).contains(scope);
            let rest: Vec<String> = every.iter().filter(|one| !implies(one)).cloned().collect();
            lacking.push((scope, app.db_script_token(&ada, &rest, None, None).await));
        }
        let expired = app.db_script_token(&ada, &every, None, Some(app.now() + 60)).await;
        let stale = app.page_script(&app.db_signed_in(&ada).await).await;
        app.wait(u64::try_from(app.app().config.sign_in.step_up).expect("seconds"));
        let party = app.db_client(ClientSpec { scopes: plain.clone(), ..web_client() }).await;
        let off_application = app.db_tokens(&party, &ada, "account:read").await.access;
        app.db_disable_client(&party).await;
        let level = ClientSpec { organization_access: true, scopes: plain.clone(), ..web_client() };
        let level = app.db_client(level).await;
        let code = app.db_code(&level, &bob, &[("scope", &plain.join(" ")), ("organization", "beta")]).await;
        let other_access = Tokens::of(&level.redeem(&code).await).access;
        let gamma = app.db_owned("gamma", &ada).await;
        let closed = app.db_script_token(&ada, &plain, Some("gamma"), None).await;
        let by = grantor::flows::organizations::By::Operator;
        let asked = grantor::flows::organizations::delete::request(&app.app(), by, &gamma, "gamma", None).await;
        asked.unwrap_or_else(|refusal| panic!("{refusal}"));
        Stage {
            off_application,
            closed,
            stale,
            other_access,
            nobody: None,
            expired,
            disabled,
            stranger: app.db_script_token(&eve, &plain, None, None).await,
            other_token: app.db_script_token(&bob, &plain, Some("beta"), None).await,
            other_key: app.db_key_of(&beta, &every, |_| {}).await,
            own_key: app.db_key_of(&acme, &every, |_| {}).await,
            off_key: app.db_key_of(&acme, &every, |row| "inactive".clone_into(&mut row.status)).await,
            right: app.db_script_token(&ada, &every, None, None).await,
            lacking,
        }
    }

    /// A request with it.
    async fn ask(&self, app: &TestApp, kind: Kind, operation: &Operation, path: &str) -> Answer {
        if kind == Kind::StaleSession {
            let method = reqwest::Method::from_bytes(operation.method.as_bytes()).expect("a method");
            return self.stale.send(method, path, None).await;
        }
        app.api(&operation.method, path, self.credential(kind, operation.needs), &Value::Null).await
    }

    fn credential(&self, kind: Kind, needs: Needs) -> Option<&str> {
        match kind {
            Kind::Nobody | Kind::StaleSession => self.nobody.as_deref(),
            Kind::LacksScope => {
                let lacking = self.lacking.iter().find(|(scope, _)| Some(*scope) == needs.scope());
                Some(lacking.map_or(&self.stranger, |(_, token)| token))
            }
            Kind::Expired => Some(&self.expired),
            Kind::PersonDisabled => Some(&self.disabled),
            Kind::NoAdministrator => Some(&self.stranger),
            Kind::OtherOrganizationsToken => Some(&self.other_token),
            Kind::OtherOrganizationsAccess => Some(&self.other_access),
            Kind::OtherOrganizationsKey => Some(&self.other_key),
            Kind::OwnKey => Some(&self.own_key),
            Kind::KeySwitchedOff => Some(&self.off_key),
            Kind::ApplicationOff => Some(&self.off_application),
            Kind::OrganizationClosed => Some(&self.closed),
            Kind::Right => Some(&self.right),
        }
    }
}

/// Status, code, and the header that says what would do.
fn told(answer: &Answer) -> (u16, String) {
    match answer.header("content-type") {
        Some("application/problem+json") => (answer.status, answer.text("code")),
        _ => (answer.status, String::new()),
    }
}

/// S64 to S68, C23, C65, C70, ASVS 8.2.1, 8.2.2.
async fn every_route_asks_for_what_the_table_says(app: &TestApp) {
    let all = operations(app);
    let stage = Stage::of(app, &all).await;
    let unknown = app.api("GET", "/admin/x/y/z", None, &Value::Null).await;
    assert_eq!(unknown.status, 404);
    for operation in &all {
        let (method, path) = (operation.method.as_str(), filled(&operation.path));
        // Wrong credentials count against the address.
        app.wait(10);
        for kind in Kind::ALL {
            let case = format!("{method} {path} with {kind:?}");
            let Some((status, code)) = kind.refused(operation.needs) else {
                // What may change something is shown by its own stories.
                if method == "GET" {
                    let answer = stage.ask(app, kind, operation, &path).await;
                    assert!(!matches!(answer.status, 401 | 403 | 500..), "{case}: {} {}", answer.status, answer.body);
                }
                continue;
            };
            let answer = stage.ask(app, kind, operation, &path).await;
            assert_eq!(told(&answer), (status, code.to_owned()), "{case}: {}", answer.body);
            let challenge = answer.header("www-authenticate");
            match (status, code) {
                (401, _) => assert!(challenge.is_some_and(|text| text.starts_with("Bearer realm=")), "{case}"),
                (403, "insufficient-scope") => {
                    let scope = operation.needs.scope().expect("a scope");
                    let said = challenge.unwrap_or_default();
                    assert!(said.contains("error=\"insufficient_scope\"") && said.contains(scope), "{case}: {said}");
                }
                _ => assert_eq!(challenge, None, "{case}"),
            }
            if operation.path.contains("{org}") && status == 404 {
                let nowhere = path.replace("/acme", "/nowhere");
                let other = stage.ask(app, kind, operation, &nowhere).await;
                assert_eq!(
                    (other.status, other.body),
                    (answer.status, answer.body),
                    "{case}: as one that is not there"
                );
            }
        }
    }
}

/// ASVS 13.1.1: nothing is served that the document does not name, and nothing is named that is not served.
async fn the_document_and_the_router_name_the_same(app: &TestApp) {
    let document = app.get("/api/v1/openapi.json").await.json();
    assert_eq!(document, openapi::document(&app.app()));
    let mut named: Vec<String> = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            named.push(format!("{} {}", method.to_uppercase(), path.strip_prefix(BASE).unwrap_or(path)));
        }
    }
    let mut served: Vec<String> =
        operations(app).iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    named.sort();
    served.sort();
    assert_eq!(named, served);
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let said = format!("{method} {path}");
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{said} says what it does");
            let named: Vec<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let wanted: Vec<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(named, wanted, "{said}");
        }
    }
}

/// C65: user, client, organization and key, each switched off while its credential lives.
async fn what_was_switched_off_opens_nothing(app: &TestApp) {
    let every = app.every_scope();
    let plain: Vec<String> = every.iter().filter(|scope| !scope.starts_with("admin:")).cloned().collect();
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    let party = app.db_client(ClientSpec { scopes: plain.clone(), ..web_client() }).await;
    let access = app.db_tokens(&party, &bob, "account:read").await.access;
    let mine = app.db_script_token(&bob, &plain, None, None).await;
    let bound = app.db_script_token(&ada, &plain, Some("acme"), None).await;
    let key = app.db_key_of(&acme, &every, |_| {}).await;
    let brief = app.db_key_of(&acme, &every, |row| row.expires_at = Some(row.created_at + 30)).await;
    let status = async |token: &str| app.api("GET", "/me", Some(token), &Value::Null).await.status;
    for token in [&access, &mine, &bound, &key, &brief] {
        assert_eq!(status(token).await, 200, "the control: all of them work");
    }
    app.wait(30);
    assert_eq!(status(&brief).await, 401, "a key whose time is over");

    app.db_disable_client(&party).await;
    assert_eq!((status(&access).await, status(&mine).await), (401, 200), "the application is off");
    app.db_enable_client(&party).await;
    assert_eq!(status(&access).await, 200);
    app.db_disable_user(&bob).await;
    assert_eq!((status(&access).await, status(&mine).await), (401, 401), "the person is disabled");
    app.db_enable_user(&bob).await;
    assert_eq!((status(&access).await, status(&mine).await), (401, 401), "and what they had stays dead");

    let by = grantor::flows::organizations::By::Operator;
    let asked = grantor::flows::organizations::delete::request(&app.app(), by, &acme, "acme", None).await;
    asked.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!((status(&bound).await, status(&key).await), (401, 401), "the organization is closed");
}

/// C24, RFC 6750 section 2.3: never in the address, never two at once.
async fn a_credential_stands_in_one_place_only(app: &TestApp) {
    let ada = app.db_administrator("ada").await;
    let token = app.db_script_token(&ada, &app.every_scope(), None, None).await;
    for operation in operations(app).iter().filter(|operation| operation.needs != Needs::Nothing) {
        let path = filled(&operation.path);
        let asked = format!("{path}?access_token={token}");
        let answer = app.api(&operation.method, &asked, Some(&token), &Value::Null).await;
        assert_eq!(told(&answer), (400, "invalid-request".to_owned()), "{} {path}", operation.method);
        let other = [("Authorization", "Bearer x")];
        let answer = app.api_with(&operation.method, &path, Some(&token), &Value::Null, &other).await;
        assert_eq!(told(&answer), (400, "invalid-request".to_owned()), "{} {path}", operation.method);
        app.wait(1);
    }
}
