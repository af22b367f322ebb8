//! The only place that says `actix_web`: what a request is here, how an answer looks there.

pub mod answer;
pub mod api;
pub mod around;
pub mod assets;
pub mod browser;
pub mod endpoints;
pub mod operations;
pub mod pages;
pub mod playground;
pub mod request;
mod request_id;
pub mod routes;
pub mod run;
pub mod server;
pub mod tls;
pub mod visit;
pub mod words;
