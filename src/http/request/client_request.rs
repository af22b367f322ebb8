//! What token, introspection and revocation endpoint have in common: a form body and perhaps an Authorization header.

use actix_web::http::header;
use actix_web::{HttpRequest, web};

use super::form::{self, Unreadable};
use crate::app::App;
use crate::crypto::jwt;
use crate::protocol::basic::Credentials;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::limits::MAX_CLIENT_ID;
use crate::protocol::params::Params;

/// Parameters that must never travel in an address: it is logged, kept and passed on (A32).
const BODY_ONLY: [&str; 7] =
    ["client_secret", "code", "code_verifier", "refresh_token", "token", "password", "client_assertion"];

/// The body of a client's request.
///
/// # Errors
/// [`Unreadable`].
pub async fn body(app: &App, request: &HttpRequest, payload: web::Payload) -> Result<Params, Unreadable> {
    let query = form::query(request)?;
    if let Some(name) = BODY_ONLY.into_iter().find(|name| query.present(name)) {
        let error = OAuthError::new(ErrorCode::InvalidRequest, "parameters belong in the body, not in the address");
        return Err(error
            .with_detail(Detail::new("parameter_in_query", "RFC 6749 section 2.3.1").received(name))
            .into());
    }
    form::body(app, request, payload).await
}

/// The Authorization header.
///
/// # Errors
/// `invalid_request` for two of them, `invalid_client` for one that is no text.
pub fn authorization(request: &HttpRequest) -> Result<Option<&str>, OAuthError> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "two Authorization headers in one request"));
    }
    let no_text = |_| OAuthError::new(ErrorCode::InvalidClient, "client authentication failed");
    value.to_str().map(Some).map_err(no_text)
}

/// The client a request says it comes from: for the record and for CORS, never a proof.
pub fn claimed_client(request: &HttpRequest, body: Option<&Params>) -> Option<String> {
    let from_header = || Some(Credentials::from_basic(authorization(request).ok()??).ok()?.client_id);
    let from_body = || body?.once("client_id").ok()?.map(str::to_owned);
    let from_assertion = || {
        let said = jwt::unverified(body?.once("client_assertion").ok()??)?;
        Some(said.get("sub")?.as_str()?.to_owned())
    };
    from_header().or_else(from_body).or_else(from_assertion).filter(|client_id| client_id.len() <= MAX_CLIENT_ID)
}
