//! Spans of time as people type them: `90s`, `15m`, `24h`, `7d`.

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// Seconds of a span; a bare number counts in units of `bare` seconds. `None` for anything else, and for what is too long.
pub fn parse(text: &str, bare: i64) -> Option<i64> {
    let unit = UNITS.iter().find_map(|(letter, seconds)| text.strip_suffix(*letter).map(|number| (number, *seconds)));
    let (number, unit) = unit.unwrap_or((text, bare));
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<i64>().ok().filter(|_| plain)?.checked_mul(unit)
}

/// The shortest text that [`parse`] reads back as exactly this.
pub fn text(seconds: i64) -> String {
    let whole = UNITS.iter().find(|(_, unit)| seconds % unit == 0 && seconds >= *unit);
    whole.map_or_else(|| format!("{seconds}s"), |(letter, unit)| format!("{}{letter}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read_back() {
        for (seconds, said) in
            [(0, "0s"), (90, "90s"), (900, "15m"), (43_200, "12h"), (86_400, "1d"), (2_592_000, "30d")]
        {
            assert_eq!(text(seconds), said);
            assert_eq!(parse(said, 7), Some(seconds));
        }
        assert_eq!((parse("14", 86_400), parse("14", 1)), (Some(1_209_600), Some(14)));
        for odd in ["", "-1", "+1", "s", "1.5h", "5w", "1 d", "d1", "99999999999999999d"] {
            assert_eq!(parse(odd, 1), None, "{odd}");
        }
    }
}
