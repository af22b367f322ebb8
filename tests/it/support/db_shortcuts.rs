//! `db_*`: what a test needs to be there before its story begins, made behind the API by the same flows.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use grantor::crypto::random;
use grantor::flows::audit::Actor;
use grantor::flows::authorize::consent::{Answer, Answered, answer};
use grantor::flows::authorize::{self, Outcome};
use grantor::flows::caller::Caller;
use grantor::flows::clients::{ClientMetadata, create::create};
use grantor::flows::people::{self, NewPerson};
use grantor::flows::resource_servers::{self, ResourceServerFields};
use grantor::flows::session::{self, SignedIn};
use grantor::flows::sign_in;
use grantor::flows::terms::Terms;
use grantor::protocol::params::Params;
use grantor::store::audit_events::AuditEventRow;
use grantor::store::refusals::{self, RefusalRow};
use grantor::store::users::UserRow;

use super::relying_party::{By, RelyingParty, Tokens, encode};
use super::{Browser, TestApp};

/// Somebody with an account.
pub struct Person {
    pub login: String,
    pub password: String,
    pub row: UserRow,
}

/// A client to be registered: its metadata.
pub type ClientSpec = ClientMetadata;

/// The scopes a test client may have unless the test says otherwise.
pub const SCOPES: [&str; 5] = ["org:read", "org:write", "member:read", "member:admin", "team:read"];

pub fn caller() -> Caller {
    Caller {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: "test".to_owned(),
        device: None,
        terms: Terms::default(),
    }
}

/// A confidential client with one https redirect URI.
pub fn web_client() -> ClientSpec {
    ClientSpec {
        name: Some("Web".to_owned()),
        kind: Some("confidential".to_owned()),
        redirect_uris: vec!["https://client.example/cb".to_owned()],
        grant_types: Some(strings(&["authorization_code", "refresh_token", "client_credentials"])),
        response_types: Some(strings(&["code"])),
        scopes: strings(&SCOPES),
        ..ClientSpec::default()
    }
}

/// A public client with one https redirect URI.
pub fn public_client() -> ClientSpec {
    ClientSpec {
        name: Some("Spa".to_owned()),
        kind: Some("public".to_owned()),
        redirect_uris: vec!["https://spa.example/cb".to_owned()],
        grant_types: Some(strings(&["authorization_code", "refresh_token"])),
        response_types: Some(strings(&["code"])),
        scopes: strings(&SCOPES),
        ..ClientSpec::default()
    }
}

pub fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

