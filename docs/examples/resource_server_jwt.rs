//! A resource server that verifies JWT access tokens by itself (RFC 9068): `cargo run --example resource_server_jwt`.

#![expect(clippy::disallowed_methods, reason = "a program of its own reads the system's clock itself")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Value, json};

/// At most one look at the key set in this time, however many unknown names come.
const REFETCH: Duration = Duration::from_secs(60);

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
    fetched: Option<Instant>,
}

struct Reports {
    issuer: String,
    audience: String,
    http: reqwest::Client,
    keys: Mutex<Keys>,
}

impl Reports {
    /// The key of this name: from the set we have, or from a fresh one if it is new.
    async fn key(&self, kid: &str) -> Result<Option<DecodingKey>, reqwest::Error> {
        let known = || self.keys.lock().ok().and_then(|keys| keys.named.get(kid).cloned());
        let waits = self.keys.lock().is_ok_and(|keys| keys.fetched.is_some_and(|at| at.elapsed() < REFETCH));
        let found = known();
        if found.is_some() || waits {
            return Ok(found);
        }
        let url = format!("{}/oauth/jwks.json", self.issuer);
        let set: JwkSet = self.http.get(url).send().await?.error_for_status()?.json().await?;
        let usable =
            |jwk: &jsonwebtoken::jwk::Jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?));
        if let Ok(mut keys) = self.keys.lock() {
            *keys = Keys { named: set.keys.iter().filter_map(usable).collect(), fetched: Some(Instant::now()) };
        }
        Ok(known())
    }

    /// The claims of a good token for us; nothing for any other. Every check is needed.
    async fn verified(&self, token: &str) -> Result<Option<Claims>, reqwest::Error> {
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
        Err(error) => return say(StatusCode::SERVICE_UNAVAILABLE, json!({ "error": error.to_string() }), ""),
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
    let reports = web::Data::new(Reports { issuer, audience, http, keys: Mutex::default() });
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = HttpServer::new(move || App::new().app_data(reports.clone()).default_service(web::to(projects)));
    let server = server.workers(1).bind(("127.0.0.1", port))?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await
}
