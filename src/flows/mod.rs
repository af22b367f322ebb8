//! The decisions: one story a file. Everything that says yes or no is here.

pub mod audience;
pub mod audit;
pub mod authorize;
pub mod caller;
pub mod client_authentication;
pub mod client_lookup;
pub mod clients;
pub mod declare;
pub mod derivation;
pub mod explain;
mod failure;
mod guessing;
pub mod health;
pub mod housekeeping;
pub mod introspect;
mod introspect_refresh;
pub mod migrate;
pub mod password_policy;
pub mod people;
pub mod refusal;
pub mod resource_servers;
pub mod revoke;
pub mod session;
pub mod sign_in;
pub mod token;
pub mod token_state;
