//! An upstream provider of our own that can do everything wrong: OpenID Connect, plain OAuth 2.0 and GitHub's API, on a
//! port of its own. Browsers do not visit it: the test answers for it where a person would have clicked.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::clock::Clock;
use serde_json::{Value, json};

pub use super::defects::{DEFECTS, Defect};

pub struct Upstream {
    pub issuer: String,
    shared: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
}

struct State {
    issuer: String,
    clock: Clock,
    defect: Option<Defect>,
    key: EcdsaKeyPair,
    kid: String,
    stranger: EcdsaKeyPair,
    /// What the ID token or the user resource says.
    person: Value,
    /// Claims only userinfo has.
    userinfo: Value,
    /// Codes given out: nonce and PKCE challenge.
    codes: HashMap<String, (String, String)>,
    refused_refresh: bool,
    with_refresh_token: bool,
    member: bool,
    sends_iss: bool,
    tells_auth_time: bool,
    signed_in_at: Option<i64>,
    forbids: bool,
    requests: Vec<String>,
}

impl Upstream {
    pub fn start(clock: Clock) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let key = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let state = State {
            issuer: issuer.clone(),
            clock,
            defect: None,
            key: key(),
            kid: "k1".to_owned(),
            stranger: key(),
            person: json!({ "sub": "u1", "email": "nell@acme.example", "email_verified": true, "name": "Nell" }),
            userinfo: json!({}),
            codes: HashMap::new(),
            refused_refresh: false,
            with_refresh_token: true,
            member: true,
            sends_iss: true,
            tells_auth_time: true,
            signed_in_at: None,
            forbids: false,
            requests: Vec::new(),
        };
        let (shared, stop) = (Arc::new(Mutex::new(state)), Arc::new(AtomicBool::new(false)));
        let (state, stopped) = (Arc::clone(&shared), Arc::clone(&stop));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), state) = (stream, Arc::clone(&state)) else { continue };
                std::thread::spawn(move || answer(stream, &state));
            }
        });
        Upstream { issuer, shared, stop }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }

    /// Settings of a provider row that trusts it.
    pub fn oidc_settings(&self) -> String {
        let claims = json!({
            "subject": "sub", "email": "email", "email_verified": "email_verified", "name": "name", "teams": "groups"
        });
        json!({ "issuer": self.issuer, "client_id": "grantor", "scopes": "openid email profile", "claims": claims })
            .to_string()
    }

    pub fn breaks(&self, defect: Option<Defect>) {
        self.state().defect = defect;
    }

    pub fn says(&self, person: Value) {
        self.state().person = person;
    }

    pub fn says_at_userinfo(&self, claims: Value) {
        self.state().userinfo = claims;
    }

    pub fn refuses_refresh(&self, refuses: bool) {
        self.state().refused_refresh = refuses;
    }

    pub fn gives_refresh_tokens(&self, gives: bool) {
        self.state().with_refresh_token = gives;
    }

    pub fn has_member(&self, member: bool) {
        self.state().member = member;
    }

    pub fn sends_iss(&self, sends: bool) {
        self.state().sends_iss = sends;
    }

    pub fn tells_auth_time(&self, tells: bool) {
        self.state().tells_auth_time = tells;
    }

    /// The person's session there began then; none for a new one at every answer.
    pub fn signed_in_at(&self, at: Option<i64>) {
        self.state().signed_in_at = at;
    }

    /// Asked about memberships too often.
    pub fn forbids(&self, forbids: bool) {
        self.state().forbids = forbids;
    }

    /// New key, new name.
    pub fn rotates_keys(&self) {
        let mut state = self.state();
        state.key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        state.kid = format!("{}+", state.kid);
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.state().requests.iter().filter(|asked| *asked == path).count()
    }

    /// The person says yes: the address the browser is sent back to.
    pub fn allows(&self, location: &str) -> String {
        self.allows_with(location, &[])
    }

    /// The same with other parameters in the answer; an empty value leaves one out.
    pub fn allows_with(&self, location: &str, changes: &[(&str, &str)]) -> String {
        let url = url::Url::parse(location).expect("an absolute address");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let mut state = self.state();
        let code = format!("upstream-code-{}", state.codes.len());
        let part = |name: &str| asked.get(name).cloned().unwrap_or_default();
        assert_eq!((part("response_type").as_str(), part("code_challenge_method").as_str()), ("code", "S256"));
        state.codes.insert(code.clone(), (part("nonce"), part("code_challenge")));
        let mut answer = vec![("code", code), ("state", part("state"))];
        if state.sends_iss {
            answer.push(("iss", state.issuer.clone()));
        }
        for (name, value) in changes {
            answer.retain(|(known, _)| known != name);
            if !value.is_empty() {
                answer.push((name, (*value).to_owned()));
            }
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        format!("{}?{query}", part("redirect_uri"))
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.issuer.trim_start_matches("http://"));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let Some((path, head, body)) = read(&mut stream) else { return };
    let defect = {
        let mut state = lock(state);
        state.requests.push(path.clone());
        state.defect
    };
    let at_token = path == "/token";
    if at_token && defect == Some(Defect::Slow) {
        // One byte now and then, until it is mended or nobody listens.
        let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
        while lock(state).defect == Some(Defect::Slow) {
            std::thread::sleep(Duration::from_millis(50));
            if stream.write_all(b" ").is_err() {
                return;
            }
        }
        return;
    }
    let (status, kind, text) = respond(&lock(state), &path, &head, &body);
    let more = match (defect, path.as_str()) {
        (Some(Defect::RedirectToPrivate), "/token")
        | (Some(Defect::DiscoveryRedirects), "/.well-known/openid-configuration") => "Location: http://10.0.0.1/\r\n",
        _ => "",
    };
    let answer = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    let _sent = stream.write_all(answer.as_bytes());
}

