//! The API below `/api/v1/organizations`, and the pages of keys and applications.

mod applications;
mod closed_teams;
mod doors;
mod followers;
mod invitations;
mod keys;
mod limits;
mod meanwhile;
mod organization;
mod pages;
mod sign_on;
mod waiting;

use std::sync::Arc;

use grantor::config::registration::Mode;
use grantor::crypto::random;
use grantor::flows::api::Credential;
use grantor::flows::api_keys::{self, NewApiKey};
use grantor::flows::organizations::By;
use grantor::flows::personal_tokens::{self, NewPersonalToken};
use grantor::store::organizations::OrganizationRow;
use reqwest::Method;
use serde_json::Value;

use crate::support::answer::Answer;
use crate::support::db_shortcuts::{caller, strings};
use crate::support::test_app::Shared;
use crate::support::{Person, TestApp};

/// Below the issuer.
const ORGS: &str = "/api/v1/organizations";

/// A script: it sends a header and speaks JSON.
#[derive(Clone)]
struct Script {
    shared: Arc<Shared>,
    authorization: Option<String>,
}

impl Script {
    fn bearer(app: &TestApp, secret: &str) -> Script {
        Script { shared: Arc::clone(&app.shared), authorization: Some(format!("Bearer {secret}")) }
    }

    async fn send(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let path = format!("{ORGS}{path}");
        let mut request = self.shared.http.request(method.clone(), self.shared.url(&path));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        self.shared.send(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(&Method::GET, path, &[], None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(&Method::POST, path, &[], Some(body)).await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(&Method::PATCH, path, &[], Some(body)).await
    }

    async fn put(&self, path: &str, body: Option<&Value>) -> Answer {
        self.send(&Method::PUT, path, &[], body).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(&Method::DELETE, path, &[], None).await
    }
}

/// What went wrong: `403 role`.
fn problem(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{} {}", answer.status, answer.body);
    assert_eq!(answer.json()["status"].as_u64(), Some(answer.status.into()), "{}", answer.body);
    format!("{} {}", answer.status, answer.text("code"))
}

impl TestApp {
    /// A personal token, made by its person in a browser.
    async fn db_token(&self, person: &Person, scopes: &[&str]) -> Script {
        self.db_token_with(person, scopes, None, None).await
    }

    async fn db_token_with(
        &self,
        person: &Person,
        scopes: &[&str],
        organization: Option<&str>,
        expires_at: Option<i64>,
    ) -> Script {
        let app = self.app();
        let credential = Credential::Session(Box::new(self.db_session(person).await));
        let new = NewPersonalToken {
            name: "Script".to_owned(),
            scopes: strings(scopes),
            expires_at,
            organization: organization.map(str::to_owned),
        };
        let (id, secret) = (app.store.next_id().expect("an id"), random::secret());
        let made = personal_tokens::create(&app, &caller(), &credential, new, id, secret.expose()).await;
        let token = made.unwrap_or_else(|refusal| panic!("{refusal}")).token;
        self.shared.secrets.saw(token.expose());
        Script::bearer(self, token.expose())
    }

    /// What lets organizations make registration tokens.
    async fn organizations_hand_out_tokens(&self) {
        self.restart_with(|config| {
            config.registration.mode = Mode::InitialToken;
            config.registration.organizations = true;
        })
        .await;
    }

    /// A key of the organization by the operator; the script that has it, and its name at the API.
    async fn db_key(&self, organization: &OrganizationRow, scopes: &[&str]) -> (Script, String) {
        let app = self.app();
        let new = NewApiKey {
            label: "Script".to_owned(),
            scopes: strings(scopes),
            allowed_origins: Vec::new(),
            sso_policy: "exempt".to_owned(),
            expires_at: None,
        };
        let (id, secret) = (app.store.next_id().expect("an id"), random::secret());
        let made = api_keys::create(&app, By::Operator, organization, new, id, secret.expose()).await;
        let made = made.unwrap_or_else(|refusal| panic!("{refusal}"));
        self.shared.secrets.saw(made.key.expose());
        (Script::bearer(self, made.key.expose()), made.row.public_id)
    }
}

/// A script without any credential.
fn nobody(app: &TestApp) -> Script {
    Script { shared: Arc::clone(&app.shared), authorization: None }
}
