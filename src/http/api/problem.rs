//! What went wrong, as problem details (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::http::answer::json;

/// The media type.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One thing that is wrong with a member of the request's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The member.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
}

/// Problem details (RFC 9457 section 3.1).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Where the code is explained, relative to the API.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: Box<str>,
    /// The code in a few words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened here and what to do.
    #[schema(value_type = String)]
    pub detail: Box<str>,
    /// For programs.
    pub code: &'static str,
    /// Every member that is wrong.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    #[schema(value_type = Vec<FieldError>)]
    pub errors: Box<[FieldError]>,
    /// Where a person signs in so that the request works.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub login_url: Option<Box<str>>,
    #[serde(skip)]
    pub(super) headers: Box<[(HeaderName, HeaderValue)]>,
}

impl Problem {
    /// A problem; `code` stands in the list of the API's documentation.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl fmt::Display) -> Problem {
        Problem {
            kind: format!("/api/v1/docs#{code}").into(),
            title,
            status: status.as_u16(),
            detail: detail.to_string().into(),
            code,
            errors: Box::default(),
            login_url: None,
            headers: Box::default(),
        }
    }

    /// 400 about the request as a whole.
    pub fn bad_request(detail: impl fmt::Display) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-request", "The request cannot be read", detail)
    }

    /// 400 about members of the body.
    pub fn invalid(errors: Vec<FieldError>) -> Problem {
        let detail = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect::<Vec<_>>();
        let detail = detail.join(" ");
        Problem {
            errors: errors.into(),
            ..Problem::new(StatusCode::BAD_REQUEST, "invalid-body", "The body is not right", detail)
        }
    }

    /// 400 about one member of the body.
    pub fn field(field: &str, message: impl fmt::Display) -> Problem {
        Problem::invalid(vec![FieldError { field: field.to_owned(), message: message.to_string() }])
    }

    /// 404, the same for what does not exist and for what is somebody else's.
    pub fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", "Not found", "There is nothing here.")
    }

    /// 409.
    pub fn conflict(detail: impl fmt::Display) -> Problem {
        Problem::new(StatusCode::CONFLICT, "conflict", "The state does not allow this", detail)
    }

    /// 412.
    pub fn changed(detail: impl fmt::Display) -> Problem {
        Problem::new(StatusCode::PRECONDITION_FAILED, "precondition-failed", "It has changed", detail)
    }

    /// 403 by the rules of what is changed.
    pub fn forbidden(detail: impl fmt::Display) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// With a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Problem {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers = self.headers.into_iter().chain([(name, value)]).collect();
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = json::no_store(self.status_code());
        for (name, value) in &self.headers {
            answer.append_header((name.clone(), value.clone()));
        }
        answer.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        match serde_json::to_vec(self) {
            Ok(bytes) => answer.body(bytes),
            Err(_) => answer.finish(),
        }
    }
}