/// Path, head and body of one request.
fn read(stream: &mut TcpStream) -> Option<(String, String, String)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            let path = head.split(' ').nth(1)?.to_owned();
            return Some((path, head.to_owned(), body.to_owned()));
        }
    }
}

const JSON: &str = "application/json";

fn respond(state: &State, path: &str, head: &str, body: &str) -> (u16, &'static str, String) {
    let defect = state.defect;
    match path {
        "/.well-known/openid-configuration" => match defect {
            Some(Defect::JunkDiscovery) => (200, JSON, "<html>".to_owned()),
            Some(Defect::DiscoveryRedirects) => (302, JSON, String::new()),
            _ => (200, JSON, discovery(state).to_string()),
        },
        "/jwks" => match defect {
            Some(Defect::JunkKeys) => (200, JSON, "{\"keys\":".to_owned()),
            _ => (200, JSON, json!({ "keys": [{ "kty": "XYZ" }, jwk(&state.key, &state.kid)] }).to_string()),
        },
        "/token" | "/login/oauth/access_token" => match defect {
            Some(Defect::Status500) => (500, JSON, "{}".to_owned()),
            Some(Defect::RedirectToPrivate) => (302, JSON, String::new()),
            Some(Defect::JunkAnswer) => (200, JSON, "<html>not json".to_owned()),
            Some(Defect::HugeAnswer) => (200, JSON, format!("{{\"x\":\"{}\"}}", "x".repeat(2_000_000))),
            _ => token(state, body),
        },
        _ if !head.to_ascii_lowercase().contains("authorization: bearer upstream-access") => {
            (401, JSON, "{}".to_owned())
        }
        "/userinfo" => {
            let mut claims = state.userinfo.clone();
            claims["sub"] = match defect {
                Some(Defect::ForeignUserinfo) => json!("somebody else"),
                _ => state.person["sub"].clone(),
            };
            (200, JSON, claims.to_string())
        }
        "/user" | "/api/v3/user" => (200, JSON, state.person.to_string()),
        "/api/v3/user/emails" => {
            let verified = state.person["email_verified"].clone();
            let other = json!({ "email": "other@x.example", "primary": false, "verified": true });
            (
                200,
                JSON,
                json!([other, { "email": state.person["email"], "primary": true, "verified": verified }]).to_string(),
            )
        }
        "/api/v3/user/memberships/orgs/acme-there" if state.forbids => (403, JSON, "{}".to_owned()),
        "/api/v3/user/memberships/orgs/acme-there" if state.member => {
            (200, JSON, json!({ "state": "active" }).to_string())
        }
        _ => (404, JSON, "{}".to_owned()),
    }
}

fn discovery(state: &State) -> Value {
    let at = |path: &str| format!("{}{path}", state.issuer);
    let issuer = if state.defect == Some(Defect::OtherDiscoveryIssuer) { at("/other") } else { state.issuer.clone() };
    let keys = if state.defect == Some(Defect::KeysOnPrivateNetwork) {
        "https://169.254.169.254/keys".to_owned()
    } else {
        at("/jwks")
    };
    json!({
        "issuer": issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": keys, "userinfo_endpoint": at("/userinfo"),
        "authorization_response_iss_parameter_supported": state.sends_iss,
        "scopes_supported": ["openid", "email", "profile", "offline_access"],
    })
}

