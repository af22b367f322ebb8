//! The UserInfo endpoint (OpenID Connect Core section 5.3): GET, POST, and the token in one place only (RFC 6750
//! section 2).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::flows::openid::userinfo::{self, UserInfoRefusal};
use crate::http::answer::{cors, json};
use crate::http::request::{caller, client_request};
use crate::protocol::bearer::{BearerRefusal, BearerToken};
use crate::protocol::params::Params;

/// GET.
pub async fn get(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    answer(&request, &app, presented(&request, None)).await
}

/// POST, with the token in the header or in the form (section 5.3.1, RFC 6750 section 2.2).
pub async fn post(request: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    // The header may come with any body, or none: nothing of it is read.
    let body = match is_form {
        true => client_request::body(&app, &request, payload).await.ok(),
        false => None,
    };
    answer(&request, &app, presented(&request, body.as_ref())).await
}

/// What is wrong before the token is looked at.
enum Unusable {
    /// No token at all: the challenge says nothing more (RFC 6750 section 3.1).
    Missing,
    /// Two, doubled, or no token's characters.
    Malformed(&'static str),
}

fn presented(request: &HttpRequest, body: Option<&Params>) -> Result<String, Unusable> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let (first, second) = (headers.next(), headers.next());
    let in_body = match body.map(|body| body.once("access_token")) {
        Some(Err(_)) => return Err(Unusable::Malformed("access_token is given more than once")),
        Some(Ok(token)) => token,
        None => None,
    };
    if request.query_string().split('&').any(|pair| pair.starts_with("access_token=")) {
        return Err(Unusable::Malformed("a token in the address ends up in logs: send it in the Authorization header"));
    }
    match (first, second, in_body) {
        (None, _, None) => Err(Unusable::Missing),
        (None, _, Some(token)) => Ok(token.to_owned()),
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => Err(Unusable::Malformed("the token is given more than once")),
        (Some(header), None, None) => match BearerToken::from_header(header.to_str().unwrap_or_default()) {
            Ok(token) => Ok(token.secret().to_owned()),
            Err(BearerRefusal::OtherScheme) => Err(Unusable::Missing),
            Err(_) => Err(Unusable::Malformed("Bearer takes exactly one token")),
        },
    }
}

async fn answer(request: &HttpRequest, app: &App, presented: Result<String, Unusable>) -> HttpResponse {
    let caller = caller::of(app, request);
    let found = match presented {
        Ok(token) => userinfo::userinfo(app, &caller, &token).await,
        Err(Unusable::Missing) => return challenge(StatusCode::UNAUTHORIZED, None),
        Err(Unusable::Malformed(text)) => {
            return challenge(StatusCode::BAD_REQUEST, Some(("invalid_request", text, None)));
        }
    };
    match found {
        Ok(found) => {
            let mut answer = match found.signed {
                Some(signed) => json::no_store(StatusCode::OK).content_type("application/jwt").body(signed),
                None => json::ok(&found.claims),
            };
            if request.headers().contains_key(header::ORIGIN) {
                cors::echo(app, request, Some(found.client_id), &mut answer).await;
            }
            answer
        }
        Err(UserInfoRefusal::InvalidToken) => {
            let text = "the token is unknown, expired or revoked";
            challenge(StatusCode::UNAUTHORIZED, Some(("invalid_token", text, None)))
        }
        Err(UserInfoRefusal::InsufficientScope) => {
            let text = "the token does not say who signed in: ask for the scope openid";
            challenge(StatusCode::FORBIDDEN, Some(("insufficient_scope", text, Some("openid"))))
        }
        Err(UserInfoRefusal::Throttled(retry)) => json::no_store(StatusCode::TOO_MANY_REQUESTS)
            .insert_header((header::RETRY_AFTER, retry.seconds().to_string()))
            .finish(),
        Err(UserInfoRefusal::Unavailable) => {
            json::no_store(StatusCode::SERVICE_UNAVAILABLE).insert_header((header::RETRY_AFTER, "1")).finish()
        }
    }
}

/// RFC 6750 section 3; the body says the same for whoever reads bodies.
fn challenge(status: StatusCode, error: Option<(&str, &str, Option<&str>)>) -> HttpResponse {
    let mut value = "Bearer realm=\"grantor\"".to_owned();
    let mut body = serde_json::Map::new();
    if let Some((code, text, scope)) = error {
        value.push_str(&format!(", error=\"{code}\", error_description=\"{text}\""));
        if let Some(scope) = scope {
            value.push_str(&format!(", scope=\"{scope}\""));
        }
        body.insert("error".to_owned(), code.into());
        body.insert("error_description".to_owned(), text.into());
    }
    let mut answer = json::no_store(status);
    answer.insert_header((header::WWW_AUTHENTICATE, value));
    match body.is_empty() {
        true => answer.finish(),
        false => answer.json(body),
    }
}
