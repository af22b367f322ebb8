//! What a development server would have sent.

use super::Frame;
use askama::Template;

/// All mails.
#[derive(Template)]
#[template(path = "mailbox.html")]
pub struct MailboxPage {
    /// Around the page.
    pub frame: Frame,
    /// Newest first.
    pub mails: Vec<MailLine>,
    /// Own path.
    pub recover_href: String,
}

/// One of them.
pub struct MailLine {
    /// Own path.
    pub href: String,
    /// Subject line.
    pub subject: String,
    /// Recipient.
    pub to: String,
    /// When, in words.
    pub when: String,
}

/// One mail, as text.
#[derive(Template)]
#[template(path = "mail.html")]
pub struct MailPage {
    /// Around the page.
    pub frame: Frame,
    /// Subject line.
    pub subject: String,
    /// Recipient.
    pub to: String,
    /// When, in words.
    pub when: String,
    /// The text.
    pub lines: Vec<TextLine>,
    /// Own path of the HTML.
    pub html_href: String,
    /// Own path.
    pub mailbox_href: String,
}

/// A line; one that is an own address is a link.
pub struct TextLine {
    /// As written.
    pub text: String,
    /// Own path.
    pub href: Option<String>,
}
