//! Every route of the API, and what each of its methods asks for: the one table of permissions.

use crate::flows::api::Needs;
use crate::http::routes::Endpoint;

use super::{
    admin, application_care, applications, authorizations, docs, emails, me, openapi, orgs, personal_tokens, profile,
    sessions,
};

const READ: Needs = Needs::Account("account:read");
const WRITE: Needs = Needs::Account("account:write");
/// What lets somebody into the account.
const FRESH: Needs = Needs::FreshSession;

/// Below the issuer.
pub fn all(at: impl Fn(&str) -> Endpoint) -> Vec<Endpoint> {
    let api = |path: &str| at(&format!("{}{path}", crate::flows::api::BASE));
    let mut all = vec![
        api(openapi::PATH).get_and_head(openapi::get),
        api(docs::PATH).get_and_head(docs::get),
        api("/me").api_get(Needs::Anyone, me::show).api_patch(WRITE, profile::patch),
        api("/emails").api_get(READ, emails::list).api_post(FRESH, emails::post),
        api("/emails/{email}").api_delete(FRESH, emails::delete),
        api("/emails/{email}/make-main").api_post(FRESH, emails::make_main),
        api("/personal-tokens").api_get(READ, personal_tokens::list).api_post(WRITE, personal_tokens::post),
        api("/personal-tokens/{token}").api_get(READ, personal_tokens::get).api_delete(WRITE, personal_tokens::delete),
        api("/applications").api_get(READ, applications::list).api_post(WRITE, applications::post),
        api("/applications/{client_id}")
            .api_get(READ, applications::get)
            .api_patch(WRITE, applications::patch)
            .api_delete(WRITE, applications::delete),
        api("/applications/{client_id}/restore").api_post(WRITE, applications::restore),
        api("/applications/{client_id}/rotate-secret").api_post(WRITE, application_care::rotate_secret),
        api("/applications/{client_id}/statistics").api_get(READ, application_care::statistics),
        api("/applications/{client_id}/refusals").api_get(READ, application_care::refusals),
        api("/authorizations").api_get(READ, authorizations::list),
        api("/authorizations/{client_id}").api_get(READ, authorizations::get).api_delete(WRITE, authorizations::delete),
        api("/sessions").api_get(READ, sessions::list).api_delete(WRITE, sessions::delete_others),
        api("/sessions/{session}").api_delete(WRITE, sessions::delete),
    ];
    all.extend(orgs::routes::all(api));
    all.extend(admin::routes::all(api));
    all
}
