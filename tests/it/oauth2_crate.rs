//! The `oauth2` crate, a client nobody here wrote, does everything it can: codes with PKCE, refresh, client credentials,
//! introspection, revocation.

use std::sync::Arc;

use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenType};
use oauth2::http::uri::Scheme;
use oauth2::{
    AccessToken, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IntrospectionUrl, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, RevocationUrl, Scope, StandardRevocableToken, TokenIntrospectionResponse as _,
    TokenResponse as _, TokenUrl,
};

use crate::support::test_app::Shared;
use crate::support::{Browser, RelyingParty, TestApp, on_both};

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

on_both!(
    a_client_nobody_here_wrote_gets_uses_and_returns_tokens,
    a_public_client_nobody_here_wrote_gets_tokens_by_pkce
);

/// A library configured by the metadata document alone (RFC 8414).
async fn client_of(app: &TestApp, party: &RelyingParty) -> Client {
    let metadata = app.get("/.well-known/oauth-authorization-server").await;
    let url = |member: &str| metadata.text(member);
    let client = BasicClient::new(ClientId::new(party.client_id.clone()))
        .set_auth_uri(AuthUrl::new(url("authorization_endpoint")).expect("a URL"))
        .set_token_uri(TokenUrl::new(url("token_endpoint")).expect("a URL"))
        .set_introspection_url(IntrospectionUrl::new(url("introspection_endpoint")).expect("a URL"))
        // The crate revokes over https only; see `send`.
        .set_revocation_url(
            RevocationUrl::new(url("revocation_endpoint").replace("http://", "https://")).expect("a URL"),
        )
        .set_redirect_uri(RedirectUrl::new(party.redirect_uri.clone()).expect("a URL"));
    match &party.client_secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.clone())),
        None => client,
    }
}

/// The crate's requests on their way; what it wants to send by TLS goes in the clear on this machine.
async fn send(shared: Arc<Shared>, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let (mut parts, body) = request.into_parts();
    let mut uri = parts.uri.into_parts();
    uri.scheme = Some(Scheme::HTTP);
    parts.uri = uri.try_into().expect("still a URI");
    let request = reqwest::Request::try_from(oauth2::http::Request::from_parts(parts, body))?;
    let response = shared.http.execute(request).await?;
    let mut answer = oauth2::http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let body = response.bytes().await?.to_vec();
    shared.secrets.saw_in(&String::from_utf8_lossy(&body));
    Ok(answer.body(body).expect("a response"))
}

/// The user's part: the link, a click where one is asked for, and back; the code, once `state` and `iss` are right.
async fn code(app: &TestApp, browser: &Browser, client: &Client, scope: &str) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    app.shared.secrets.saw(verifier.secret());
    let (link, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new(scope.to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let page = browser.allow(browser.get(link.as_str()).await).await;
    let parameters = page.redirected_to(client.redirect_uri().expect("it has one"));
    let parameter = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("no {name} in {parameters:?}")).1.clone()
    };
    assert_eq!(parameter("state"), *state.secret());
    assert_eq!(parameter("iss"), app.issuer());
    (AuthorizationCode::new(parameter("code")), verifier)
}

