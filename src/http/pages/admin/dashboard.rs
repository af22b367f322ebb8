//! Numbers and charts. A chart is lines and boxes whose places are computed before: no script draws it.

use askama::Template;

use super::AdminFrame;
use crate::http::pages::Frame;

/// The page.
#[derive(Template)]
#[template(path = "admin_dashboard.html")]
pub struct DashboardPage {
    /// Around the page.
    pub frame: Frame,
    /// Head and tabs.
    pub admin: AdminFrame,
    /// What is shown.
    pub lead: String,
    /// How much there is.
    pub totals: Vec<Total>,
    /// Times to choose from.
    pub windows: Vec<Window>,
    /// The charts.
    pub charts: Vec<Chart>,
}

/// A number with its words.
pub struct Total {
    /// The number.
    pub number: String,
    /// What is counted.
    pub words: String,
}

/// A time to look at.
pub struct Window {
    /// Text of the link.
    pub label: &'static str,
    /// Own path.
    pub href: String,
    /// Shown now.
    pub current: bool,
}

/// Stacked bars.
pub struct Chart {
    /// Stable name.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// The whole in one sentence.
    pub sentence: String,
    /// Of the drawing.
    pub width: i64,
    /// Of the drawing.
    pub height: i64,
    /// Heights of lines across.
    pub lines: Vec<i64>,
    /// Boxes; none when nothing happened.
    pub bars: Vec<Bar>,
    /// Words for the first interval.
    pub begin: String,
    /// Words for the end.
    pub end: String,
    /// The highest bar.
    pub highest: i64,
    /// The series, largest first.
    pub legend: Vec<Key>,
    /// The same as numbers, newest first.
    pub table: Vec<TableRow>,
}

/// One box.
pub struct Bar {
    /// Which series.
    pub series: usize,
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
    /// Of the box.
    pub width: i64,
    /// Of the box.
    pub height: i64,
}

/// A series by its colour.
pub struct Key {
    /// Which series.
    pub series: usize,
    /// In words.
    pub label: String,
    /// All of it.
    pub total: i64,
}

/// One interval as numbers.
pub struct TableRow {
    /// Its begin in words.
    pub when: String,
    /// One a series.
    pub values: Vec<i64>,
}
