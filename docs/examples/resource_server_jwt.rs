//! A resource server that verifies JWT access tokens by itself (RFC 9068): `cargo run --example resource_server_jwt`.

#![expect(clippy::disallowed_methods, reason = "a program of its own reads the system's clock itself")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Mutex, RwLock};

/// The key set is read again when a new key's name comes, and when it is older than it may be or than this: a key that
/// somebody stole is withdrawn by leaving the set.
const KEPT: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    scope: String,
    organization: Option<String>,
}

#[derive(Default)]
struct Keys {
    named: HashMap<String, DecodingKey>,
    /// When it is to be read again, and when it is believed no longer.
    ages: Option<(Instant, Instant)>,
    problem: Option<String>,
}

struct Reports {
    issuer: String,
    audience: String,
    http: reqwest::Client,
    keys: RwLock<Keys>,
    /// The last look at the key set: at most one in `pause`, however many tokens ask for it.
    looked: Mutex<Option<Instant>>,
    pause: Duration,
}

impl Reports {
    /// The key of this name, in a set that is young enough.
    async fn key(&self, kid: &str) -> Result<Option<DecodingKey>, String> {
        if self.wants(kid).await {
            // Whoever comes meanwhile waits for the look and makes none.
            let mut looked = self.looked.lock().await;
            if self.wants(kid).await && looked.is_none_or(|at| at.elapsed() >= self.pause) {
                *looked = Some(Instant::now());
                let read = self.read().await;
                let mut keys = self.keys.write().await;
                match read {
                    Ok(fresh) => *keys = fresh,
                    Err(error) => keys.problem = Some(error.to_string()),
                }
            }
        }
        let keys = self.keys.read().await;
        let (key, ended) = (keys.named.get(kid).cloned(), keys.ages.is_none_or(|(_, ends)| Instant::now() >= ends));
        // 503 below: who cannot ask lets nobody new in, and nobody at all once the set is too old.
        match &keys.problem {
            Some(problem) if ended || key.is_none() => Err(problem.clone()),
            None if ended => Err("the key set is too old".to_owned()),
            _ => Ok(key),
        }
    }

    async fn wants(&self, kid: &str) -> bool {
        let keys = self.keys.read().await;
        !keys.named.contains_key(kid) || keys.ages.is_none_or(|(stale, _)| Instant::now() >= stale)
    }

    async fn read(&self) -> Result<Keys, reqwest::Error> {
        let answer = self.http.get(format!("{}/oauth/jwks.json", self.issuer)).send().await?.error_for_status()?;
        let control = answer.headers().get("cache-control").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let age = control.split(',').find_map(|word| word.trim().strip_prefix("max-age=")?.parse().ok());
        let (age, now) = (age.map_or(KEPT, |age: u64| Duration::from_secs(age.min(86_400))), Instant::now());
        let set: JwkSet = answer.json().await?;
        let usable =
            |jwk: &jsonwebtoken::jwk::Jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?));
        let named = set.keys.iter().filter_map(usable).collect();
        Ok(Keys { named, ages: Some((now + age.min(KEPT), now + age.max(KEPT))), problem: None })
    }

    /// The claims of a good token for us; nothing for any other. Every check is needed.
    async fn verified(&self, token: &str) -> Result<Option<Claims>, String> {
        let Ok(header) = decode_header(token) else { return Ok(None) };
        // One type, so that no ID token passes.
        let typed = header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt"));
        let (true, true, Some(kid)) = (token.len() <= 8192, typed, header.kid) else { return Ok(None) };
        let Some(key) = self.key(&kid).await? else { return Ok(None) };
        // One algorithm, chosen here and not by the token.
        let mut checks = Validation::new(Algorithm::ES256);
        checks.leeway = 0;
        checks.set_required_spec_claims(&["exp", "iss", "aud"]);
        checks.set_issuer(&[&self.issuer]);
        checks.set_audience(&[&self.audience]);
        Ok(decode::<Claims>(token, &key, &checks).ok().map(|token| token.claims))
    }
}

async fn projects(request: HttpRequest, reports: web::Data<Reports>) -> HttpResponse {
    let say = |status: StatusCode, body: Value, challenge: &str| {
        let mut answer = HttpResponse::build(status);
        if !challenge.is_empty() {
            answer.insert_header(("WWW-Authenticate", format!("Bearer {challenge}")));
        }
        answer.json(body)
    };
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((_, token)) = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return say(StatusCode::UNAUTHORIZED, json!({ "error": "no token" }), "realm=\"reports\"");
    };
    let claims = match reports.verified(token).await {
        Ok(Some(claims)) => claims,
        Ok(None) => {
            return say(StatusCode::UNAUTHORIZED, json!({ "error": "invalid_token" }), "error=\"invalid_token\"");
        }
        // Never let anybody in because grantor does not answer.
        Err(error) => return say(StatusCode::SERVICE_UNAVAILABLE, json!({ "error": error }), ""),
    };
    let needed = if request.method() == "GET" { "project:read" } else { "project:write" };
    if !claims.scope.split(' ').any(|scope| scope == needed) {
        let challenge = format!("error=\"insufficient_scope\", scope=\"{needed}\"");
        return say(StatusCode::FORBIDDEN, json!({ "error": "insufficient_scope" }), &challenge);
    }
    let body = json!({ "projects": ["apollo"], "for": claims.sub, "organization": claims.organization });
    say(StatusCode::OK, body, "")
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().map_err(std::io::Error::other)?;
    let (issuer, audience) = (variable("GRANTOR_ISSUER"), variable("AUDIENCE"));
    let pause = std::env::var("LOOK_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
    let (keys, looked, pause) = (RwLock::default(), Mutex::default(), Duration::from_secs(pause));
    let reports = web::Data::new(Reports { issuer, audience, http, keys, looked, pause });
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = HttpServer::new(move || App::new().app_data(reports.clone()).default_service(web::to(projects)));
    let server = server.workers(1).bind(("127.0.0.1", port))?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await
}
