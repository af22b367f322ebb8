//! What holds for every route because the document says what it is: no secret in any answer but a new one, and limits
//! that bound.

use std::collections::BTreeSet;

use grantor::config::registration::Mode;
use serde_json::Value;

use crate::support::{TestApp, on_both};

on_both!(no_answer_but_a_new_one_carries_a_secret, every_list_bounds_its_pages);

/// Operations of the document: method, path, operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    all
}

/// Names of all properties that a schema can have, with their schemas.
fn properties(document: &Value, schema: &Value, seen: &mut BTreeSet<String>, found: &mut Vec<(String, Value)>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                if seen.insert(reference.clone()) {
                    let target = document.pointer(reference.trim_start_matches('#')).expect("a schema");
                    properties(document, target, seen, found);
                }
                return;
            }
            if let Some(Value::Object(named)) = members.get("properties") {
                found.extend(named.iter().map(|(name, schema)| (name.clone(), schema.clone())));
            }
            members.values().for_each(|value| properties(document, value, seen, found));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(document, item, seen, found)),
        _ => {}
    }
}

/// Whether a property of this name that is text would be a secret.
fn is_secret(name: &str, schema: &Value) -> bool {
    let text = schema["type"] == "string"
        || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "string"));
    let named = ["secret", "password", "digest", "salt", "private"].iter().any(|word| name.contains(word));
    text && (named
        || ["token", "key", "code_verifier"].contains(&name)
        || name.ends_with("_token")
        || name.ends_with("_key"))
}

/// C66.
async fn no_answer_but_a_new_one_carries_a_secret(app: &TestApp) {
    let document = app.get("/api/v1/openapi.json").await.json();
    let mut looked_at = 0;
    let mut told_once = 0;
    for (method, path, operation) in operations(&document) {
        for (status, answer) in operation["responses"].as_object().expect("responses") {
            let mut found = Vec::new();
            properties(&document, answer, &mut BTreeSet::new(), &mut found);
            let secrets: Vec<&String> =
                found.iter().filter(|(name, schema)| is_secret(name, schema)).map(|(name, _)| name).collect();
            looked_at += found.len();
            match method == "POST" && status == "201" {
                true => told_once += secrets.len(),
                false => assert!(secrets.is_empty(), "{method} {path} {status}: {secrets:?}"),
            }
        }
    }
    assert!(looked_at > 100, "{looked_at}");
    assert!(told_once >= 3, "the control: new secrets are told, {told_once}");
}

/// C74.
async fn every_list_bounds_its_pages(app: &TestApp) {
    let document = app.get("/api/v1/openapi.json").await.json();
    let ada = app.db_administrator("ada").await;
    app.db_owned("acme", &ada).await;
    app.restart_with(|config| {
        config.registration.mode = Mode::InitialToken;
        config.registration.organizations = true;
    })
    .await;
    let token = app.db_script_token(&ada, &app.every_scope(), None, None).await;
    let mut lists = 0;
    for (method, path, operation) in operations(&document) {
        let takes = |name: &str| {
            operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == name))
        };
        if !takes("limit") {
            continue;
        }
        assert_eq!(method, "GET", "{path}");
        lists += 1;
        // What is below something that is not there is not found first.
        let below_nothing = path.replace("{org}", "acme").contains('{');
        let path = path.strip_prefix("/api/v1").expect("below the API").replace("{org}", "acme");
        let path =
            path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
        let status = async |query: &str| {
            let answer = app.api("GET", &format!("{path}?{query}"), Some(&token), &Value::Null).await;
            (answer.status, answer.body)
        };
        for limit in
            ["0", "-1", "101", "9223372036854775807", "9223372036854775808", "ten", "1.5", "1e1", "%00", "1&limit=2"]
        {
            let (got, body) = status(&format!("limit={limit}")).await;
            assert!(got == 400 || (below_nothing && got == 404), "{path} limit={limit}: {got} {body}");
        }
        for limit in ["1", "100"] {
            let (got, body) = status(&format!("limit={limit}")).await;
            assert!(got == 200 || (below_nothing && got == 404), "{path} limit={limit}: {got} {body}");
        }
        if takes("cursor") {
            for cursor in ["x", "i", "t%25", "iAAAA", "1;%20DROP%20TABLE%20users", "%00", "tYQBi"] {
                let (got, body) = status(&format!("cursor={cursor}")).await;
                assert!(got == 400 || (below_nothing && got == 404), "{path} cursor={cursor}: {got} {body}");
            }
        }
    }
    assert!(lists >= 5, "{lists}");
}
