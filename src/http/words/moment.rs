//! Times in words, always in UTC: the server does not know where its readers are.

use crate::protocol::NumericDate;

const DAY: i64 = 24 * 3600;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// "today at 09:14 UTC", "yesterday at 21:40 UTC", "3 Nov at 08:02 UTC", with the year when it is another one.
pub fn at(moment: NumericDate, now: NumericDate) -> String {
    let (hour, minute) = (moment.rem_euclid(DAY) / 3600, moment.rem_euclid(3600) / 60);
    let (year, month, day) = date(moment.div_euclid(DAY));
    let name = MONTHS[month - 1];
    let date = match now.div_euclid(DAY) - moment.div_euclid(DAY) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        _ if date(now.div_euclid(DAY)).0 == year => format!("{day} {name}"),
        _ => format!("{day} {name} {year}"),
    };
    format!("{date} at {hour:02}:{minute:02} UTC")
}

/// "just now", "5 minutes ago", "2 hours ago", "12 days ago".
pub fn ago(moment: NumericDate, now: NumericDate) -> String {
    match now - moment {
        ..60 => "just now".to_owned(),
        seconds => format!("{} ago", span(seconds)),
    }
}

/// "30 seconds", "1 minute", "2 hours", "12 days".
pub fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..120 if seconds % 60 != 0 || seconds < 60 => (seconds.max(0), "second"),
        ..3600 => (seconds / 60, "minute"),
        3600..DAY => (seconds / 3600, "hour"),
        _ => (seconds / DAY, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar: 400 years have 146,097 days, and
/// years are counted from March, so that a leap day comes last.
fn date(day: i64) -> (i64, usize, i64) {
    let day = day + 719_468;
    let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_as_the_calendar_names_them() {
        for (day, expected) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (19_782, (2024, 2, 29)),
            (20_089, (2025, 1, 1)),
            (20_088, (2024, 12, 31)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(day), expected);
        }
    }

    #[test]
    fn a_time_is_told_as_people_tell_it() {
        let now = 1_795_340_000;
        assert_eq!(at(now, now), "today at 09:33 UTC");
        assert_eq!(at(now - DAY, now), "yesterday at 09:33 UTC");
        assert_eq!(at(now - 19 * DAY, now), "3 Nov at 09:33 UTC");
        assert_eq!(at(now - 365 * DAY, now), "22 Nov 2025 at 09:33 UTC");
    }

    #[test]
    fn a_span_is_one_number_and_one_unit() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (90, "90 seconds"),
            (120, "2 minutes"),
            (3600, "1 hour"),
            (7300, "2 hours"),
            (DAY, "1 day"),
            (12 * DAY + 5, "12 days"),
        ] {
            assert_eq!(span(seconds), words);
        }
        assert_eq!(ago(100, 130), "just now");
        assert_eq!(ago(100, 100 + 7300), "2 hours ago");
    }
}
