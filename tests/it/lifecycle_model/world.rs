//! The real server under the same steps: tokens, introspection and revocation over HTTP; people, clients and the
//! user's part of authorization through the flows that the pages call, because a browser's clicks are told elsewhere
//! and would make the sequences short.

use std::net::{IpAddr, Ipv4Addr};

use grantor::flows::audit::Actor;
use grantor::flows::authorize::{self, Outcome as Decision, consent};
use grantor::flows::caller::Caller;
use grantor::flows::clients::{self, ClientMetadata};
use grantor::flows::people::{self, NewPerson, find};
use grantor::flows::resource_servers::{self, ResourceServerFields};
use grantor::flows::session::{self, SignedIn};
use grantor::flows::sign_in;
use grantor::flows::terms::Terms;
use grantor::protocol::endpoints;
use grantor::protocol::params::Params;
use serde_json::Value;

use super::model::{ACCESS_LIFETIME, CLIENTS, FAMILY_LIFETIME, IDLE_LIFETIME, KINDS, USERS};
use super::scopes::{self, Scopes};
use super::step::Step;
use crate::support::TestApp;

pub const RESOURCE: &str = "https://api.example.com";
pub const REDIRECT_URI: &str = "http://127.0.0.1/callback";
/// The pair of RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client as the world knows it.
#[derive(Clone, Default)]
pub struct Registered {
    pub client_id: String,
    pub secret: Option<String>,
}

/// A person with the password of the day.
pub struct Person {
    pub login: String,
    pub sub: String,
    pub password: String,
    refused: u32,
}

pub struct World<'a> {
    pub app: &'a TestApp,
    pub clients: Vec<Registered>,
    pub people: Vec<Person>,
    resource_server: Registered,
    passwords: u32,
}

/// Status and JSON body.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// Where an authorization request ended.
pub enum Answered {
    NotSignedIn,
    Page,
    Redirected(String),
    Code { text: String, asked: bool },
}

fn caller() -> Caller {
    Caller {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: "model".to_owned(),
        device: None,
        terms: Terms::default(),
    }
}

impl<'a> World<'a> {
    pub async fn new(app: &'a TestApp) -> World<'a> {
        let mut world = World {
            app,
            clients: Vec::new(),
            people: Vec::new(),
            resource_server: Registered::default(),
            passwords: 0,
        };
        for client in 0..CLIENTS {
            let registered = world.register(metadata(client)).await;
            world.clients.push(registered);
        }
        let metadata =
            ClientMetadata { may_introspect: true, grant_types: Some(Vec::new()), ..ClientMetadata::default() };
        world.resource_server = world.register(metadata).await;
        let fields = ResourceServerFields {
            identifier: RESOURCE.to_owned(),
            name: None,
            scope_sets: ["org", "team", "project:releases"].map(str::to_owned).to_vec(),
            client: Some(world.resource_server.client_id.clone()),
            access_token_signed_response_alg: None,
        };
        resource_servers::create::create(&app.app(), fields, None).await.expect("a resource server");
        for user in 0..USERS {
            let (login, password) = (format!("user{user}"), world.next_password());
            let new = NewPerson { login: login.clone(), password: Some(password.clone()), ..NewPerson::default() };
            let row = people::create::create(&app.app(), None, Actor::Operator, new).await.expect("an account");
            world.people.push(Person { login, sub: row.sub, password, refused: 0 });
        }
        world
    }

    async fn register(&self, metadata: ClientMetadata) -> Registered {
        let created = clients::create::create(&self.app.app(), None, Actor::Operator, metadata, None, None).await;
        let Ok(created) = created else { panic!("a client is refused") };
        let secret = created.secret.map(|secret| secret.expose().to_owned());
        secret.iter().for_each(|secret| self.app.shared.secrets.saw(secret));
        Registered { client_id: created.client_id, secret }
    }

    fn next_password(&mut self) -> String {
        self.passwords += 1;
        let password = format!("purple walrus ledger {}", self.passwords);
        self.app.shared.secrets.saw(&password);
        password
    }

    /// Signs in and carries the request through, with a click where one is asked for.
    pub async fn authorize(&mut self, user: usize, client: usize, asked: Scopes, allow: bool) -> Answered {
        let app = self.app.app();
        let signed_in = self.sign_in(user).await;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.clients[client].client_id)
            .append_pair("redirect_uri", REDIRECT_URI)
            .append_pair("scope", &scopes::text(asked))
            .append_pair("code_challenge", CHALLENGE)
            .append_pair("code_challenge_method", "S256");
        if !allow {
            query.append_pair("prompt", "consent");
        }
        let params = Params::parse(query.finish().as_bytes()).expect("a query");
        let browser =
            authorize::Browser { signed_in: signed_in.as_ref(), browser_cookie: "browser", address: caller().address };
        let decision = authorize::authorize(&app, &caller(), &params, &browser).await.expect("a decision");
        let (response, asked) = match decision {
            Decision::Page(_) | Decision::ChooseOrganization(_) | Decision::AskOwner(_) => return Answered::Page,
            Decision::Register(_) | Decision::SelectAccount(_) => return Answered::Page,
            Decision::SignIn(_) | Decision::LinkIdentity(_) => return Answered::NotSignedIn,
            Decision::Respond(response) => (response, false),
            Decision::Consent(prompt) => {
                let who = signed_in.expect("only somebody signed in is asked");
                let answer = if allow { consent::Answer::Allow } else { consent::Answer::Deny };
                match consent::answer(&app, &caller(), &who, prompt.token.expose(), answer).await.expect("an answer") {
                    consent::Answered::Respond(response) => (response, true),
                    consent::Answered::Void(_) => return Answered::Page,
                }
            }
        };
        let parameter =
            |name: &str| response.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        match parameter("code") {
            Some(text) => Answered::Code { text: self.saw(text), asked },
            None => Answered::Redirected(parameter("error").expect("an error")),
        }
    }

