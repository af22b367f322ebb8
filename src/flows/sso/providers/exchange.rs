//! The OAuth 2.0 part of every real provider: the request with PKCE, the code, the refresh, the person's resource. Spoken
//! by the `oauth2` crate over our own HTTP client, which judges addresses and bounds answers.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse as _,
    TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::settings::Settings;
use super::{RecheckFailure, Trip};
use crate::app::App;
use crate::flows::sso::luggage::UpstreamTokens;
use crate::flows::sso::upstream_error::UpstreamError;
use crate::outbound::{OutboundError, Request};
use crate::protocol::params::Params;

/// What an OpenID Provider adds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct IdToken {
    #[serde(default)]
    id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

type Answer = StandardTokenResponse<IdToken, BasicTokenType>;
type Ready = Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;
type Failure = RequestTokenError<OutboundError, BasicErrorResponse>;

/// Where the provider's endpoints are, and how we authenticate there.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// RFC 6749 section 3.1.
    pub authorization: String,
    /// RFC 6749 section 3.2.
    pub token: String,
    /// `client_secret_post` rather than `client_secret_basic`.
    pub secret_in_body: bool,
}

/// What the token endpoint gave. Has no `Debug`: it holds secrets.
pub struct Redeemed {
    /// To be kept for the re-check.
    pub tokens: UpstreamTokens,
    /// OpenID Connect Core section 3.1.3.3.
    pub id_token: Option<String>,
}

/// The address to send the browser to, with `state`, PKCE and whatever `extra` says.
pub fn authorization_url(
    trip: &Trip<'_>,
    endpoints: &Endpoints,
    scopes: &str,
    extra: &[(&str, &str)],
) -> Result<String, UpstreamError> {
    let client = client(trip.settings, trip.secret, endpoints)?.set_redirect_uri(redirect_uri(trip)?);
    let verifier = PkceCodeVerifier::new(trip.verifier.to_owned());
    let state = trip.state.to_owned();
    let mut request = client
        .authorize_url(|| CsrfToken::new(state))
        .add_scopes(scopes.split_ascii_whitespace().map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    if let Some(hint) = trip.login_hint {
        request = request.add_extra_param("login_hint", hint.to_owned());
    }
    for (name, value) in extra {
        request = request.add_extra_param((*name).to_owned(), (*value).to_owned());
    }
    let (url, _) = request.url();
    Ok(url.to_string())
}

/// Redeems the code that came back.
pub async fn redeem(trip: &Trip<'_>, endpoints: &Endpoints, back: &Params) -> Result<Redeemed, UpstreamError> {
    let code = back.once("code").ok().flatten();
    let code = code.ok_or_else(|| UpstreamError::Unacceptable("there is no code, or more than one".to_owned()))?;
    let client = client(trip.settings, trip.secret, endpoints)?.set_redirect_uri(redirect_uri(trip)?);
    let http = Http(trip.app);
    let answer = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(trip.verifier.to_owned()))
        .request_async(&http)
        .await;
    Ok(redeemed(trip.app, answer.map_err(|failure| refused(failure).at("token endpoint"))?))
}

/// Asks for new tokens without the person: `invalid_grant` is the upstream's word that the account is no more.
pub async fn refresh(
    app: &App,
    settings: &Settings,
    secret: Option<&str>,
    endpoints: &Endpoints,
    tokens: &UpstreamTokens,
) -> Result<Redeemed, RecheckFailure> {
    let Some(held) = &tokens.refresh_token else {
        return Err(RecheckFailure::NotValid("The provider cannot be asked again without a new sign-in.".to_owned()));
    };
    let client = client(settings, secret, endpoints)?;
    let http = Http(app);
    let held = RefreshToken::new(held.clone());
    match client.exchange_refresh_token(&held).request_async(&http).await {
        Ok(answer) => {
            let mut new = redeemed(app, answer);
            let kept = new.tokens.refresh_token.take().or(tokens.refresh_token.clone());
            new.tokens.refresh_token = kept;
            Ok(new)
        }
        Err(RequestTokenError::ServerResponse(error)) if *error.error() == BasicErrorResponseType::InvalidGrant => {
            Err(RecheckFailure::NotValid("The provider says that this access was ended there.".to_owned()))
        }
        Err(failure) => Err(refused(failure).at("token endpoint").into()),
    }
}

