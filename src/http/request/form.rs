//! The parameters of a request: query string or form body, read strictly and within limits.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, web};

use crate::app::App;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::params::{Params, ParamsError};

const FORM: &str = "application/x-www-form-urlencoded";

/// A request that could not be read, and the status that says so.
pub struct Unreadable {
    /// 400 or 413.
    pub status: StatusCode,
    /// What is wrong.
    pub error: OAuthError,
}

impl From<OAuthError> for Unreadable {
    fn from(error: OAuthError) -> Unreadable {
        Unreadable { status: StatusCode::BAD_REQUEST, error }
    }
}

impl From<ParamsError> for Unreadable {
    fn from(error: ParamsError) -> Unreadable {
        OAuthError::from(error).into()
    }
}

/// The query string's parameters.
///
/// # Errors
/// `invalid_request` for text that is not form encoded, or too much of it.
pub fn query(request: &HttpRequest) -> Result<Params, OAuthError> {
    Ok(Params::parse(request.query_string().as_bytes())?)
}

/// The body's parameters.
///
/// # Errors
/// `invalid_request`, as 400 for another content type or broken encoding, as 413 for too large a body (A30).
pub async fn body(app: &App, request: &HttpRequest, payload: web::Payload) -> Result<Params, Unreadable> {
    check_type(request)?;
    let limit = app.config.server.max_body_bytes;
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: u64| length > limit as u64) {
        return Err(too_large(limit));
    }
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => Ok(Params::parse(&bytes)?),
        Ok(Err(_)) => Err(OAuthError::new(ErrorCode::InvalidRequest, "the request body ended early").into()),
        Err(_) => Err(too_large(limit)),
    }
}

fn check_type(request: &HttpRequest) -> Result<(), OAuthError> {
    let mut values = request.headers().get_all(header::CONTENT_TYPE);
    let value = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoded = request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    if values.next().is_none() && is_form(value) && !encoded {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::InvalidRequest, "the content type must be application/x-www-form-urlencoded")
        .with_detail(Detail::new("content_type", "RFC 6749 section 3.2").received(value).expected(FORM)))
}

fn is_form(value: &str) -> bool {
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let known = |parameter: &str| parameter.is_empty() || parameter.eq_ignore_ascii_case("charset=utf-8");
    essence.trim_end().eq_ignore_ascii_case(FORM) && known(parameters.trim())
}

fn too_large(limit: usize) -> Unreadable {
    let error = OAuthError::new(ErrorCode::InvalidRequest, format!("the request body is longer than {limit} bytes"));
    Unreadable { status: StatusCode::PAYLOAD_TOO_LARGE, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A30.
    #[test]
    fn only_a_form_is_a_form() {
        for good in [FORM, "Application/X-WWW-Form-URLencoded", "application/x-www-form-urlencoded; charset=UTF-8"] {
            assert!(is_form(good), "{good}");
        }
        for bad in [
            "",
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/x-www-form-urlencodedx",
            "application/x-www-form-urlencoded; charset=utf-16",
            " application/x-www-form-urlencoded",
        ] {
            assert!(!is_form(bad), "{bad}");
        }
    }
}