impl TestApp {
    /// Refusals kept, once all that were left before now are written: they go to the database one after the other, and one
    /// of our own comes last.
    pub async fn db_refusals_once_written(&self) -> usize {
        let app = self.app();
        let (slot, reference) = app.refusals.reference();
        let text = |text: &str| text.to_owned();
        app.refusals.leave(RefusalRow {
            slot,
            reference: reference.clone(),
            at: self.now(),
            code: text("none"),
            description: text("the last one"),
            client_id: None,
            address: text("the test"),
            endpoint: text("none"),
            detail: text("{}"),
        });
        let written = async {
            while self.db_refusal(slot, &reference).await.is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), written).await.expect("the last refusal is written");
        self.db_batch(&format!("DELETE FROM refusals WHERE reference = '{reference}'"));
        self.rows("refusals")
    }

    async fn db_refusal(&self, slot: i64, reference: &str) -> Option<RefusalRow> {
        let reference = reference.to_owned();
        self.app().store.read(move |conn| refusals::find(conn, slot, &reference)).await.expect("the store answers")
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.shared)
    }

    /// A registered client, as its developers hold it. In snapshots its client_id reads `[client NAME]`.
    pub async fn db_client(&self, spec: ClientSpec) -> RelyingParty {
        let redirect_uri = spec.redirect_uris.first().cloned().unwrap_or_default();
        let post = spec.authentication_method.as_deref() == Some("client_secret_post");
        let created = create(&self.app(), None, Actor::Operator, spec, None, None)
            .await
            .unwrap_or_else(|failure| panic!("{failure}"));
        self.shared.name(&created.client_id, &format!("client {}", created.name));
        let secret = created.secret.as_ref().map(|secret| secret.expose());
        if let Some(secret) = secret {
            self.shared.secrets.saw(secret);
        }
        let party = RelyingParty::new(Arc::clone(&self.shared), &created.client_id, secret, &redirect_uri);
        if post { party.with_secret(secret, By::Post) } else { party }
    }

    pub async fn db_web_client(&self) -> RelyingParty {
        self.db_client(web_client()).await
    }

    pub async fn db_public_client(&self) -> RelyingParty {
        self.db_client(public_client()).await
    }

    /// A client that may introspect, for a resource server that owns these scope sets.
    pub async fn db_resource_server(&self, identifier: &str, scope_sets: &[&str]) -> RelyingParty {
        let spec = ClientSpec {
            name: Some(format!("API {}", scope_sets.join(" "))),
            may_introspect: true,
            redirect_uris: Vec::new(),
            grant_types: Some(strings(&["client_credentials"])),
            response_types: Some(Vec::new()),
            ..web_client()
        };
        let client = self.db_client(spec).await;
        let fields = ResourceServerFields {
            identifier: identifier.to_owned(),
            name: None,
            scope_sets: strings(scope_sets),
            client: Some(client.client_id.clone()),
            ..ResourceServerFields::default()
        };
        resource_servers::create::create(&self.app(), fields, None).await.unwrap_or_else(|failure| panic!("{failure}"));
        client
    }

    /// An account. In snapshots its `sub` reads `[sub LOGIN]`.
    pub async fn db_user(&self, login: &str) -> Person {
        let password = format!("a long passphrase nobody guesses {}", random::url_safe_text(6));
        self.shared.secrets.saw(&password);
        let new = NewPerson {
            login: login.to_owned(),
            name: format!("{login} Example"),
            password: Some(password.clone()),
            ..NewPerson::default()
        };
        let made = people::create::create(&self.app(), None, Actor::Operator, new).await;
        let row = made.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        self.shared.name(&row.sub, &format!("sub {login}"));
        Person { login: login.to_owned(), password, row }
    }

    /// A browser in which the person is signed in.
    pub async fn db_signed_in(&self, person: &Person) -> Browser {
        let browser = self.browser();
        browser.sign_in(person).await;
        browser
    }

    /// A session without a browser.
    pub async fn db_session(&self, person: &Person) -> SignedIn {
        let app = self.app();
        let user = self.db_person(person).await;
        let new = sign_in::open(&app, &caller(), None, &user, "pwd").await.expect("a session");
        let found = session::current(&app, new.cookie.expose()).await.expect("the store answers");
        found.expect("the session is open")
    }

    /// What the person allows the client, as a code: authorization request and consent without a browser.
    pub async fn db_code(&self, party: &RelyingParty, person: &Person, changes: &[(&str, &str)]) -> String {
        let (app, who) = (self.app(), self.db_session(person).await);
        let query = encode(&party.request(changes));
        let params = Params::parse(query.as_bytes()).expect("parameters");
        let browser =
            authorize::Browser { signed_in: Some(&who), browser_cookie: "browser", address: caller().address };
        let outcome = authorize::authorize(&app, &caller(), &params, &browser).await.expect("an outcome");
        let response = match outcome {
            Outcome::Respond(response) => response,
            Outcome::Consent(prompt) => {
                let answered = answer(&app, &caller(), &who, prompt.token.expose(), Answer::Allow).await;
                match answered.expect("an answer") {
                    Answered::Respond(response) => response,
                    Answered::Void(refusal) => panic!("{:?}", refusal.error),
                }
            }
            Outcome::Page(refusal) => panic!("{:?}", refusal.error),
            Outcome::SignIn(_) => panic!("a sign-in is asked for"),
            Outcome::Register(_) => panic!("an account is asked for"),
            Outcome::SelectAccount(_) => panic!("an account has to be chosen"),
            Outcome::ChooseOrganization(_) => panic!("an organization is asked for"),
            Outcome::AskOwner(_) => panic!("the organization wants to be asked"),
            Outcome::LinkIdentity(_) => panic!("the organization's provider is asked for"),
        };
        let code = response.parameters.into_iter().find(|(name, _)| *name == "code");
        let (_, code) = code.unwrap_or_else(|| panic!("no code: {:?}", response.error));
        self.shared.secrets.saw(&code);
        code
    }

    /// Tokens for a scope, redeemed over HTTP.
    pub async fn db_tokens(&self, party: &RelyingParty, person: &Person, scope: &str) -> Tokens {
        let code = self.db_code(party, person, &[("scope", scope)]).await;
        Tokens::of(&party.redeem(&code).await)
    }

    /// Names of the audit events, oldest first.
    pub async fn db_events(&self) -> Vec<String> {
        self.db_audit().await.into_iter().map(|row| row.event).collect()
    }

    pub async fn db_audit(&self) -> Vec<AuditEventRow> {
        let read = self.app().store.read(|conn| grantor::store::audit_events::newest(conn, 1000)).await;
        let mut rows = read.expect("events");
        rows.sort_by_key(|row| row.id);
        rows
    }
}

