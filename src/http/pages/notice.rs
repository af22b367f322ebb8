//! Pages that say one thing: signed out, not found, too busy, registration closed, a link that was used.

use super::{Frame, Link};
use askama::Template;

/// A title, a sentence, perhaps a button. The constructors give the standing ones.
#[derive(Template)]
#[template(path = "notice.html")]
pub struct NoticePage {
    /// Around the page.
    pub frame: Frame,
    /// Picture and colour.
    pub kind: NoticeKind,
    /// Heading and page title.
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// A button to an own page.
    pub next: Option<Link>,
}

/// Picture and colour of a notice.
#[derive(Clone, Copy)]
pub enum NoticeKind {
    /// It worked.
    Done,
    /// There is no such page, or it is not yours.
    NotFound,
    /// Wait and try again.
    Busy,
    /// It cannot be done.
    Refused,
}

impl NoticeKind {
    fn icon(self) -> &'static str {
        match self {
            Self::Done => "i-check",
            Self::NotFound => "i-search",
            Self::Busy => "i-clock",
            Self::Refused => "i-alert",
        }
    }

    fn tint(self) -> &'static str {
        match self {
            Self::Done | Self::NotFound => "",
            Self::Busy => " warn",
            Self::Refused => " bad",
        }
    }
}

impl NoticePage {
    /// After sign-out. 200.
    pub fn signed_out(frame: Frame) -> Self {
        let text = "Your session in this browser has ended. On a shared computer, close the browser too.";
        let next = own_link(&frame, "Sign in again", "/login");
        Self { frame, kind: NoticeKind::Done, title: "You are signed out".to_owned(), text: text.to_owned(), next }
    }

    /// 404: also for what exists but belongs to somebody else (C70).
    pub fn not_found(frame: Frame) -> Self {
        let text = "There is nothing at this address, or it is not yours to see. Check the link you followed.";
        let next = own_link(&frame, "Go to your account", "/");
        Self { frame, kind: NoticeKind::NotFound, title: "Page not found".to_owned(), text: text.to_owned(), next }
    }

    /// 403: an organization's provider vouched, and the page is about more than that organization.
    pub fn own_factor_needed(frame: Frame) -> Self {
        let text = "Your organization's provider signed you in, and its word counts for that organization only. This page \
                    is about your whole account: set a password for it, then sign in with that.";
        let next = own_link(&frame, "Set a password by mail", "/recover");
        Self {
            frame,
            kind: NoticeKind::Refused,
            title: "Your own password, please".to_owned(),
            text: text.to_owned(),
            next,
        }
    }

    /// 503 with `Retry-After`: `wait` is the same time in words.
    pub fn too_busy(frame: Frame, wait: &str) -> Self {
        let text = format!("More people than usual are here. Nothing is lost: please try again in {wait}.");
        Self { frame, kind: NoticeKind::Busy, title: "One moment, please".to_owned(), text, next: None }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "fills the optional field")]
fn own_link(frame: &Frame, label: &str, path: &str) -> Option<Link> {
    Some(Link { label: label.to_owned(), href: format!("{}{path}", frame.base) })
}
