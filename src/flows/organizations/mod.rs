//! Organizations: how they come, change and go, and who belongs to them. Pages and the command line share these. Each
//! change holds the organization's row, judges the role of whoever acts in the same transaction, and writes one event.

pub mod applications;
pub(in crate::flows) mod change;
pub mod create;
pub mod delete;
pub mod door;
pub mod invitations;
pub mod members;
pub(in crate::flows) mod names;
mod refusal;
pub mod settings;
pub mod show;
pub mod teams;

pub use change::By;
pub use names::from_name as address_of;
pub use refusal::OrganizationRefusal;
