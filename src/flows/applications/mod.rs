//! A person's own applications: registered, changed and removed by whoever develops them, within what the operator lets
//! developers do. The pages and the API share these; the operator's own way is [`super::clients`].

mod create;
mod fields;
mod list;
mod refusal;
mod remove;
mod rotate;
mod rules;
mod statistics;
mod update;

pub use create::{Registered, create, may_create};
pub use fields::ApplicationFields;
pub use list::{ApplicationPage, Hint, Owned, page, show};
pub use refusal::ApplicationRefusal;
pub use remove::{remove, restore};
pub use rotate::{Rotated, rotate_secret};
pub use statistics::{Counted, Statistics, of as usage, refusals, statistics};
pub use update::update;

pub use crate::store::clients::ClientRow;
