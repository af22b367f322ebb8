//! Pages of organizations. Those inside one share its head and its tabs.

mod audit;
mod confirm;
mod frame;
mod invitation;
mod invite;
mod list;
mod member;
mod members;
mod overview;
#[cfg(test)]
pub mod samples;
mod settings;
mod teams;

pub use audit::{AuditLine, AuditPage};
pub use confirm::{ConfirmPage, Typed};
pub use frame::{Choice, OrgFrame, Tab};
pub use invitation::InvitationPage;
pub use invite::InvitePage;
pub use list::{NewOrgPage, OrgLine, OrgsPage};
pub use member::MemberPage;
pub use members::{InvitationItem, MemberItem, MembersPage};
pub use overview::{OrgLink, OverviewPage, PendingDeletionPage};
pub use settings::SettingsPage;
pub use teams::{TeamItem, TeamMemberItem, TeamPage, TeamsPage};