impl TestApp {
    pub async fn db_disable_client(&self, party: &RelyingParty) {
        let done = grantor::flows::clients::status::disable(&self.app(), None, Actor::Operator, &party.client_id).await;
        assert!(done.unwrap_or_else(|failure| panic!("{failure}")));
    }

    pub async fn db_enable_client(&self, party: &RelyingParty) {
        let done = grantor::flows::clients::status::enable(&self.app(), None, Actor::Operator, &party.client_id).await;
        assert!(done.unwrap_or_else(|failure| panic!("{failure}")));
    }

    /// Changes a client's registration.
    pub async fn db_update_client(&self, party: &RelyingParty, change: impl FnOnce(&mut ClientMetadata)) {
        let app = self.app();
        let read = grantor::flows::clients::update::metadata(&app, &party.client_id).await;
        let mut metadata = read.unwrap_or_else(|failure| panic!("{failure}"));
        change(&mut metadata);
        let updated =
            grantor::flows::clients::update::update(&app, None, Actor::Operator, &party.client_id, metadata).await;
        updated.unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// The person's row as it is now.
    pub async fn db_person(&self, person: &Person) -> UserRow {
        people::find::by_sub(&self.app(), &person.row.sub).await.unwrap_or_else(|refusal| panic!("{refusal:?}"))
    }

    pub async fn db_disable_user(&self, person: &Person) {
        let row = self.db_person(person).await;
        assert!(people::status::disable(&self.app(), None, Actor::Operator, &row).await.expect("the store answers"));
    }

    pub async fn db_enable_user(&self, person: &Person) {
        let row = self.db_person(person).await;
        assert!(people::status::enable(&self.app(), None, Actor::Operator, &row).await.expect("the store answers"));
    }

    pub async fn db_set_password(&self, person: &Person, password: &str) {
        let row = self.db_person(person).await;
        self.shared.secrets.saw(password);
        let set = people::password::set(&self.app(), None, Actor::Operator, &row, password.to_owned()).await;
        set.unwrap_or_else(|refusal| panic!("{refusal:?}"));
    }

    /// The person takes back what the client may do.
    pub async fn db_revoke_authorization(&self, person: &Person, party: &RelyingParty) {
        let row = self.db_person(person).await;
        let revoked =
            people::authorizations::revoke(&self.app(), None, Actor::User(&row), &row, &party.client_id, None).await;
        assert!(revoked.expect("the store answers"));
    }

    /// Scopes of the person's authorization for the client.
    pub async fn db_authorized(&self, person: &Person, party: &RelyingParty) -> Option<String> {
        let listed = people::authorizations::list(&self.app(), &person.row).await.expect("the store answers");
        listed.into_iter().find(|one| one.client_id == party.client_id).map(|one| one.scopes.to_string())
    }
}

impl TestApp {
    /// A client whose secret was made elsewhere.
    pub async fn db_client_with_secret(&self, spec: ClientSpec, secret: &str) -> RelyingParty {
        let redirect_uri = spec.redirect_uris.first().cloned().unwrap_or_default();
        let brought = grantor::flows::clients::secret::ImportedSecret::new(secret.to_owned());
        let brought = brought.unwrap_or_else(|failure| panic!("{failure}"));
        let created = create(&self.app(), None, Actor::Operator, spec, Some(&brought), None).await;
        let created = created.unwrap_or_else(|failure| panic!("{failure}"));
        RelyingParty::new(Arc::clone(&self.shared), &created.client_id, Some(secret), &redirect_uri)
    }

    /// The same client with a new secret.
    pub async fn db_rotate_secret(&self, party: &RelyingParty, overlap: i64) -> RelyingParty {
        let app = self.app();
        let rotated = grantor::flows::clients::rotate_secret::rotate_secret(
            &app,
            None,
            Actor::Operator,
            &party.client_id,
            None,
            Some(overlap),
        );
        let rotated = rotated.await.unwrap_or_else(|failure| panic!("{failure}"));
        let secret = rotated.secret.as_ref().map(|secret| secret.expose());
        self.shared.secrets.saw(secret.expect("a secret"));
        party.with_secret(secret, party.by)
    }
}

impl TestApp {
    /// One round of housekeeping.
    pub async fn db_sweep(&self) {
        grantor::flows::housekeeping::sweep(&self.app()).await.expect("the store answers");
    }
}
