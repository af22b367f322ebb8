//! Pages of an account, all with the same tabs.

mod applications;
mod connected;
mod details;
mod profile;
#[cfg(test)]
pub mod samples;
mod tokens;

pub use applications::{
    ApplicationFormPage, ApplicationItem, ApplicationPage, DeveloperPage, OpenIdInputs, RefusalItem,
};
pub use connected::{ConnectedItem, ConnectedPage};
pub use details::{Detail, DetailGroup, DetailsPage};
pub use profile::{DataPage, ProfilePage};
pub use tokens::{NewTokenPage, ScopeGroup, SecretPage, TokenItem, TokensPage};
