//! JSON bodies: read strictly and within limits.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, web};
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::app::App;

/// The body as it came and as it reads.
///
/// # Errors
/// 400 that says where the body is wrong, 413, 415.
pub async fn read<T: DeserializeOwned>(
    app: &App,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<(T, Vec<u8>), Problem> {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "Send a JSON body with `Content-Type: application/json`.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "unsupported-media-type", "The body is not JSON", detail));
    }
    let limit = app.config.server.max_body_bytes;
    let bytes = match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => bytes.to_vec(),
        Ok(Err(_)) => return Err(Problem::bad_request("The body ended early.")),
        Err(_) => {
            let detail = format!("The body is longer than {limit} bytes.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail));
        }
    };
    match serde_json::from_slice(&bytes) {
        // PostgreSQL keeps no NUL in text, and no name has one.
        Ok(_) if bytes.windows(6).any(|six| six == b"\\u0000") => {
            Err(Problem::bad_request("The character U+0000 is in no text here."))
        }
        Ok(value) => Ok((value, bytes)),
        Err(error) => Err(Problem::bad_request(format!("The body is not the JSON that is asked for: {error}."))),
    }
}
