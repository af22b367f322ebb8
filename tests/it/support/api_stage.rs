//! Scripts at the API, and the tokens they come with.

use std::sync::Arc;

use grantor::crypto::random;
use grantor::flows::api::Credential;
use grantor::flows::personal_tokens::{self, NewPersonalToken};
use reqwest::Method;
use serde_json::Value;

use super::db_shortcuts::{Person, caller, strings};
use super::test_app::Shared;
use super::{Answer, Browser, TestApp};

/// A script with one credential, or none.
#[derive(Clone)]
pub struct Script {
    shared: Arc<Shared>,
    authorization: Option<String>,
    headers: Vec<(String, String)>,
}

impl Script {
    /// With one more header.
    pub fn with(&self, name: &str, value: &str) -> Script {
        let mut other = self.clone();
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// Without a header it had.
    pub fn without(&self, name: &str) -> Script {
        let mut other = self.clone();
        other.headers.retain(|(known, _)| known != name);
        other
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.shared.http.request(method, self.shared.url(&format!("/api/v1{path}")));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.shared.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }
}

impl TestApp {
    /// A script without a credential.
    pub fn stranger(&self) -> Script {
        Script { shared: Arc::clone(&self.shared), authorization: None, headers: Vec::new() }
    }

    /// A script with a token.
    pub fn script(&self, token: &str) -> Script {
        Script { authorization: Some(format!("Bearer {token}")), ..self.stranger() }
    }

    /// A script with a text in its Authorization header.
    pub fn script_saying(&self, authorization: &str) -> Script {
        Script { authorization: Some(authorization.to_owned()), ..self.stranger() }
    }

    /// A personal token made in a session.
    pub async fn db_personal_token(&self, person: &Person, scopes: &[&str], organization: Option<&str>) -> String {
        let new = NewPersonalToken {
            name: "a script".to_owned(),
            scopes: strings(scopes),
            expires_at: None,
            organization: organization.map(str::to_owned),
        };
        let credential = Credential::Session(Box::new(self.db_session(person).await));
        self.db_token_of(&credential, new).await
    }

    pub async fn db_token_of(&self, credential: &Credential, new: NewPersonalToken) -> String {
        let (app, secret) = (self.app(), random::secret());
        let id = app.store.next_id().expect("an id");
        let made = personal_tokens::create(&app, &caller(), credential, new, id, secret.expose()).await;
        let token = made.unwrap_or_else(|refusal| panic!("{refusal}")).token.expose().to_owned();
        self.shared.secrets.saw(&token);
        token
    }

    /// A script on a page of this server, in the browser's session.
    pub async fn page_script(&self, browser: &Browser) -> Script {
        let page = browser.get("/account/sessions").await;
        let token = page.attributes("input[name=csrf_token]", "value").remove(0);
        let cookies: Vec<String> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.stranger().with("cookie", &cookies.join("; ")).with("x-csrf-token", &token)
    }
}
