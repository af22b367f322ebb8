//! Times as text, `2026-11-22T04:30:00Z` (RFC 3339), always UTC.

use super::NumericDate;

const DAY: i64 = 86_400;

/// `2026-11-22T04:30:00Z`.
pub fn text(at: NumericDate) -> String {
    let (year, month, day) = date(at.div_euclid(DAY));
    let (hour, minute, second) = (at.rem_euclid(DAY) / 3600, at.rem_euclid(3600) / 60, at.rem_euclid(60));
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads a day (its first second), or a time with `Z`: `2026-11-22`, `2026-11-22T04:30Z`, `2026-11-22T04:30:00Z`.
pub fn parse(text: &str) -> Option<NumericDate> {
    let (days, time) = match text.split_once('T') {
        Some((days, time)) => (days, time.strip_suffix('Z')?),
        None => (text, "00:00:00"),
    };
    let number = |text: &str, length: usize, most: i64| {
        let digits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number <= most)
    };
    let mut parts = days.split('-');
    let (year, month, day) =
        (number(parts.next()?, 4, 9999)?, number(parts.next()?, 2, 12)?, number(parts.next()?, 2, 31)?);
    let mut times = time.split(':');
    let (hour, minute) = (number(times.next()?, 2, 23)?, number(times.next()?, 2, 59)?);
    let second = times.next().map_or(Some(0), |second| number(second, 2, 59))?;
    let (over, day_number) = (parts.next().or(times.next()), day_of(year, month, day));
    // A day that does not exist, such as 31 June, comes back as another one.
    (over.is_none() && date(day_number) == (year, month, day))
        .then_some(day_number * DAY + hour * 3600 + minute * 60 + second)
}

/// Year, month and day of a day counted from 1970-01-01: 400 years have 146,097 days, and years are counted from March,
/// so that a leap day comes last.
fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

/// The day's number, counted from 1970-01-01.
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = (month + 9).rem_euclid(12);
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_from_its_text() {
        for (at, written) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_321_800, "2026-11-22T04:30:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(text(at), written);
            assert_eq!(parse(written), Some(at));
        }
        assert_eq!(parse("2026-11-22"), Some(1_795_305_600));
        assert_eq!(parse("2026-11-22T04:30Z"), Some(1_795_321_800));
    }

    #[test]
    fn what_is_no_time_is_not_read_as_another() {
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-11-31",
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "+026-01-01",
            "2026-1-1",
            "2026-11-22T24:00Z",
            "2026-11-22T04:30",
            "2026-11-22T04:30:00+01:00",
            "2026-11-22 04:30",
            "2026-11-22-01",
            "2026-11-22T04:30:00:00Z",
            "99999-01-01",
            "today",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
