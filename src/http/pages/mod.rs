//! The pages: one file each, a typed struct over a template in `templates/`. They hold text that is ready to show;
//! the decisions, the clock and the words of a refusal come from the caller. askama escapes every value (C69).

pub mod account;
pub mod admin;
mod api_docs;
mod change_password;
mod check_session;
mod choose_organization;
mod consent;
mod email;
mod error;
mod form_post;
mod home;
mod logged_out;
mod mailbox;
mod notice;
pub mod orgs;
mod parts;
mod playground;
mod playground_fragment;
mod playground_run;
mod recover;
mod register;
mod select_account;
mod sessions;
mod set_up;
mod sign_in;
mod sign_out;
mod sso;
mod sso_settings;
mod step_up;

pub use api_docs::{ApiDocsPage, DocsAnswer, DocsCode, DocsField, DocsGroup, DocsOperation, DocsParameter};
pub use change_password::ChangePasswordPage;
pub use check_session::CheckSessionPage;
pub use choose_organization::{ChooseOrganizationPage, OrganizationChoice};
pub use consent::{
    ConsentLine, ConsentPage, ConsentingClient, ConsentingOrganization, ConsentingResource, LineState, RedirectTarget,
};
pub use email::{AddressItem, ConfirmEmailPage, EmailPage, LinkDeed};
pub use error::{ErrorDetail, ErrorPage};
pub use form_post::FormPostPage;
pub use home::{HomePage, SecurityNotice};
pub use logged_out::LoggedOutPage;
pub use mailbox::{MailLine, MailPage, MailboxPage, TextLine};
pub use notice::{NoticeKind, NoticePage};
pub use parts::{ClientBanner, Frame, Hidden, Input, Link, SignedIn, WebLink};
pub use playground::{Choice, OptionGroup, PlaygroundPage, ScopeSet};
pub use playground_fragment::PlaygroundFragmentPage;
pub use playground_run::{Action, Channel, HeldToken, Message, PlaygroundRunPage, Progress, Stage, Step};
pub use recover::{NewPasswordPage, RecoverPage};
pub use register::RegisterPage;
pub use select_account::SelectAccountPage;
pub use sessions::{SessionLine, SessionsPage};
pub use set_up::SetUpPage;
pub use sign_in::SignInPage;
pub use sign_out::SignOutPage;
pub use sso::{
    Choice as SsoChoice, DummyProviderPage, Fact, IdentitiesPage, IdentityLine, SsoConfirmPage, SsoDoorPage,
};
pub use sso_settings::{KindLink, SsoField, SsoKindsPage, SsoSetUpPage, SsoSettingsPage};
pub use step_up::StepUpPage;

#[cfg(test)]
mod pages_tests;
#[cfg(test)]
mod playground_samples;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod samples_mail;
#[cfg(test)]
mod samples_sso;
