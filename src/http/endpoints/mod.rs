//! The protocol's endpoints. All but the authorization endpoint have no cookies and answer in JSON.

pub mod assets;
pub mod authorize;
pub mod check_session;
pub mod introspect;
pub mod jwks;
pub mod logout;
pub mod metadata;
pub mod revoke;
pub mod token;
pub mod userinfo;

use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::flows::caller::Caller;
use crate::http::answer::json;
use crate::http::request::client_request;
use crate::http::request::form::Unreadable;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;

/// Answers a client's request that could not be read.
fn unreadable(
    app: &App,
    request: &HttpRequest,
    caller: &Caller,
    endpoint: &'static str,
    refusal: Unreadable,
) -> HttpResponse {
    let client_id = client_request::claimed_client(request, None);
    let status = Some(refusal.status).filter(|status| status.as_u16() != 400);
    json::refused(app, caller, endpoint, client_id.as_deref(), status, refusal.error)
}

/// Answers a client's request that was refused.
fn refused(
    app: &App,
    request: &HttpRequest,
    caller: &Caller,
    endpoint: &'static str,
    body: &Params,
    error: OAuthError,
) -> HttpResponse {
    let client_id = client_request::claimed_client(request, Some(body));
    json::refused(app, caller, endpoint, client_id.as_deref(), None, error)
}
