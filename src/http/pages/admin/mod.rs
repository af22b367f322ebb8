//! Pages of administrators: lists, single things, charts, and the log.

mod audit;
mod dashboard;
mod list;
#[cfg(test)]
pub mod samples;
mod thing;

pub use audit::AdminAuditPage;
pub use dashboard::{Bar, Chart, DashboardPage, Key, TableRow, Total, Window};
pub use list::{ListPage, Pill, Row, RowLink, Status};
pub use thing::{Action, Fact, Section, ThingPage};

use super::orgs::Tab;

/// Head and tabs; templates extend `admin_layout.html` and call it `admin`.
pub struct AdminFrame {
    /// The pages there are.
    pub tabs: Vec<Tab>,
    /// Hidden field `csrf_token` of every form.
    pub csrf_token: String,
    /// What has just been done, in our own words.
    pub done: Option<&'static str>,
}
