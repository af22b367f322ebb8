//! Every page of administrators.

use super::{audit, clients, dashboard, keys, organizations, server, user, users};
use crate::http::routes::Endpoint;

/// Below the issuer. Words of our own come before names.
pub fn all(at: impl Fn(&str) -> Endpoint) -> Vec<Endpoint> {
    let within = |path: &str| at(&format!("/admin{path}")).hidden();
    vec![
        within("").get(dashboard::get),
        within("/users").get(users::get),
        within("/users/{user}").get(user::get),
        within("/users/{user}/{action}").get(user::ask).post(user::act),
        within("/clients").get(clients::list),
        within("/clients/{client}").get(clients::get),
        within("/clients/{client}/{action}").get(clients::ask).post(clients::act),
        within("/organizations").get(organizations::list),
        within("/organizations/{org}").get(organizations::get),
        within("/organizations/{org}/{action}").get(organizations::ask).post(organizations::act),
        within("/audit").get(audit::get),
        within("/audit/export").get(audit::export),
        within("/keys").get(keys::get),
        within("/keys/rotate").get(keys::ask_rotate).post(keys::rotate),
        within("/keys/signing/rotate").get(keys::ask_rotate_signing).post(keys::rotate_signing),
        within("/keys/signing/withdraw").get(keys::ask_withdraw).post(keys::withdraw),
        within("/jobs").get(server::jobs),
        within("/configuration").get(server::configuration),
    ]
}