fn token(state: &State, body: &str) -> (u16, &'static str, String) {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let part = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let refused = |error: &str| (400, JSON, json!({ "error": error }).to_string());
    let nonce = match part("grant_type") {
        "refresh_token" if state.refused_refresh || part("refresh_token") != "upstream-refresh" => {
            return refused("invalid_grant");
        }
        "refresh_token" => String::new(),
        _ => {
            let Some((nonce, challenge)) = state.codes.get(part("code")) else { return refused("invalid_grant") };
            let hash = digest::digest(&digest::SHA256, part("code_verifier").as_bytes());
            if URL_SAFE_NO_PAD.encode(hash) != *challenge {
                return refused("invalid_grant");
            }
            nonce.clone()
        }
    };
    let mut answer = json!({ "access_token": "upstream-access", "token_type": "Bearer", "expires_in": 3600 });
    if state.with_refresh_token {
        answer["refresh_token"] = json!("upstream-refresh");
    }
    if state.defect != Some(Defect::NoIdToken) {
        answer["id_token"] = json!(id_token(state, &nonce));
    }
    (200, JSON, answer.to_string())
}

fn id_token(state: &State, nonce: &str) -> String {
    let now = state.clock.now();
    let mut claims = state.person.clone();
    for (name, value) in [
        ("iss", json!(state.issuer)),
        ("aud", json!("grantor")),
        ("iat", json!(now)),
        ("exp", json!(now + 300)),
        ("auth_time", json!(state.signed_in_at.unwrap_or(now))),
    ] {
        claims[name] = value;
    }
    if !nonce.is_empty() {
        claims["nonce"] = json!(nonce);
    }
    if !state.tells_auth_time {
        claims.as_object_mut().expect("an object").remove("auth_time");
    }
    let mut header = json!({ "alg": "ES256", "kid": state.kid, "typ": "JWT" });
    let mut drop = |name: &str| claims.as_object_mut().expect("an object").remove(name);
    match state.defect {
        Some(Defect::NoNonce) => _ = drop("nonce"),
        Some(Defect::NoExpiry) => _ = drop("exp"),
        Some(Defect::NoSubject) => _ = drop("sub"),
        Some(Defect::WrongIssuer) => claims["iss"] = json!("https://evil.example"),
        Some(Defect::IssuerWithSlash) => claims["iss"] = json!(format!("{}/", state.issuer)),
        Some(Defect::WrongAudience) => claims["aud"] = json!("somebody-else"),
        Some(Defect::ForeignAuthorizedParty) => claims["azp"] = json!("somebody-else"),
        Some(Defect::TwoAudiences) => claims["aud"] = json!(["grantor", "somebody-else"]),
        Some(Defect::WrongNonce) => claims["nonce"] = json!("another"),
        Some(Defect::Expired) => claims["exp"] = json!(now - 3600),
        Some(Defect::IssuedTomorrow) => claims["iat"] = json!(now + 86_400),
        Some(Defect::IssuedYesterday) => claims["iat"] = json!(now - 86_400),
        Some(Defect::HugeToken) => claims["x"] = json!("x".repeat(9000)),
        Some(Defect::UnknownKey) => header["kid"] = json!("never published"),
        Some(Defect::Critical) => header["crit"] = json!(["b64"]),
        Some(Defect::OtherType) => header["typ"] = json!("at+jwt"),
        Some(Defect::AlgorithmNone) => header["alg"] = json!("none"),
        Some(Defect::PublicKeyAsSecret) => header["alg"] = json!("HS256"),
        _ => {}
    }
    let mut claims = claims.to_string();
    if state.defect == Some(Defect::DoubledClaim) {
        claims = claims.replacen('{', "{\"sub\":\"somebody else\",", 1);
    }
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
    let key = if state.defect == Some(Defect::StrangersKey) { &state.stranger } else { &state.key };
    let signature = match state.defect {
        Some(Defect::AlgorithmNone) => Vec::new(),
        Some(Defect::PublicKeyAsSecret) => {
            let public = state.key.public_key().as_der().expect("a public key");
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public.as_ref()), message.as_bytes()).as_ref().to_vec()
        }
        _ => key.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature").as_ref().to_vec(),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn jwk(key: &EcdsaKeyPair, kid: &str) -> Value {
    let point = key.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, "x": x, "y": y })
}
