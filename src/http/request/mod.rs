//! Reading a request: who calls, and the parameters it brought.

pub mod caller;
pub mod client_request;
pub mod form;
mod forwarded;
