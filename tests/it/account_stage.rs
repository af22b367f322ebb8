//! A script that uses the API in a person's name, and a browser that does.

use std::sync::Arc;

use grantor::flows::api::Credential;
use grantor::flows::personal_tokens::{self, NewPersonalToken};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::db_shortcuts::{caller, strings};
use crate::support::test_app::Shared;
use crate::support::{Browser, Person, TestApp};

/// Whoever holds a token.
pub struct Script {
    shared: Arc<Shared>,
    pub token: String,
}

impl Script {
    pub fn with(app: &TestApp, token: &str) -> Script {
        Script { shared: Arc::clone(&app.shared), token: token.to_owned() }
    }

    /// With a new personal token of the person.
    pub async fn of(app: &TestApp, person: &Person, scopes: &[&str]) -> Script {
        let credential = Credential::Session(Box::new(app.db_session(person).await));
        let new = NewPersonalToken {
            name: "of the tests".to_owned(),
            scopes: strings(scopes),
            expires_at: None,
            organization: None,
        };
        let (inner, id) = (app.app(), app.app().store.next_id().expect("an id"));
        let secret = grantor::crypto::random::secret();
        let made = personal_tokens::create(&inner, &caller(), &credential, new, id, secret.expose()).await;
        let made = made.unwrap_or_else(|refusal| panic!("{refusal}"));
        app.shared.secrets.saw(made.token.expose());
        Script::with(app, made.token.expose())
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let url = self.shared.url(&format!("/api/v1{path}"));
        let mut request = self.shared.http.request(method, url).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.shared.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(&body), &[]).await
    }

    /// With an Idempotency-Key.
    pub async fn post_once(&self, path: &str, body: Value, key: &str) -> Answer {
        self.send("POST", path, Some(&body), &[("idempotency-key", key)]).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(&body), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, &[]).await
    }
}

/// A script on one of our own pages, by the browser's session.
pub async fn by_session(app: &TestApp, browser: &Browser, method: &str, path: &str, body: Option<Value>) -> Answer {
    let token = browser.get("/logout").await.form("logout-confirm").value("csrf_token").to_owned();
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let cookies: Vec<String> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = app
        .shared
        .http
        .request(method, app.shared.url(&format!("/api/v1{path}")))
        .header("Cookie", cookies.join("; "))
        .header("Origin", app.issuer())
        .header("Sec-Fetch-Site", "same-origin")
        .header("X-CSRF-Token", token);
    app.shared.send(request.json(&body.unwrap_or(json!({})))).await
}

/// The texts of one member in a list.
pub fn each(answer: &Answer, pointer: &str) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let json = answer.json();
    let entries = json.as_array().expect("a list");
    entries.iter().map(|entry| entry.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()).collect()
}

/// Status and code of a problem.
pub fn problem(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{} {}", answer.status, answer.body);
    format!("{} {}", answer.status, answer.text("code"))
}
