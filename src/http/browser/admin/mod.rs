//! `/admin/..`: the server, for its administrators. To everybody else there is nothing here.

pub mod audit;
mod charts;
pub mod clients;
pub mod dashboard;
pub mod enter;
pub mod keys;
mod lists;
pub mod organizations;
pub mod routes;
pub mod server;
pub mod user;
pub mod users;

const ENDPOINT: &str = "administration";
