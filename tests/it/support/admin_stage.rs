//! `db_*` for the API: personal tokens, organizations' keys, and requests with them.

use grantor::crypto::random;
use grantor::crypto::token::{PlainToken, TokenKind};
use grantor::flows::api::Credential;
use grantor::flows::personal_tokens::{self, NewPersonalToken};
use grantor::protocol::scope::ScopeList;
use grantor::store::api_keys::{self, ApiKeyRow};
use grantor::store::organizations::OrganizationRow;
use grantor::store::types::TextArray;
use reqwest::Method;
use serde_json::Value;

use super::db_shortcuts::caller;
use super::{Answer, Person, TestApp};

impl TestApp {
    /// Every scope of the catalogue.
    pub fn every_scope(&self) -> Vec<String> {
        self.app().catalogue.resource_scopes().map(str::to_owned).collect()
    }

    /// Somebody with an account made elsewhere; the password is nobody's business.
    pub async fn db_person_named(&self, login: &str) -> Person {
        let row = grantor::flows::people::find::by_login(&self.app(), login).await;
        let row = row.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        Person { login: login.to_owned(), password: String::new(), row }
    }

    /// A personal token with these scopes, bound to an organization where one is named.
    pub async fn db_script_token(
        &self,
        person: &Person,
        scopes: &[String],
        organization: Option<&str>,
        expires_at: Option<i64>,
    ) -> String {
        let app = self.app();
        let credential = Credential::Session(Box::new(self.db_session(person).await));
        let new = NewPersonalToken {
            name: "Script".to_owned(),
            scopes: scopes.to_vec(),
            expires_at,
            organization: organization.map(str::to_owned),
        };
        let id = app.store.next_id().expect("an id");
        let secret = random::secret();
        let made = personal_tokens::create(&app, &caller(), &credential, new, id, secret.expose()).await;
        let token = made.unwrap_or_else(|refusal| panic!("{refusal}")).token.expose().to_owned();
        self.shared.secrets.saw(&token);
        token
    }

    /// A key of an organization with these scopes; `change` makes it another one.
    pub async fn db_key_of(
        &self,
        organization: &OrganizationRow,
        scopes: &[String],
        change: impl FnOnce(&mut ApiKeyRow),
    ) -> String {
        let (app, now) = (self.app(), self.now());
        let id = app.store.next_id().expect("an id");
        let plain = PlainToken::new(TokenKind::ApiKey, id, random::secret().expose());
        let mut row = ApiKeyRow {
            id,
            public_id: random::url_safe_text(16),
            organization_id: organization.id,
            label: "Key".to_owned(),
            scopes: ScopeList::from(scopes.to_vec()),
            allowed_origins: TextArray::default(),
            status: "active".to_owned(),
            sso_policy: "exempt".to_owned(),
            creator_id: None,
            digest: plain.digest().as_bytes().to_vec(),
            last_four: plain.last_four(),
            imported: false,
            created_at: now,
            updated_at: now,
            expires_at: None,
            last_used_at: None,
        };
        change(&mut row);
        app.store.write(move |write| api_keys::insert(write, &row)).await.expect("the store answers");
        self.shared.secrets.saw(plain.expose());
        plain.expose().to_owned()
    }

    /// A request to the API below `/api/v1`, with a bearer token where one is given, and a JSON body unless it is null.
    pub async fn api(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.api_with(method, path, token, body, &[]).await
    }

    /// The same with more headers.
    pub async fn api_with(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = self.shared.url(&format!("/api/v1{path}"));
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.shared.http.request(method, &url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.shared.send(request).await
    }

    /// GET, which must succeed.
    pub async fn api_read(&self, path: &str, token: &str) -> Value {
        let answer = self.api("GET", path, Some(token), &Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }
}
