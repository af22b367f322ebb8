//! Head and tabs of an organization's pages.

use super::enter::Inside;
use crate::flows::registration::organizations_may;
use crate::http::pages::orgs::{OrgFrame, Tab};
use crate::http::visit::Visit;

/// The pages there are, in the order of the tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/orgs/{org}`
    Overview,
    /// `/orgs/{org}/members`
    Members,
    /// `/orgs/{org}/teams`
    Teams,
    /// `/orgs/{org}/applications`
    Applications,
    /// `/orgs/{org}/api-keys`
    ApiKeys,
    /// `/orgs/{org}/registration-tokens`, where the operator leaves them to organizations
    RegistrationTokens,
    /// `/orgs/{org}/sso`
    SingleSignOn,
    /// `/orgs/{org}/audit`
    AuditLog,
    /// `/orgs/{org}/settings`
    Settings,
}

impl Page {
    const ALL: [Page; 9] = [
        Page::Overview,
        Page::Members,
        Page::Teams,
        Page::Applications,
        Page::ApiKeys,
        Page::RegistrationTokens,
        Page::SingleSignOn,
        Page::AuditLog,
        Page::Settings,
    ];

    /// Its path below the organization, what tabs call it, and the scope it needs.
    pub fn facts(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Page::Overview => ("", "Overview", None),
            Page::Members => ("/members", "Members", Some("member:read")),
            Page::Teams => ("/teams", "Teams", Some("team:read")),
            Page::Applications => ("/applications", "Applications", Some("org:read")),
            Page::ApiKeys => ("/api-keys", "API keys", Some("org:admin")),
            Page::RegistrationTokens => ("/registration-tokens", "Registration tokens", Some("org:admin")),
            Page::SingleSignOn => ("/sso", "Single sign-on", Some("org:admin")),
            Page::AuditLog => ("/audit", "Audit log", Some("org:write")),
            Page::Settings => ("/settings", "Settings", Some("org:write")),
        }
    }

    /// The scope it needs.
    pub fn needs(self) -> Option<&'static str> {
        self.facts().2
    }
}

/// The frame of one page. `done` is one of our own sentences, never a text of the request.
pub fn frame(visit: &Visit, inside: &Inside<'_>, page: Page, done: Option<&str>) -> OrgFrame {
    let tabs = Page::ALL.into_iter().filter(|tab| tab.needs().is_none_or(|scope| inside.allows(&visit.app, scope)));
    let tabs = tabs.filter(|tab| *tab != Page::RegistrationTokens || organizations_may(&visit.app));
    OrgFrame {
        name: inside.membership.organization().name.clone(),
        href: inside.own(visit, ""),
        tabs: tabs
            .map(|tab| {
                let (path, label, _) = tab.facts();
                Tab { label, href: inside.own(visit, path), current: tab == page }
            })
            .collect(),
        csrf_token: visit.csrf_token(),
        done: done.map(str::to_owned),
    }
}
