//! Every route of the API, and what each of its methods asks for: the one table of permissions.

use crate::flows::api::Needs;
use crate::http::routes::Endpoint;

use super::{admin, docs, me, openapi, personal_tokens};

const READ: Needs = Needs::Account("account:read");
const WRITE: Needs = Needs::Account("account:write");

/// Below the issuer.
pub fn all(at: impl Fn(&str) -> Endpoint) -> Vec<Endpoint> {
    let api = |path: &str| at(&format!("{}{path}", crate::flows::api::BASE));
    let mut all = vec![
        api(openapi::PATH).get_and_head(openapi::get),
        api(docs::PATH).get_and_head(docs::get),
        api("/me").api_get(Needs::Anyone, me::show),
        api("/personal-tokens").api_get(READ, personal_tokens::list).api_post(WRITE, personal_tokens::post),
        api("/personal-tokens/{token}").api_get(READ, personal_tokens::get).api_delete(WRITE, personal_tokens::delete),
    ];
    all.extend(admin::routes::all(api));
    all
}
