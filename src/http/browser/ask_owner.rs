//! The organization wants to be asked before its members use an application: the page that asks.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::choose_organization::own_request;
use crate::flows::authorize::ApprovalPrompt;
use crate::flows::organizations::applications::Word;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::orgs::AskOwnerPage;
use crate::http::pages::{ClientBanner, SignedIn as Account};
use crate::http::visit::Visit;
use crate::protocol::params::Params;

/// The page for this request.
pub fn show(visit: &Visit, prompt: &ApprovalPrompt, params: &Params) -> HttpResponse {
    let organization = &prompt.member.organization;
    let text = match prompt.word {
        Word::Unasked | Word::Allowed => {
            "Its members use applications that an owner has allowed. You can ask for this one."
        }
        Word::Asked => "The owners have been asked and have not decided yet. Start again from the application later.",
        Word::Refused => "The owners have refused this application. Speak with them if you need it.",
    };
    let login = visit.who.as_ref().map(|who| who.user.login.clone()).unwrap_or_default();
    let ask = visit.own(&format!("/orgs/{}/applications/ask", organization.slug));
    let shown = AskOwnerPage {
        frame: visit.frame(),
        client: ClientBanner { name: prompt.client.name.clone() },
        client_id: prompt.client.client_id.clone(),
        organization: organization.name.clone(),
        account: Account { login, csrf_token: visit.csrf_token() },
        text: text.to_owned(),
        action: (prompt.word == Word::Unasked).then_some(ask),
        csrf_token: visit.csrf_token(),
        change_href: visit.own(&own_request(params, None)),
    };
    page(visit, StatusCode::FORBIDDEN, Forms::Here, &shown)
}
