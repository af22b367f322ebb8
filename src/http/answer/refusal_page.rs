//! A refusal as a page, in words for the person who meets it and with a reference for whoever can mend it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};

use super::json;
use super::page::{Forms, page};
use crate::flows::refusal;
use crate::http::pages::{ErrorDetail, ErrorPage, NoticePage};
use crate::http::visit::Visit;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};

/// Records the refusal and shows it. `client` is its identifier and name.
pub fn answer(
    visit: &Visit,
    status: StatusCode,
    endpoint: &'static str,
    client: Option<(&str, &str)>,
    error: OAuthError,
) -> HttpResponse {
    let error = refusal::record(&visit.app, &visit.caller, endpoint, client.map(|(id, _)| id), error);
    if error.code == ErrorCode::TemporarilyUnavailable {
        let busy = NoticePage::too_busy(visit.frame(), "a few seconds");
        let mut answer = page(visit, StatusCode::SERVICE_UNAVAILABLE, Forms::Here, &busy);
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(json::RETRY_AFTER));
        return answer;
    }
    let words = Words::of(&error, client.map(|(_, name)| name));
    let shown = ErrorPage {
        frame: visit.frame(),
        title: words.title.to_owned(),
        what_happened: words.what_happened,
        what_to_do: words.what_to_do.to_owned(),
        next: None,
        code: error.code.as_str().to_owned(),
        reference: error.reference.unwrap_or_default(),
        detail: error.detail.filter(|_| visit.app.config.dev).map(|detail| evidence(*detail)),
    };
    page(visit, status, Forms::Here, &shown)
}

struct Words {
    title: &'static str,
    what_happened: String,
    what_to_do: &'static str,
}

impl Words {
    fn of(error: &OAuthError, client: Option<&str>) -> Words {
        let rule = error.detail.as_ref().map_or("", |detail| detail.rule.as_ref());
        match (error.code, rule) {
            (ErrorCode::ServerError, _) => Words {
                title: "Something went wrong",
                what_happened: "This server made a mistake. It was recorded under the reference below.".to_owned(),
                what_to_do: "Please try again. If it happens again, tell whoever runs this server the reference.",
            },
            (_, "csrf" | "consent_void") => Words {
                title: "This page is out of date",
                what_happened: sentence("The form you sent can no longer be used", &error.description),
                what_to_do: "Go back to where you came from and start again.",
            },
            _ => Words {
                title: "This link does not work",
                what_happened: match client {
                    Some(name) => {
                        sentence(&format!("{name} sent you here with a request we cannot accept"), &error.description)
                    }
                    None => sentence("You were sent here with a request we cannot accept", &error.description),
                },
                what_to_do: "You did nothing wrong. Go back and try again; if it happens again, tell the developer of the \
                             application the reference below.",
            },
        }
    }
}

fn sentence(beginning: &str, description: &str) -> String {
    match description.is_empty() {
        true => format!("{beginning}."),
        false => format!("{beginning}: {description}."),
    }
}

fn evidence(detail: Detail) -> ErrorDetail {
    ErrorDetail {
        rule: detail.rule.into_owned(),
        received: detail.received.unwrap_or_default(),
        registered: detail.expected.into_iter().collect(),
        specification: detail.spec.into_owned(),
        hint: detail.hint.unwrap_or_default().into_owned(),
    }
}