    /// The throttle is told elsewhere: after some refusals the person does not try again.
    async fn sign_in(&mut self, user: usize) -> Option<SignedIn> {
        let app = self.app.app();
        let person = &mut self.people[user];
        if person.refused > 5 && !find::by_login(&app, &person.login).await.expect("the account").is_active() {
            return None;
        }
        match sign_in::sign_in(&app, &caller(), None, &person.login, person.password.clone()).await {
            Ok(new) => session::current(&app, new.cookie.expose()).await.expect("an answer"),
            Err(_) => {
                person.refused += 1;
                None
            }
        }
    }

    /// What the operator and the people themselves change.
    pub async fn govern(&mut self, step: Step) {
        let app = self.app.app();
        let (app, operator) = (&*app, Actor::Operator);
        let row = async |user: usize| find::by_login(app, &format!("user{user}")).await.expect("the account");
        match step {
            Step::RevokeAuthorization { user, client } => {
                let client_id = &self.clients[client].client_id;
                let row = row(user).await;
                people::authorizations::revoke(app, None, operator, &row, client_id, None)
                    .await
                    .map(drop)
                    .expect("done");
            }
            Step::DisableUser { user } => {
                people::status::disable(app, None, operator, &row(user).await).await.map(drop).expect("done");
            }
            Step::EnableUser { user } => {
                people::status::enable(app, None, operator, &row(user).await).await.map(drop).expect("done");
            }
            Step::DisableClient { client } => {
                clients::status::disable(app, None, operator, &self.clients[client].client_id)
                    .await
                    .map(drop)
                    .expect("done");
            }
            Step::EnableClient { client } => {
                clients::status::enable(app, None, operator, &self.clients[client].client_id)
                    .await
                    .map(drop)
                    .expect("done");
            }
            Step::ChangePassword { user } => {
                let (row, password) = (row(user).await, self.next_password());
                people::password::set(app, None, operator, &row, password.clone()).await.expect("done");
                self.people[user].password = password;
            }
            Step::SignOutEverywhere { user } => {
                let row = row(user).await;
                people::sign_out_everywhere::sign_out_everywhere(app, None, operator, &row)
                    .await
                    .map(drop)
                    .expect("done");
            }
            Step::Wait { seconds } => self.app.wait(seconds.unsigned_abs()),
            Step::Restart => self.app.restart().await,
            _ => unreachable!("{step:?} is a request"),
        }
    }

    /// Sends a form as this client.
    pub async fn post(&self, client: usize, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_as(&self.clients[client], path, form).await
    }

    /// What the resource server is told.
    pub async fn ask_resource_server(&self, token: &str) -> Answer {
        self.post_as(&self.resource_server, endpoints::INTROSPECTION, &[("token", token)]).await
    }

    async fn post_as(&self, client: &Registered, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        let request = self.app.shared.http.post(self.app.shared.url(path));
        let request = match &client.secret {
            Some(secret) => request.basic_auth(&client.client_id, Some(secret)),
            None => {
                form.push(("client_id", &client.client_id));
                request
            }
        };
        let response = request.form(&form).send().await.expect("the server answers");
        let status = response.status().as_u16();
        let body = response.text().await.expect("a body");
        Answer { status, body: serde_json::from_str(&body).unwrap_or(Value::Null) }
    }

    /// Remembers a secret, for the search when the app ends.
    pub fn saw(&self, text: String) -> String {
        self.app.shared.secrets.saw(&text);
        text
    }
}

fn metadata(client: usize) -> ClientMetadata {
    let kind = KINDS[client];
    let mut grant_types = vec!["authorization_code".to_owned(), "refresh_token".to_owned()];
    if kind.confidential {
        grant_types.push("client_credentials".to_owned());
    }
    ClientMetadata {
        kind: Some(if kind.confidential { "confidential" } else { "public" }.to_owned()),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        grant_types: Some(grant_types),
        scopes: scopes::text(kind.scopes).split(' ').map(str::to_owned).collect(),
        rotate_refresh_tokens: Some(kind.rotates),
        access_token_lifetime: Some(ACCESS_LIFETIME),
        refresh_idle_lifetime: Some(IDLE_LIFETIME),
        refresh_absolute_lifetime: Some(FAMILY_LIFETIME),
        // Left to the default, which the model knows.
        refresh_grace: None,
        ..ClientMetadata::default()
    }
}
