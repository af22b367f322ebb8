//! What happened lately, by the hour and summed up in intervals of a chart.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::hourly::HOUR;
use crate::protocol::NumericDate;
use crate::store::StoreError;
use crate::store::hourly_counts::{self, HourlyCountRow};

/// Hours asked for at most: 31 days.
pub const MOST_HOURS: i64 = 31 * 24;

/// The counts of the last `hours` hours, the running one included, oldest first.
///
/// # Errors
/// The store's.
pub async fn hourly(app: &App, hours: i64) -> Result<Vec<HourlyCountRow>, StoreError> {
    let since = begin(app.clock.now(), hours);
    app.store.read(move |conn| hourly_counts::since(conn, since)).await
}

/// First second of the first of these hours.
pub fn begin(now: NumericDate, hours: i64) -> NumericDate {
    now - now.rem_euclid(HOUR) - (hours.clamp(1, MOST_HOURS) - 1) * HOUR
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The label.
    pub label: String,
    /// One sum an interval, oldest first.
    pub values: Vec<i64>,
}

impl Series {
    /// All of it.
    pub fn total(&self) -> i64 {
        self.values.iter().sum()
    }
}

/// Counts with this name as series of `intervals` sums each, the largest first. `label` names the series a row belongs
/// to.
pub fn series(
    rows: &[HourlyCountRow],
    name: &str,
    begin: NumericDate,
    hours_each: i64,
    intervals: usize,
    label: impl Fn(&str) -> String,
) -> Vec<Series> {
    let mut sums: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.name == name && row.hour >= begin) {
        let at = usize::try_from((row.hour - begin) / (HOUR * hours_each.max(1))).unwrap_or(usize::MAX);
        if at < intervals {
            sums.entry(label(&row.label)).or_insert_with(|| vec![0; intervals])[at] += row.count;
        }
    }
    let mut series: Vec<Series> = sums.into_iter().map(|(label, values)| Series { label, values }).collect();
    series.sort_by_key(|series| std::cmp::Reverse(series.total()));
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_summed_up_in_their_interval() {
        let row = |hour, label: &str, count| HourlyCountRow {
            hour: hour * HOUR,
            name: "sign_in".to_owned(),
            label: label.to_owned(),
            count,
        };
        let rows = [row(99, "ok", 7), row(100, "ok", 1), row(101, "ok", 2), row(102, "failed x", 9), row(104, "ok", 8)];
        let found = series(&rows, "sign_in", 100 * HOUR, 2, 2, str::to_owned);
        let named = |label: &str, values: &[i64]| Series { label: label.to_owned(), values: values.to_vec() };
        assert_eq!(found, [named("failed x", &[0, 9]), named("ok", &[3, 0])]);
        assert_eq!(series(&rows, "issued", 0, 1, 5, str::to_owned), []);
    }

    #[test]
    fn the_running_hour_is_the_last_one() {
        assert_eq!(begin(100 * HOUR + 59, 1), 100 * HOUR);
        assert_eq!(begin(100 * HOUR, 24), 77 * HOUR);
        assert_eq!(begin(10_000 * HOUR, i64::MAX), (10_001 - MOST_HOURS) * HOUR);
    }
}