/// RFC 6749, 7009, 7636, 7662, 8414, 9207 as others read them.
async fn a_client_nobody_here_wrote_gets_uses_and_returns_tokens(app: &TestApp) {
    let http = |request| send(Arc::clone(&app.shared), request);
    let party = app.db_web_client().await;
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    let client = client_of(app, &party).await;

    let (code, verifier) = code(app, &browser, &client, "org:write").await;
    let tokens = client.exchange_code(code.clone()).set_pkce_verifier(verifier).request_async(&http).await;
    let tokens = tokens.expect("tokens for the code");
    assert_eq!(*tokens.token_type(), BasicTokenType::Bearer);
    assert_eq!(tokens.expires_in().expect("a lifetime").as_secs(), 3600);
    assert_eq!(tokens.scopes(), Some(&vec![Scope::new("org:write".to_owned())]));

    let told = client.introspect(tokens.access_token()).request_async(&http).await.expect("an answer");
    assert!(told.active());
    assert_eq!(told.client_id().map(|id| id.as_str()), Some(party.client_id.as_str()));
    assert_eq!((told.username(), told.sub()), (Some("ada"), Some(ada.row.sub.as_str())));
    assert_eq!(told.exp().map(|end| end.timestamp()), Some(app.now() + 3600));
    assert_eq!(told.iss(), Some(app.issuer()));
    let scopes: Vec<_> = told.scopes().expect("scopes").iter().map(|scope| scope.as_str()).collect();
    assert_eq!(scopes, ["org:read", "org:write"]);

    let refresh_token = tokens.refresh_token().expect("a refresh token").clone();
    let narrowed = client
        .exchange_refresh_token(&refresh_token)
        .add_scope(Scope::new("org:read".to_owned()))
        .request_async(&http)
        .await
        .expect("a refresh");
    assert_eq!(narrowed.scopes(), Some(&vec![Scope::new("org:read".to_owned())]));
    let rotated = narrowed.refresh_token().expect("a refresh token").clone();
    assert_ne!(rotated.secret(), refresh_token.secret());

    revoke(&client, &http, rotated.clone().into()).await;
    for token in [tokens.access_token(), narrowed.access_token()] {
        let told = client.introspect(token).request_async(&http).await.expect("an answer");
        assert!(!told.active() && told.scopes().is_none() && told.username().is_none());
    }
    let refused = client.exchange_refresh_token(&rotated).request_async(&http).await;
    assert!(is_invalid_grant(&refused.expect_err("the family is gone")));
    let refused = client.exchange_code(code).request_async(&http).await;
    assert!(is_invalid_grant(&refused.expect_err("no verifier, and redeemed before")));

    let own = client.exchange_client_credentials().add_scope(Scope::new("team:read".to_owned()));
    let own = own.request_async(&http).await.expect("a token of its own");
    assert!(own.refresh_token().is_none());
    assert!(is_active(&client, &http, own.access_token()).await);
    revoke(&client, &http, own.access_token().clone().into()).await;
    assert!(!is_active(&client, &http, own.access_token()).await);
}

/// A22, A24: no secret, but a verifier; a wrong one gets nothing and spoils nothing.
async fn a_public_client_nobody_here_wrote_gets_tokens_by_pkce(app: &TestApp) {
    let http = |request| send(Arc::clone(&app.shared), request);
    let party = app.db_public_client().await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let client = client_of(app, &party).await;

    let (code, verifier) = code(app, &browser, &client, "org:read").await;
    let (_, other) = PkceCodeChallenge::new_random_sha256();
    let refused = client.exchange_code(code.clone()).set_pkce_verifier(other).request_async(&http).await;
    assert!(is_invalid_grant(&refused.expect_err("a wrong verifier")));
    let tokens = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&http).await;
    let tokens = tokens.expect("tokens for the code");
    let refresh_token: &RefreshToken = tokens.refresh_token().expect("a refresh token");
    let next = client.exchange_refresh_token(refresh_token).request_async(&http).await.expect("a refresh");
    let again = client.exchange_refresh_token(refresh_token).request_async(&http).await.expect("a retry");
    assert_eq!(again.access_token().secret(), next.access_token().secret());
    assert_eq!(again.refresh_token().map(RefreshToken::secret), next.refresh_token().map(RefreshToken::secret));
}

async fn is_active<F>(client: &Client, http: &impl Fn(HttpRequest) -> F, token: &AccessToken) -> bool
where
    F: Future<Output = Result<HttpResponse, reqwest::Error>>,
{
    client.introspect(token).request_async(http).await.expect("an answer").active()
}

async fn revoke<F>(client: &Client, http: &impl Fn(HttpRequest) -> F, token: StandardRevocableToken)
where
    F: Future<Output = Result<HttpResponse, reqwest::Error>>,
{
    client.revoke_token(token).expect("https").request_async(http).await.expect("revoked");
}

fn is_invalid_grant(
    error: &RequestTokenError<reqwest::Error, oauth2::StandardErrorResponse<BasicErrorResponseType>>,
) -> bool {
    match error {
        RequestTokenError::ServerResponse(answer) => *answer.error() == BasicErrorResponseType::InvalidGrant,
        _ => false,
    }
}
