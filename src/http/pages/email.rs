//! The addresses of an account: seeing, adding, confirming, making one the main one.

use super::{Frame, Hidden, Input};
use askama::Template;

/// The page of the addresses. The forms of sending a link post `email` and `csrf_token`, and `main` for one that shall be the
/// main one; those of an address post `address` and `csrf_token`.
#[derive(Template)]
#[template(path = "email.html")]
pub struct EmailPage {
    /// Around the page.
    pub frame: Frame,
    /// Where links are asked for.
    pub action: String,
    /// Where an address is made the main one.
    pub main_action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// The main address.
    pub current: Option<String>,
    /// When it was confirmed, in words.
    pub verified: Option<String>,
    /// The others.
    pub further: Vec<AddressItem>,
    /// They are the person's own to change.
    pub own: bool,
    /// Links can be sent.
    pub open: bool,
    /// The new address as typed.
    pub email: Input,
    /// It shall be the main one.
    pub main: bool,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// What has just been done.
    pub done: Option<String>,
}

impl EmailPage {
    fn unproven(&self) -> Option<&str> {
        self.current.as_deref().filter(|_| self.open && self.verified.is_none())
    }
}

/// A further address.
pub struct AddressItem {
    /// Field `address`.
    pub id: String,
    /// The address.
    pub email: String,
    /// When it was confirmed, in words.
    pub verified: String,
    /// Where its removal is asked about.
    pub remove_href: String,
}

/// What the link does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LinkDeed {
    /// The main address is confirmed.
    Proves,
    /// The address becomes the main one.
    Moves,
    /// The address becomes a further one.
    Adds,
}

/// The page behind a link: posts `csrf_token` and the carried token.
#[derive(Template)]
#[template(path = "confirm_email.html")]
pub struct ConfirmEmailPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// Carries the link's token.
    pub carried: Vec<Hidden>,
    /// Whose account.
    pub login: String,
    /// The address.
    pub email: String,
    /// What happens to it.
    pub deed: LinkDeed,
}

impl ConfirmEmailPage {
    fn moves(&self) -> bool {
        self.deed == LinkDeed::Moves
    }

    fn adds(&self) -> bool {
        self.deed == LinkDeed::Adds
    }
}
