//! A resource server that asks grantor about every token (RFC 7662): `cargo run --example resource_server`.

#![expect(clippy::disallowed_methods, reason = "a program of its own reads the system's clock itself")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// A revoked token works here for at most this long.
const CACHE: Duration = Duration::from_secs(10);

#[derive(Clone, Deserialize)]
struct Answer {
    active: bool,
    #[serde(default)]
    scope: String,
    sub: Option<String>,
    organization: Option<String>,
    exp: Option<u64>,
}

struct Reports {
    endpoint: String,
    client_id: String,
    client_secret: String,
    http: reqwest::Client,
    known: Mutex<HashMap<String, (Answer, Instant)>>,
}

impl Reports {
    async fn introspect(&self, token: &str) -> Result<Answer, reqwest::Error> {
        let kept = self.known.lock().ok().and_then(|known| known.get(token).cloned());
        if let Some((answer, until)) = kept
            && Instant::now() < until
        {
            return Ok(answer);
        }
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let request = self.http.post(&self.endpoint).form(&[("token", token)]);
        let request = request.basic_auth(encode(&self.client_id), Some(encode(&self.client_secret)));
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let left = answer.exp.map_or(CACHE, |exp| Duration::from_secs(exp.saturating_sub(now)));
        if let Ok(mut known) = self.known.lock() {
            if known.len() > 10_000 {
                known.clear();
            }
            match answer.active {
                true => known.insert(token.to_owned(), (answer.clone(), Instant::now() + CACHE.min(left))),
                false => known.remove(token),
            };
        }
        Ok(answer)
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
    let Some((scheme, token)) = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
    else {
        return say(StatusCode::UNAUTHORIZED, json!({ "error": "no token" }), "realm=\"reports\"");
    };
    debug_assert!(!scheme.is_empty());
    let answer = match reports.introspect(token).await {
        Ok(answer) => answer,
        // Never let anybody in because grantor does not answer.
        Err(error) => return say(StatusCode::SERVICE_UNAVAILABLE, json!({ "error": error.to_string() }), ""),
    };
    if !answer.active {
        return say(StatusCode::UNAUTHORIZED, json!({ "error": "invalid_token" }), "error=\"invalid_token\"");
    }
    let needed = if request.method() == "GET" { "project:read" } else { "project:write" };
    if !answer.scope.split(' ').any(|scope| scope == needed) {
        let challenge = format!("error=\"insufficient_scope\", scope=\"{needed}\"");
        return say(StatusCode::FORBIDDEN, json!({ "error": "insufficient_scope" }), &challenge);
    }
    let body = json!({ "projects": ["apollo"], "for": answer.sub, "organization": answer.organization });
    say(StatusCode::OK, body, "")
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().map_err(std::io::Error::other)?;
    let reports = web::Data::new(Reports {
        endpoint: format!("{}/oauth/introspect", variable("GRANTOR_ISSUER")),
        client_id: variable("CLIENT_ID"),
        client_secret: variable("CLIENT_SECRET"),
        http,
        known: Mutex::default(),
    });
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = HttpServer::new(move || App::new().app_data(reports.clone()).default_service(web::to(projects)));
    let server = server.workers(1).bind(("127.0.0.1", port))?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await
}
