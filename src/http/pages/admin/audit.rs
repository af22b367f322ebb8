//! What happened on the server.

use askama::Template;

use super::AdminFrame;
use crate::http::pages::Frame;
use crate::http::pages::orgs::AuditLine;

/// The audit log. Its filter form is a GET: it changes nothing.
#[derive(Template)]
#[template(path = "admin_audit.html")]
pub struct AdminAuditPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub admin: AdminFrame,
    /// Where the filter form goes.
    pub action: String,
    /// Filter, as typed.
    pub event: String,
    /// Names to choose from.
    pub event_names: &'static [&'static str],
    /// Filter, as typed.
    pub actor: String,
    /// Filter, as typed.
    pub since: String,
    /// Filter, as typed.
    pub until: String,
    /// Any filter is set.
    pub filtered: bool,
    /// What is wrong with the filter.
    pub fault: Option<String>,
    /// Newest first.
    pub lines: Vec<AuditLine>,
    /// Own path of the next page.
    pub next_href: Option<String>,
    /// Own path of the first page, on all others.
    pub newest_href: Option<String>,
    /// Own path of the same as a file.
    pub csv_href: String,
    /// Own path of the same as a file.
    pub json_href: String,
}
