//! The OpenID Provider. Each function below named `oidcc_..` is the black-box test of that module of the certification
//! plans, written from the specifications.

mod ages;
mod as_advertised;
pub mod assertions;
mod basic;
mod claims_parameter;
mod client_metadata;
mod client_pages;
mod discovery;
mod fetches;
mod front_channel;
mod grantor_behind_grantor;
mod hints;
mod id_token;
mod jwt_access_tokens;
mod jwt_refused;
mod logout;
mod pairwise;
mod registration;
mod registration_care;
mod registration_rules;
mod registration_tokens;
mod registration_tokens_pages;
mod request_objects;
mod request_objects_hostile;
mod request_signer;
mod resource_indicators;
mod rotation;
mod select_account;
mod signed_answers;
mod standard_claims;
mod upstream_sign_in;
mod userinfo;

use grantor::crypto::jwt::{self, KeySet};
use grantor::protocol::registered_metadata::RegisteredMetadata;
use grantor::protocol::response_type::ResponseType;
use grantor::protocol::standard_claims::{Address, StandardClaims};
use grantor::store::{CachedRow, clients};
use serde_json::{Map, Value};

use crate::support::db_shortcuts::{ClientSpec, strings, web_client};
use crate::support::page::Page;
use crate::support::{Answer, Person, RelyingParty, TestApp};

/// Every identity scope.
pub const ALL: &str = "openid profile email address phone offline_access";

/// A web client that may ask who somebody is.
pub fn relying_party() -> ClientSpec {
    let scopes = ["openid", "profile", "email", "address", "phone", "offline_access", "org:read"];
    ClientSpec { scopes: strings(&scopes), ..web_client() }
}

/// The stage of most stories: a client, and Ada of whom everything is known.
pub async fn stage(app: &TestApp) -> (RelyingParty, Person) {
    stage_of(app, relying_party()).await
}

/// The same with another client. A story may set its stage more than once.
pub async fn stage_of(app: &TestApp, spec: ClientSpec) -> (RelyingParty, Person) {
    let login = format!("ada{}", app.rows("users"));
    let (party, ada) = (app.db_client(spec).await, app.db_user(&login).await);
    let text = |text: &str| Some(text.to_owned());
    let claims = StandardClaims {
        given_name: text("Ada"),
        family_name: text("Lovelace"),
        middle_name: text("King"),
        nickname: text("Enchantress"),
        profile: text("https://ada.example/about"),
        picture: text("https://ada.example/ada.png"),
        website: text("https://ada.example/"),
        gender: text("female"),
        birthdate: text("1815-12-10"),
        zoneinfo: text("Europe/London"),
        locale: text("en-GB"),
        phone_number: text("+44 20 7946 0000"),
        address: Some(Address { locality: text("London"), country: text("GB"), ..Address::default() }),
        updated_at: Some(1_700_000_000),
    };
    let claims = serde_json::to_string(&claims).expect("JSON");
    app.db_batch(&format!("UPDATE users SET email = 'ada@example.test', claims = '{claims}' WHERE login = '{login}'"));
    app.restart().await;
    (party, ada)
}

/// One response type and mode of each plan: basic, implicit, hybrid, and their form post twins.
pub const PLANS: [(ResponseType, &str); 6] = [
    (ResponseType::Code, ""),
    (ResponseType::IdTokenToken, ""),
    (ResponseType::CodeIdToken, ""),
    (ResponseType::Code, "form_post"),
    (ResponseType::IdToken, "form_post"),
    (ResponseType::CodeIdTokenToken, "form_post"),
];

/// An authentication request of a plan, changed.
pub fn of_plan<'a>(plan: &'a (ResponseType, &'a str), changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [("scope", "openid"), ("response_type", plan.0.as_str()), ("response_mode", plan.1), ("nonce", "n-1")];
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes).copied().collect()
}

/// What came back to the client, in whatever mode.
pub fn sent_back(page: &Page, party: &RelyingParty) -> Map<String, Value> {
    let pairs = match page.status {
        200 => {
            let form = page.form("form-post-continue");
            assert_eq!(form.action, party.redirect_uri);
            form.fields
        }
        _ => page.redirected_to(&party.redirect_uri),
    };
    pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}

/// The ID token's claims, from the answer or for its code.
pub async fn told(app: &TestApp, party: &RelyingParty, page: &Page) -> Map<String, Value> {
    let answer = sent_back(page, party);
    assert!(!answer.contains_key("error"), "{answer:?}");
    if answer.contains_key("id_token") {
        return front_channel::claims_of(app, &answer).await;
    }
    let code = answer["code"].as_str().expect("a code");
    verified(app, &party.redeem(code).await).await.0
}

/// The code of a refusal that went to the client.
pub fn refusal(page: &Page, party: &RelyingParty) -> String {
    let answer = sent_back(page, party);
    answer.get("error").and_then(Value::as_str).unwrap_or_else(|| panic!("no error: {answer:?}")).to_owned()
}

/// The claims of an ID token whose signature fits the published keys, with its header.
pub async fn verified(app: &TestApp, answer: &Answer) -> (Map<String, Value>, Value) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token = answer.text("id_token");
    let keys = KeySet::parse(&app.get("/oauth/jwks.json").await.body).expect("a JWK set");
    let claims = jwt::verify(&token, &keys).unwrap_or_else(|refusal| panic!("{refusal}: {token}"));
    (claims, part(&token, 0))
}

/// The claims of a JWT of this type whose signature fits the published keys, with its header.
pub async fn verified_jwt(app: &TestApp, token: &str, typ: &str) -> (Map<String, Value>, Value) {
    let keys = KeySet::parse(&app.get("/oauth/jwks.json").await.body).expect("a JWK set");
    let signed = jwt::verify_of_kind(token, &keys, &[typ]).unwrap_or_else(|refusal| panic!("{refusal}: {token}"));
    let header = part(token, 0);
    assert_eq!(header["typ"], typ);
    (signed.claims, header)
}

/// A part of a JWS, unverified.
pub fn part(token: &str, index: usize) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(index).expect("a part");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// The answer of the token endpoint after sign-in and consent.
pub async fn signed_in(app: &TestApp, party: &RelyingParty, person: &Person, changes: &[(&str, &str)]) -> Answer {
    let browser = app.db_signed_in(person).await;
    let code = party.code(&browser, changes).await;
    party.redeem(&code).await
}

impl TestApp {
    /// Changes what a client registered beyond its columns.
    pub async fn db_metadata(&self, party: &RelyingParty, change: impl FnOnce(&mut RegisteredMetadata)) {
        self.db_client_row(party, |row| change(&mut row.metadata.0)).await;
    }

    /// Front-channel tokens without a click for a proven address.
    pub async fn db_silent_token(&self, party: &RelyingParty) {
        self.db_client_row(party, |row| row.silent_token = true).await;
    }

    pub async fn db_client_row(&self, party: &RelyingParty, change: impl FnOnce(&mut clients::ClientRow)) {
        let (app, client_id) = (self.app(), party.client_id.clone());
        let row = app.store.read(move |conn| match clients::id_of(conn, &client_id)? {
            Some(id) => clients::ClientRow::load(conn, id),
            None => Ok(None),
        });
        let mut row = row.await.expect("the store answers").expect("a client");
        change(&mut row);
        app.store.write(move |write| clients::update(write, &row)).await.expect("the store answers");
    }
}
