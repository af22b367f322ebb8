//! The server as its administrators look at it: what there is, what happened, what waits, and what it was told.

pub mod access;
pub mod configuration;
pub mod find;
pub mod jobs;
pub mod statistics;

pub use crate::store::clients::ClientRow;
pub use crate::store::hourly_counts::HourlyCountRow;
pub use crate::store::organizations::OrganizationRow;
pub use crate::store::sessions::SessionRow;
pub use crate::store::users::UserRow;
