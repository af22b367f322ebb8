//! Dates and durations for people.

use crate::protocol::{NumericDate, span};

/// `2026-11-22 04:30 UTC` (proleptic Gregorian calendar).
pub fn date(at: NumericDate) -> String {
    let (days, seconds) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    // Days since 0000-03-01, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", seconds / 3600, seconds % 3600 / 60)
}

/// The date, or nothing.
pub fn date_or_empty(at: Option<NumericDate>) -> String {
    at.map(date).unwrap_or_default()
}

/// Seconds as `90`, `90s`, `15m`, `24h`, `7d`.
pub fn parse_seconds(text: &str) -> Result<i64, String> {
    span::parse(text, 1).ok_or_else(|| format!("{text:?} is not a time such as 90s, 15m, 24h or 7d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date(1_795_321_800), "2026-11-22 04:30 UTC");
        assert_eq!(date(4_107_542_399), "2100-02-28 23:59 UTC");
        assert_eq!(date(4_107_542_400), "2100-03-01 00:00 UTC");
    }

    #[test]
    fn seconds_may_carry_a_unit() {
        for (text, seconds) in [("0", 0), ("90", 90), ("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(parse_seconds(text), Ok(seconds));
        }
        for text in ["", "-1", "s", "1.5h", "5w", "99999999999999999d"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }
}
