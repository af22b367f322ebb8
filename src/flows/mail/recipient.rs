//! To whom a mail goes: an address that was checked, so that nothing else ever reaches a mail's head (ASVS 1.3.11).

use crate::outbound;
use crate::store::users::UserRow;

/// A checked address, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    address: String,
    login: Option<String>,
    user_id: Option<i64>,
    organization_id: Option<i64>,
}

impl Recipient {
    /// An address somebody typed; `None` unless it can be one.
    pub fn new(address: &str) -> Option<Recipient> {
        let address = outbound::mail::address(address.trim())?;
        Some(Recipient { address, login: None, user_id: None, organization_id: None })
    }

    /// A person at the address of their account; `None` when they have none, or may not use the account.
    pub fn of(user: &UserRow) -> Option<Recipient> {
        Recipient::of_at(user, user.email.as_deref()?)
    }

    /// A person at another address.
    pub fn of_at(user: &UserRow, address: &str) -> Option<Recipient> {
        let to = Recipient::new(address).filter(|_| user.is_active())?;
        Some(Recipient { login: Some(user.login.clone()), user_id: Some(user.id), ..to })
    }

    /// On behalf of an organization.
    #[must_use]
    pub fn for_organization(self, id: i64) -> Recipient {
        Recipient { organization_id: Some(id), ..self }
    }

    /// The address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The login of the account the mail is about.
    pub fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }

    /// Row id of that account.
    pub fn user_id(&self) -> Option<i64> {
        self.user_id
    }

    /// Row id of the organization.
    pub fn organization_id(&self) -> Option<i64> {
        self.organization_id
    }
}
