//! For which organization an application gets access: asked before consent, by links to the very same request.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::sign_in::with_return_to;
use crate::flows::authorize::OrganizationPrompt;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{ChooseOrganizationPage, ClientBanner, OrganizationChoice, SignedIn as Account};
use crate::http::visit::Visit;
use crate::protocol::endpoints;
use crate::protocol::params::Params;

/// The page for this request.
pub fn ask(visit: &Visit, prompt: OrganizationPrompt, params: &Params) -> HttpResponse {
    let request = own_request(params, None);
    let choices = prompt.choices.into_iter().map(|choice| OrganizationChoice {
        href: visit.own(&own_request(params, Some(&choice.slug))),
        name: choice.name,
        slug: choice.slug,
    });
    let login = visit.who.as_ref().map(|who| who.user.login.clone()).unwrap_or_default();
    let shown = ChooseOrganizationPage {
        frame: visit.frame(),
        client: ClientBanner { name: prompt.client.name.clone() },
        account: Account { login, csrf_token: visit.csrf_token() },
        switch_account_href: with_return_to(&visit.own("/login"), Some(&request)),
        choices: choices.collect(),
    };
    page(visit, StatusCode::OK, Forms::Here, &shown)
}

/// The request with another organization, or with none.
pub fn own_request(params: &Params, organization: Option<&str>) -> String {
    let rest = params.iter().filter(|(name, _)| *name != "organization");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(rest);
    if let Some(slug) = organization {
        query.append_pair("organization", slug);
    }
    format!("{}?{}", endpoints::AUTHORIZATION, query.finish())
}
