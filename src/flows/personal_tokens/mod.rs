//! Personal tokens: made by a person for scripts, told once, listed without their values, taken back one by one.

mod create;
pub mod demo;
mod list;
mod refusal;
mod remove;

pub use create::{Made, NewPersonalToken, create};
pub use list::{TokenPage, TokenView, page, show};
pub use refusal::PersonalTokenRefusal;
pub use remove::remove;
