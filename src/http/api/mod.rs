//! `/api/v1`: JSON for scripts and for people who write them (RFC 9457 for what goes wrong).

pub mod admin;
pub mod application_care;
pub mod applications;
pub mod authorizations;
pub mod body;
pub mod call;
pub mod codes;
pub mod create;
pub mod docs;
mod docs_fields;
pub mod emails;
pub mod entity;
pub mod me;
pub mod openapi;
pub mod orgs;
pub mod page;
pub mod personal_tokens;
pub mod problem;
pub mod problems;
pub mod profile;
pub mod routes;
pub mod sessions;

use actix_web::HttpResponse;

pub use call::Call;
pub use problem::Problem;

/// What a handler gives.
pub type Answer = Result<HttpResponse, Problem>;
