//! A client that signs its requests, and the place where it keeps them (RFC 9101).

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use grantor::crypto::signing::SigningKey;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Map, Value, json};

use crate::support::signing_keys::demo;
use crate::support::{RelyingParty, TestApp};

/// The client's key of an algorithm; of no other use, as the server has keys of its own in these stories.
pub fn key(algorithm: SigningAlgorithm) -> SigningKey {
    demo(&format!("client-{}", algorithm.as_str()), algorithm)
}

/// A key that nobody registered, under the name of one that is.
pub fn strangers_key() -> SigningKey {
    let new = SigningKey::generate(SigningAlgorithm::Es256, 2048).expect("a key");
    SigningKey::open("client-ES256", SigningAlgorithm::Es256, new.pkcs8()).expect("a key")
}

/// Registers every key of [`key`].
pub async fn registers_keys(app: &TestApp, party: &RelyingParty) {
    let keys: Vec<Value> = SigningAlgorithm::ALL.into_iter().map(|algorithm| key(algorithm).public_jwk()).collect();
    app.db_metadata(party, |metadata| metadata.jwks = Some(json!({ "keys": keys }))).await;
}

/// What the object of this request says, changed; null leaves a member out.
pub fn said(app: &TestApp, party: &RelyingParty, changes: &Value) -> Map<String, Value> {
    let mut said: Map<String, Value> = party
        .request(&[("scope", "openid"), ("nonce", "n-1")])
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    let now = app.now();
    let about = json!({ "iss": party.client_id, "aud": app.shared.issuer, "iat": now, "exp": now + 60 });
    for changes in [&about, changes] {
        for (name, value) in changes.as_object().expect("an object") {
            match value {
                Value::Null => said.remove(name),
                value => said.insert(name.clone(), value.clone()),
            };
        }
    }
    said
}

/// The object, signed with the client's ES256 key.
pub fn object(app: &TestApp, party: &RelyingParty, changes: &Value) -> String {
    key(SigningAlgorithm::Es256).sign("oauth-authz-req+jwt", &said(app, party, changes)).expect("a token")
}

/// The link with nothing but the client and these parameters.
pub fn link(party: &RelyingParty, parameters: &[(&str, &str)]) -> String {
    let all = [&[("client_id", party.client_id.as_str())], parameters].concat();
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
    format!("{}/oauth/authorize?{query}", party.shared.issuer)
}

/// Where request objects are kept: one answer for everybody who asks.
pub struct Place {
    pub url: String,
    answer: Arc<Mutex<(&'static str, Vec<u8>)>>,
    visits: Arc<AtomicUsize>,
}

impl Place {
    pub fn open() -> Place {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/request.jwt", listener.local_addr().expect("an address"));
        let answer: Arc<Mutex<(&'static str, Vec<u8>)>> = Arc::new(Mutex::new(("404 X", Vec::new())));
        let visits = Arc::new(AtomicUsize::new(0));
        let (given, counted) = (Arc::clone(&answer), Arc::clone(&visits));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let _read = stream.read(&mut [0; 4096]);
                counted.fetch_add(1, Ordering::SeqCst);
                let (status, body) = given.lock().expect("the answer").clone();
                let kind = "Content-Type: application/oauth-authz-req+jwt\r\nLocation: http://127.0.0.1:1/";
                let head = format!(
                    "HTTP/1.1 {status}\r\n{kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            }
        });
        Place { url, answer, visits }
    }

    pub fn gives(&self, status: &'static str, body: impl Into<Vec<u8>>) {
        *self.answer.lock().expect("the answer") = (status, body.into());
    }

    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}
