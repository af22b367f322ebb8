//! With which account a request goes on (`prompt=select_account`): links to the very same request.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::sign_in::with_return_to;
use crate::flows::authorize::AccountPrompt;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{ClientBanner, SelectAccountPage, SignedIn as Account};
use crate::http::visit::Visit;

/// The page for this request.
pub fn ask(visit: &Visit, prompt: &AccountPrompt) -> HttpResponse {
    let login = visit.who.as_ref().map(|who| who.user.login.clone()).unwrap_or_default();
    let shown = SelectAccountPage {
        frame: visit.frame(),
        client: ClientBanner { name: prompt.client.name.clone() },
        account: Account { login, csrf_token: visit.csrf_token() },
        go_on_href: visit.own(&prompt.go_on),
        other_href: with_return_to(&visit.own("/login"), Some(&prompt.return_to)),
    };
    page(visit, StatusCode::OK, Forms::Here, &shown)
}
