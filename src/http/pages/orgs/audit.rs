//! What happened in an organization.

use super::OrgFrame;
use crate::http::pages::Frame;
use askama::Template;

/// The audit log. Its filter form is a GET: it changes nothing.
#[derive(Template)]
#[template(path = "orgs_audit.html")]
pub struct AuditPage {
    /// Around the page.
    pub frame: Frame,
    /// Around the organization.
    pub org: OrgFrame,
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

/// One event.
pub struct AuditLine {
    /// In words.
    pub what: String,
    /// By its name.
    pub event: String,
    /// Who.
    pub who: String,
    /// To whom or what; may be empty.
    pub target: String,
    /// More; may be empty.
    pub data: String,
    /// RFC 3339.
    pub at: String,
    /// The same in words.
    pub when: String,
    /// Network address; may be empty.
    pub address: String,
}
