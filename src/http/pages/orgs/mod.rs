//! Pages of organizations. Those inside one share its head and its tabs.

mod applications;
mod audit;
mod confirm;
mod frame;
mod invitation;
mod invite;
mod keys;
mod list;
mod member;
mod members;
mod overview;
mod registration_tokens;
#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod samples_of_keys;
#[cfg(test)]
mod samples_of_registration;
mod settings;
mod teams;

pub use applications::{ApplicationItem, ApplicationsPage, AskOwnerPage, Pill};
pub use audit::{AuditLine, AuditPage};
pub use confirm::{ConfirmPage, Typed};
pub use frame::{Choice, OrgFrame, Tab};
pub use invitation::InvitationPage;
pub use invite::InvitePage;
pub use keys::{KeyItem, KeyMadePage, KeyPage, KeysPage, ScopeChoices};
pub use list::{NewOrgPage, OrgLine, OrgsPage};
pub use member::MemberPage;
pub use members::{InvitationItem, MemberItem, MembersPage};
pub use overview::{OrgLink, OverviewPage, PendingDeletionPage};
pub use registration_tokens::{
    NewRegistrationTokenPage, RegisteredItem, RegistrationTokenItem, RegistrationTokenMadePage, RegistrationTokensPage,
};
pub use settings::SettingsPage;
pub use teams::{TeamItem, TeamMemberItem, TeamPage, TeamsPage};
