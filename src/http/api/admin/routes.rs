//! The administration's part of the table of permissions.

use super::{client_changes, clients, organizations, people, registration_tokens, server, signing_keys, users};
use crate::flows::api::Needs;
use crate::http::routes::Endpoint;

const READ: Needs = Needs::Administrator("admin:read");
const WRITE: Needs = Needs::Administrator("admin:write");

/// Below the API.
pub fn all(api: impl Fn(&str) -> Endpoint) -> Vec<Endpoint> {
    let at = |path: &str| api(&format!("/admin{path}"));
    vec![
        at("/users").api_get(READ, users::list).api_post(WRITE, users::post),
        at("/users/{user}").api_get(READ, users::get).api_patch(WRITE, users::patch).api_delete(WRITE, users::delete),
        at("/users/{user}/sign-out-everywhere").api_post(WRITE, people::sign_out),
        at("/users/{user}/emails").api_get(READ, people::list_emails),
        at("/users/{user}/emails/{email}").api_delete(WRITE, people::delete_email),
        at("/users/{user}/authorizations").api_get(READ, people::list_authorizations),
        at("/users/{user}/authorizations/{client}").api_delete(WRITE, people::revoke),
        at("/users/{user}/sessions").api_get(READ, people::list_sessions),
        at("/users/{user}/sessions/{session}").api_delete(WRITE, people::end_session),
        at("/users/{user}/personal-tokens").api_get(READ, people::list_tokens),
        at("/users/{user}/personal-tokens/{token}").api_delete(WRITE, people::delete_token),
        at("/clients").api_get(READ, clients::list).api_post(WRITE, client_changes::post),
        at("/clients/{client}")
            .api_get(READ, clients::get)
            .api_patch(WRITE, client_changes::patch)
            .api_delete(WRITE, client_changes::delete),
        at("/clients/{client}/statistics").api_get(READ, clients::statistics),
        at("/clients/{client}/restore").api_post(WRITE, client_changes::restore),
        at("/clients/{client}/enable").api_post(WRITE, client_changes::enable),
        at("/clients/{client}/disable").api_post(WRITE, client_changes::disable),
        at("/clients/{client}/rotate-secret").api_post(WRITE, client_changes::rotate),
        at("/registration-tokens").api_get(READ, registration_tokens::list).api_post(WRITE, registration_tokens::post),
        at("/registration-tokens/{registration_token}")
            .api_get(READ, registration_tokens::get)
            .api_delete(WRITE, registration_tokens::delete),
        at("/organizations").api_get(READ, organizations::list),
        at("/organizations/{org}").api_get(READ, organizations::get).api_delete(WRITE, organizations::delete),
        at("/organizations/{org}/restore").api_post(WRITE, organizations::restore),
        at("/scopes/{scope}/holders").api_get(READ, server::holders),
        at("/keys").api_get(READ, server::keys),
        at("/keys/rotate").api_post(WRITE, server::rotate),
        at("/signing-keys").api_get(READ, signing_keys::list),
        at("/signing-keys/rotate").api_post(WRITE, signing_keys::rotate),
        at("/audit-log").api_get(READ, server::audit),
        at("/statistics").api_get(READ, server::statistics),
        at("/jobs").api_get(READ, server::waiting),
        at("/configuration").api_get(READ, server::in_force),
        at("/refusals").api_get(READ, server::refusals),
        at("/refusals/{reference}").api_get(READ, server::explain),
    ]
}
