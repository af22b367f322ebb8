//! From counts to boxes: stacked bars on a drawing of fixed size, with the numbers beside it.

use super::lists::grouped;
use crate::flows::administration::statistics::Series;
use crate::http::pages::admin::{Bar, Chart, Key, TableRow};
use crate::http::words::moment;
use crate::protocol::NumericDate;

const WIDTH: i64 = 720;
const HEIGHT: i64 = 180;
/// Series with a colour of their own; the rest are one.
const COLOURS: usize = 6;

/// What a chart is of.
pub struct About {
    /// Stable name.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What is counted, singular and plural.
    pub what: (&'static str, &'static str),
}

/// Draws it. `begin` is the first interval's, `seconds` each one's length.
pub fn draw(about: About, series: Vec<Series>, begin: NumericDate, seconds: i64, now: NumericDate) -> Chart {
    let series = with_colours(series);
    let intervals = series.first().map_or(0, |series| series.values.len());
    let sum = |at: usize| -> i64 { series.iter().filter_map(|series| series.values.get(at)).sum() };
    let highest = (0..intervals).map(sum).max().unwrap_or(0);
    let total: i64 = series.iter().map(Series::total).sum();
    let when = |at: usize| moment::at(begin + i64::try_from(at).unwrap_or_default() * seconds, now);
    Chart {
        id: about.id,
        title: about.title,
        sentence: sentence(&about, total, &series),
        width: WIDTH,
        height: HEIGHT,
        lines: vec![0, HEIGHT / 2, HEIGHT],
        bars: if highest > 0 { bars(&series, intervals, highest) } else { Vec::new() },
        begin: when(0),
        end: "now".to_owned(),
        highest,
        legend: series
            .iter()
            .enumerate()
            .map(|(at, series)| Key { series: at, label: series.label.clone(), total: series.total() })
            .collect(),
        table: (0..intervals)
            .rev()
            .map(|at| TableRow { when: when(at), values: series.iter().map(|series| series.values[at]).collect() })
            .collect(),
    }
}

fn sentence(about: &About, total: i64, series: &[Series]) -> String {
    let (one, many) = about.what;
    if total == 0 {
        return format!("No {many} in this time.");
    }
    let parts: Vec<String> =
        series.iter().map(|series| format!("{} {}", grouped(series.total()), series.label)).collect();
    format!("{} {}: {}.", grouped(total), if total == 1 { one } else { many }, parts.join(", "))
}

fn with_colours(mut series: Vec<Series>) -> Vec<Series> {
    if series.len() > COLOURS {
        let rest = series.split_off(COLOURS - 1);
        let mut other = Series { label: "others".to_owned(), values: vec![0; rest[0].values.len()] };
        for one in rest {
            other.values.iter_mut().zip(one.values).for_each(|(sum, value)| *sum += value);
        }
        series.push(other);
    }
    series
}

/// From the bottom up; whatever happened at all is at least a line.
fn bars(series: &[Series], intervals: usize, highest: i64) -> Vec<Bar> {
    let step = WIDTH / i64::try_from(intervals.max(1)).unwrap_or(1);
    let mut bars = Vec::new();
    for at in 0..intervals {
        let mut top = HEIGHT;
        for (number, series) in series.iter().enumerate().filter(|(_, series)| series.values[at] > 0) {
            let height = (series.values[at] * HEIGHT / highest).clamp(1, top.max(1));
            top -= height;
            let x = i64::try_from(at).unwrap_or_default() * step;
            bars.push(Bar { series: number, x, y: top.max(0), width: (step - step / 5).max(1), height });
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(label: &str, values: &[i64]) -> Series {
        Series { label: label.to_owned(), values: values.to_vec() }
    }

    fn about() -> About {
        About { id: "x", title: "X", what: ("sign-in", "sign-ins") }
    }

    #[test]
    fn the_highest_bar_is_as_high_as_the_drawing_and_bars_stand_on_each_other() {
        let chart = draw(about(), vec![series("ok", &[3, 0]), series("failed", &[1, 2])], 0, 3600, 7200);
        assert_eq!((chart.highest, chart.sentence.as_str()), (4, "6 sign-ins: 3 ok, 3 failed."));
        let places: Vec<_> = chart.bars.iter().map(|bar| (bar.series, bar.x, bar.y, bar.height)).collect();
        assert_eq!(places, [(0, 0, 45, 135), (1, 0, 0, 45), (1, 360, 90, 90)]);
        assert_eq!(chart.table[0].values, [0, 2], "newest first");
    }

    #[test]
    fn nothing_is_drawn_where_nothing_happened_and_many_are_told_as_others() {
        let chart = draw(about(), Vec::new(), 0, 3600, 0);
        assert!(chart.bars.is_empty() && chart.sentence == "No sign-ins in this time.");
        let many = (1..=9).map(|count| series(&format!("n{count}"), &[count])).collect();
        let chart = draw(about(), many, 0, 3600, 0);
        assert_eq!(chart.legend.len(), COLOURS);
        assert_eq!((chart.legend[5].label.as_str(), chart.legend[5].total), ("others", 6 + 7 + 8 + 9));
        assert!(chart.bars.iter().all(|bar| bar.y >= 0 && bar.y + bar.height <= HEIGHT));
    }
}
