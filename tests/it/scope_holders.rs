//! Who holds a scope: by list, by what carries it, in every table that keeps one.

use grantor::flows::import::sentry::export::Export;
use grantor::flows::import::sentry::{self, Options};
use grantor::flows::scope_holders;
use serde_json::{Value, json};

use crate::support::operator::Operator;
use crate::support::{TestApp, on_both};

on_both!(
    a_scope_is_held_by_whoever_has_it_or_one_that_carries_it,
    a_list_of_holders_is_cut_and_counted,
    the_command_line_says_who_holds_a_scope,
);

async fn stage(app: &TestApp) {
    let text = include_str!("fixtures/sentry-export.json");
    for part in text.split('"').filter(|part| part.starts_with("demo-")) {
        app.shared.secrets.saw(part);
    }
    let export = Export::read(text).unwrap_or_else(|problem| panic!("{problem}"));
    sentry::run(&app.app(), &export, Options::default()).await.expect("the store answers");
}

async fn holders(app: &TestApp, scope: &str, limit: usize) -> Value {
    let found = scope_holders::of(&app.app(), scope, limit).await.expect("the store answers");
    serde_json::to_value(found).expect("JSON")
}

fn names(found: &Value, kind: &str, names: &[&str]) -> Vec<String> {
    let listed = found[kind]["listed"].as_array().expect("a list");
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<String> =
        listed.iter().map(|one| names.iter().map(|name| text(one, name)).collect::<Vec<_>>().join(" ")).collect();
    all.sort();
    all
}

async fn a_scope_is_held_by_whoever_has_it_or_one_that_carries_it(app: &TestApp) {
    stage(app).await;
    let found = holders(app, "team:read", 10).await;
    assert_eq!(found["carried_by"], json!(["team:read", "team:write", "team:admin"]));
    assert_eq!(names(&found, "authorizations", &["login", "client"]), ["cleo Sundial"]);
    assert_eq!(names(&found, "personal_tokens", &["login", "name"]), ["ada Nightly script"], "by team:write");
    assert_eq!(names(&found, "api_keys", &["organization", "label"]), ["acme Deploy"]);
    assert_eq!(names(&found, "clients", &["name"]), ["Retired", "Sundial"]);
    let found = holders(app, "org:read", 10).await;
    assert_eq!(
        names(&found, "authorizations", &["login", "client", "organization"]),
        ["ada Organized acme", "ada Sundial ", "cleo Sundial "]
    );
    assert_eq!(names(&found, "clients", &["name"]), ["Organized", "Retired", "Sundial"]);
    let nobody = holders(app, "alerts:read", 10).await;
    for kind in ["authorizations", "personal_tokens", "api_keys", "clients"] {
        assert_eq!(nobody[kind], json!({ "count": 0, "more": false, "listed": [] }), "{kind}");
    }
    let odd = holders(app, "x\" OR '1'='1", 10).await;
    assert_eq!(odd["clients"]["count"], 0);
}

async fn a_list_of_holders_is_cut_and_counted(app: &TestApp) {
    stage(app).await;
    let found = holders(app, "org:read", 1).await;
    assert_eq!((&found["authorizations"]["count"], &found["authorizations"]["more"]), (&json!(3), &json!(false)));
    assert_eq!(found["authorizations"]["listed"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["authorizations"]["listed"][0]["organization"], "acme", "the newest");
    assert_eq!(holders(app, "org:read", 0).await["clients"]["listed"], json!([]));
}

async fn the_command_line_says_who_holds_a_scope(app: &TestApp) {
    stage(app).await;
    let operator = Operator::of(app);
    let said = operator.says(&["scope", "holders", "team:read"]).await.words();
    assert!(said.starts_with("team:read is also carried by team:write, team:admin.\n\n1 authorization\n"), "{said}");
    assert!(said.contains("\n1 personal token\n") && said.contains("\n1 API key\n"), "{said}");
    assert!(said.contains("\n2 clients\n") && said.contains("Sundial"), "{said}");
    let json = operator.says(&["--json", "scope", "holders", "alerts:read"]).await.json();
    assert_eq!((&json["known"], &json["clients"]["count"]), (&json!(false), &json!(0)));
    let said = operator.says(&["scope", "holders", "alerts:read"]).await.words();
    assert!(said.starts_with("alerts:read is not in the catalogue; rows that still have it:\n"), "{said}");
}
