//! Routes below `/api/v1/organizations`, and what each method asks for: reading asks for the read level of its set,
//! changing for write, deleting for admin; keys and single sign-on for `org:admin`, as on the pages.

use super::{
    api_keys, applications, audit_log, invitations, list, members, one, provider, registration_tokens,
    team_members as places, teams,
};
use crate::flows::api::Needs;
use crate::http::routes::Endpoint;

const ORG_READ: Needs = Needs::Organization("org:read");
const ORG_WRITE: Needs = Needs::Organization("org:write");
const ORG_ADMIN: Needs = Needs::Organization("org:admin");
const ORG_FRESH: Needs = Needs::OrganizationFresh("org:admin");
const MEMBER_READ: Needs = Needs::Organization("member:read");
const MEMBER_WRITE: Needs = Needs::Organization("member:write");
const MEMBER_ADMIN: Needs = Needs::Organization("member:admin");
const TEAM_READ: Needs = Needs::Organization("team:read");
const TEAM_WRITE: Needs = Needs::Organization("team:write");
const TEAM_ADMIN: Needs = Needs::Organization("team:admin");

/// All of them; `api` makes a path below the API.
pub fn all(api: impl Fn(&str) -> Endpoint) -> Vec<Endpoint> {
    let within = |path: &str| api(&format!("/organizations/{{org}}{path}"));
    vec![
        api("/organizations")
            .api_get(Needs::Account("org:read"), list::get)
            .api_post(Needs::Account("org:write"), list::post),
        within("")
            .api_get(Needs::EvenIfClosed("org:read"), one::get)
            .api_patch(ORG_WRITE, one::patch)
            .api_delete(ORG_FRESH, one::delete),
        within("/restore").api_post(Needs::EvenIfClosed("org:admin"), one::restore),
        within("/leave").api_post(Needs::Account("account:write"), one::leave),
        within("/members").api_get(MEMBER_READ, members::list).api_post(MEMBER_WRITE, members::post),
        within("/members/{member}")
            .api_get(MEMBER_READ, members::get)
            .api_patch(MEMBER_WRITE, members::patch)
            .api_delete(MEMBER_ADMIN, members::delete),
        // Addresses of people who have not said yes: for those who invite, as on the page.
        within("/invitations").api_get(MEMBER_WRITE, invitations::list).api_post(MEMBER_WRITE, invitations::post),
        within("/invitations/{invitation}").api_delete(MEMBER_ADMIN, invitations::delete),
        within("/invitations/{invitation}/resend").api_post(MEMBER_WRITE, invitations::resend),
        within("/teams").api_get(TEAM_READ, teams::list).api_post(TEAM_WRITE, teams::post),
        within("/teams/{team}")
            .api_get(TEAM_READ, teams::get)
            .api_patch(TEAM_WRITE, teams::patch)
            .api_delete(TEAM_ADMIN, teams::delete),
        within("/teams/{team}/members").api_get(TEAM_READ, places::list),
        within("/teams/{team}/members/{member}")
            .api_put(TEAM_WRITE, places::put)
            .api_delete(TEAM_ADMIN, places::delete),
        within("/provider")
            .api_get(ORG_ADMIN, provider::get)
            .api_put(ORG_ADMIN, provider::put)
            .api_patch(ORG_FRESH, provider::patch)
            .api_delete(ORG_FRESH, provider::delete),
        within("/provider/remind").api_post(ORG_FRESH, provider::remind),
        within("/identities").api_get(ORG_ADMIN, provider::list_identities),
        within("/audit-log").api_get(ORG_WRITE, audit_log::list),
        within("/audit-log/export").api_get(ORG_WRITE, audit_log::export),
        within("/applications").api_get(ORG_READ, applications::list),
        within("/applications/{application}")
            .api_get(ORG_READ, applications::get)
            .api_put(ORG_FRESH, applications::put),
        within("/applications/{application}/authorizations").api_delete(ORG_FRESH, applications::revoke),
        within("/api-keys").api_get(ORG_ADMIN, api_keys::list).api_post(ORG_FRESH, api_keys::post),
        within("/api-keys/{key}")
            .api_get(ORG_ADMIN, api_keys::get)
            .api_patch(ORG_FRESH, api_keys::patch)
            .api_delete(ORG_FRESH, api_keys::delete),
        within("/registration-tokens")
            .api_get(ORG_ADMIN, registration_tokens::list)
            .api_post(ORG_FRESH, registration_tokens::post),
        within("/registration-tokens/{registration_token}")
            .api_get(ORG_ADMIN, registration_tokens::get)
            .api_delete(ORG_FRESH, registration_tokens::delete),
    ]
}
