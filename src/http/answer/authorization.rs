//! The authorization response on its way to the client: in the query, in the fragment, or as a form (A06).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::page::{Forms, page, redirect};
use crate::crypto::random;
use crate::flows::authorize::AuthorizationResponse;
use crate::flows::refusal;
use crate::http::pages::{FormPostPage, Hidden};
use crate::http::visit::Visit;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::error_response::ErrorResponse;
use crate::protocol::location;
use crate::protocol::response_mode::ResponseMode;

/// Sends the browser back to the client.
pub fn respond(visit: &Visit, mut response: AuthorizationResponse) -> HttpResponse {
    if let Some(error) = response.error.take() {
        let description = described(visit, &response.client.client_id, error);
        if let Some(text) = description {
            response.parameters.insert(1.min(response.parameters.len()), ("error_description", text));
        }
    }
    let parameters: Vec<(&str, &str)> =
        response.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let uri = response.redirect.as_str();
    match response.mode {
        ResponseMode::Query => redirect(visit, &location::query_location(uri, &parameters)),
        ResponseMode::Fragment => redirect(visit, &location::fragment_location(uri, &parameters)),
        ResponseMode::FormPost => {
            let nonce = random::url_safe_text(16);
            let form = FormPostPage {
                frame: visit.frame(),
                client_name: response.client.name.clone(),
                action: uri.to_owned(),
                fields: parameters.iter().map(|(name, value)| Hidden::new(*name, *value)).collect(),
                nonce: nonce.clone(),
            };
            page(visit, StatusCode::OK, Forms::Sent(&nonce), &form)
        }
    }
}

/// What the client reads beside the code. A user's "no" (S15) and the answers `prompt=none` asks for are no mistakes:
/// nothing about them needs explaining.
fn described(visit: &Visit, client_id: &str, error: OAuthError) -> Option<String> {
    use ErrorCode as E;
    match error.code {
        E::AccessDenied => None,
        E::LoginRequired | E::ConsentRequired | E::InteractionRequired | E::AccountSelectionRequired => {
            visit.app.metrics.refused("authorize", error.code.as_str());
            Some(error.description.into_owned()).filter(|text| !text.is_empty())
        }
        _ => {
            let error = refusal::record(&visit.app, &visit.caller, "authorize", Some(client_id), error);
            ErrorResponse::from(&error).error_description
        }
    }
}