/// A protected resource as JSON: the person, their addresses, their memberships. Also the status, for those who ask.
pub async fn resource(app: &App, url: &str, access_token: &str) -> Result<(u16, Value), UpstreamError> {
    let headers = vec![
        ("authorization".to_owned(), format!("Bearer {access_token}")),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    let request = Request { method: "GET", url: url.to_owned(), headers, body: String::new() };
    let answer = app.upstream.send(request).await.map_err(|error| UpstreamError::from(error).at(url))?;
    if answer.status >= 500 || answer.status == 429 {
        return Err(UpstreamError::Unreachable(format!("{url}: it answered with status {}", answer.status)));
    }
    let junk = || UpstreamError::Unacceptable(format!("{url}: the answer is not JSON"));
    match serde_json::from_str(&answer.body) {
        Ok(value) => Ok((answer.status, value)),
        Err(_) if answer.status != 200 => Ok((answer.status, Value::Null)),
        Err(_) => Err(junk()),
    }
}

/// The same where only 200 with an object is an answer.
pub async fn person(app: &App, url: &str, access_token: &str) -> Result<Map<String, Value>, UpstreamError> {
    match resource(app, url, access_token).await? {
        (200, Value::Object(claims)) => Ok(claims),
        (status, _) => Err(UpstreamError::Unacceptable(format!("{url}: status {status}, or no JSON object"))),
    }
}

fn client(settings: &Settings, secret: Option<&str>, endpoints: &Endpoints) -> Result<Ready, UpstreamError> {
    let wrong = |name: &str| UpstreamError::Settings(format!("the {name} endpoint is not a URL"));
    let client = Client::new(ClientId::new(settings.client_id.clone()))
        .set_auth_uri(AuthUrl::new(endpoints.authorization.clone()).map_err(|_| wrong("authorization"))?)
        .set_token_uri(TokenUrl::new(endpoints.token.clone()).map_err(|_| wrong("token"))?)
        .set_auth_type(if endpoints.secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth });
    Ok(match secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.to_owned())),
        None => client,
    })
}

fn redirect_uri(trip: &Trip<'_>) -> Result<RedirectUrl, UpstreamError> {
    let wrong = |_| UpstreamError::Settings("the callback is not a URL".to_owned());
    RedirectUrl::new(trip.redirect_uri()).map_err(wrong)
}

fn redeemed(app: &App, answer: Answer) -> Redeemed {
    let expires_at = answer.expires_in().map(|span| app.clock.now().saturating_add_unsigned(span.as_secs()));
    Redeemed {
        tokens: UpstreamTokens {
            access_token: answer.access_token().secret().clone(),
            refresh_token: answer.refresh_token().map(|token| token.secret().clone()),
            expires_at,
        },
        id_token: answer.extra_fields().id_token.clone(),
    }
}

/// Bodies are left out: they may hold tokens.
fn refused(failure: Failure) -> UpstreamError {
    match failure {
        RequestTokenError::ServerResponse(error) => {
            let description = error.error_description().map(String::as_str).unwrap_or_default();
            let text: String = format!("{} {description}", error.error().as_ref()).chars().take(200).collect();
            UpstreamError::Unacceptable(text.trim().to_owned())
        }
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(..) => {
            UpstreamError::Unacceptable("the answer is not that of a token endpoint".into())
        }
        RequestTokenError::Other(_) => UpstreamError::Unacceptable("the answer is empty".into()),
    }
}

/// Our HTTP client as the crate wants one.
struct Http<'a>(&'a App);

impl<'c> AsyncHttpClient<'c> for Http<'_> {
    type Error = OutboundError;
    type Future = BoxFuture<'c, Result<HttpResponse, OutboundError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        call(self.0, request).boxed()
    }
}

async fn call(app: &App, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
    let text = |(name, value): (&oauth2::http::HeaderName, &oauth2::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let ours = Request {
        method: "POST",
        url: request.uri().to_string(),
        headers: request.headers().iter().filter_map(text).collect(),
        body: String::from_utf8_lossy(request.body()).into_owned(),
    };
    let answer = app.upstream.send(ours).await?;
    if answer.status >= 500 || (300..400).contains(&answer.status) {
        return Err(OutboundError::NoAnswer(format!("it answered with status {}", answer.status)));
    }
    let kind = answer.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    // Some providers answer as of old, form-encoded.
    let (kind, body) = match kind {
        Some(kind) if kind.starts_with("application/x-www-form-urlencoded") => {
            ("application/json".to_owned(), form_as_json(&answer.body))
        }
        kind => (kind.unwrap_or("application/json").to_owned(), answer.body),
    };
    oauth2::http::Response::builder()
        .status(answer.status)
        .header("content-type", kind)
        .body(body.into_bytes())
        .map_err(|_| OutboundError::NoAnswer("its answer cannot be read".to_owned()))
}

fn form_as_json(body: &str) -> String {
    let pairs = url::form_urlencoded::parse(body.as_bytes()).into_owned();
    let member = |(name, value): (String, String)| match (name.as_str(), value.parse::<u64>()) {
        ("expires_in", Ok(seconds)) => (name, Value::from(seconds)),
        _ => (name, Value::from(value)),
    };
    Value::Object(pairs.map(member).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_old_is_read() {
        let json: Value = serde_json::from_str(&form_as_json("access_token=a%20b&expires_in=60&scope=x,y")).unwrap();
        assert_eq!(json, serde_json::json!({ "access_token": "a b", "expires_in": 60, "scope": "x,y" }));
    }
}
