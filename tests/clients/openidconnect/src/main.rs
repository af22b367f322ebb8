//! One sign-in by a relying party that nobody of grantor wrote: discovery, code flow with PKCE, every check of the ID token,
//! UserInfo, refresh. Prints the authorization URL on one line, reads the address the browser ended at from one line,
//! prints what it found out as one JSON object. Any check that fails ends it with a message and status 1.

use std::error::Error;
use std::io::{BufRead as _, Write as _, stdin, stdout};

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreProviderMetadata,
    CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
};
use serde_json::json;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().ok_or_else(|| format!("{name} is missing"));
    let (issuer, client_id) = (next("ISSUER")?, next("CLIENT_ID")?);
    let (client_secret, redirect_uri) = (next("CLIENT_SECRET")?, next("REDIRECT_URI")?);

    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let http = |request: HttpRequest| -> Result<HttpResponse, ureq::Error> {
        let (parts, mut body) = agent.run(request)?.into_parts();
        Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
    };

    let metadata = CoreProviderMetadata::discover(&IssuerUrl::new(issuer)?, &http)?;
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(client_id), Some(ClientSecret::new(client_secret)))
            .set_redirect_uri(RedirectUrl::new(redirect_uri)?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = client.authorize_url(
        CoreAuthenticationFlow::AuthorizationCode,
        CsrfToken::new_random,
        Nonce::new_random,
    );
    let scopes = ["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned()));
    let (url, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
    println!("{url}");
    stdout().flush()?;

    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    let landed = Url::parse(line.trim())?;
    let said = |name: &str| landed.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if said("state").as_ref() != Some(state.secret()) {
        return Err(format!("state is not ours: {landed}").into());
    }
    let code = said("code").ok_or_else(|| format!("no code: {landed}"))?;

    let tokens = client.exchange_code(AuthorizationCode::new(code))?.set_pkce_verifier(verifier).request(&http)?;
    let judge: CoreIdTokenVerifier<'_> = client.id_token_verifier();
    let id_token = tokens.id_token().ok_or("no ID token")?;
    let claims: &CoreIdTokenClaims = id_token.claims(&judge, &nonce)?;
    check_hash(id_token, claims, &judge, tokens.access_token())?;

    let known: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()))?.request(&http)?;

    let refresh_token = tokens.refresh_token().ok_or("no refresh token")?;
    let again = client.exchange_refresh_token(refresh_token)?.request(&http)?;
    let id_token_again = again.id_token().ok_or("no ID token at the refresh")?;
    // OpenID Connect Core section 12.2: the same person, with no nonce or the same.
    let claims_again: &CoreIdTokenClaims = id_token_again.claims(&judge, |_: Option<&Nonce>| Ok(()))?;
    check_hash(id_token_again, claims_again, &judge, again.access_token())?;
    if claims_again.subject() != claims.subject() {
        return Err("another person at the refresh".into());
    }

    let result = json!({
        "algorithm": id_token.signing_alg()?,
        "sub": claims.subject().as_str(),
        "auth_time": claims.auth_time().is_some(),
        "email": known.email().map(|email| email.as_str().to_owned()),
        "preferred_username": known.preferred_username().map(|name| name.as_str().to_owned()),
        "refreshed": again.access_token().secret() != tokens.access_token().secret(),
    });
    println!("{result}");
    Ok(())
}

fn check_hash(
    id_token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    judge: &CoreIdTokenVerifier<'_>,
    access_token: &AccessToken,
) -> Result<(), Failure> {
    let expected = claims.access_token_hash().ok_or("no at_hash")?;
    let found = AccessTokenHash::from_token(access_token, id_token.signing_alg()?, id_token.signing_key(judge)?)?;
    if found == *expected { Ok(()) } else { Err("at_hash is of another token".into()) }
}
