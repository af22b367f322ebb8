//! A second look before something dangerous, as a page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::http::answer::page::{Forms, page};
use crate::http::pages::Hidden;
use crate::http::pages::orgs::{ConfirmPage, Typed};
use crate::http::visit::Visit;

/// What is asked.
pub struct Question {
    /// The question.
    pub title: String,
    /// What will happen.
    pub consequences: Vec<String>,
    /// Where the answer goes, own path.
    pub action: String,
    /// What it is about.
    pub carried: Vec<Hidden>,
    /// What has to be typed.
    pub typed: Option<Typed>,
    /// On the button.
    pub submit: &'static str,
    /// Back, own path.
    pub cancel: String,
    /// Why it was not done.
    pub error: Option<String>,
}

/// The page.
pub fn ask(visit: &Visit, status: StatusCode, question: Question) -> HttpResponse {
    let shown = ConfirmPage {
        frame: visit.frame(),
        title: question.title,
        consequences: question.consequences,
        action: question.action,
        csrf_token: visit.csrf_token(),
        carried: question.carried,
        typed: question.typed,
        submit: question.submit.to_owned(),
        cancel_href: question.cancel,
        error: question.error,
    };
    page(visit, status, Forms::Here, &shown)
}
