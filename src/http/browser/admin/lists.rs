//! What the three lists share: what is looked for, where the page begins, and the way to the next one.

use actix_web::Error;

use super::enter::own;
use crate::flows::administration::find::Wanted;
use crate::flows::applications::Counted;
use crate::http::pages::admin::Status;
use crate::http::visit::Visit;
use crate::protocol::params::Params;

/// Entries on a page.
pub const PAGE: i64 = 50;

/// What the address asks for.
pub struct Asked {
    params: Params,
}

impl Asked {
    /// Reads the query; what is no text of ours is nothing.
    pub fn of(visit: &Visit) -> Result<Asked, Error> {
        Ok(Asked { params: visit.query()? })
    }

    fn field(&self, name: &str) -> &str {
        let text = self.params.once(name).ok().flatten().unwrap_or_default();
        if text.contains('\0') || text.len() > 1000 { "" } else { text }
    }

    /// What was typed.
    pub fn search(&self) -> &str {
        self.field("q")
    }

    /// Where the page begins.
    pub fn after(&self) -> &str {
        self.field("after")
    }

    /// What is looked for.
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted { text: self.search(), status: Some(self.field("status")) }
    }

    /// Anything is looked for.
    pub fn is_filtered(&self) -> bool {
        !self.search().is_empty() || !self.field("status").is_empty()
    }

    /// The statuses to choose from.
    pub fn statuses(&self, all: &[(&'static str, &'static str)]) -> Vec<Status> {
        all.iter().map(|(value, label)| Status { value, label, chosen: self.field("status") == *value }).collect()
    }

    /// Own path of the page that begins after `place`.
    pub fn next(&self, visit: &Visit, path: &str, place: &str) -> String {
        let pairs = [("q", self.search()), ("status", self.field("status")), ("after", place)];
        let pairs: Params = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("{}?{}", own(visit, path), pairs.encode())
    }
}

/// 1204 as "1,204".
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 session", "12 sessions", "1,000+ sessions" where counting ended at `most`.
pub fn counted(number: usize, most: usize, what: &str) -> String {
    counted_to(number, number >= most, what)
}

/// The same of a number that may stand for more.
pub fn counted_so(counted: Counted, what: &str) -> String {
    counted_to(counted.count, counted.more, what)
}

fn counted_to(number: usize, more: bool, what: &str) -> String {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    format!("{}{} {what}{}", grouped(number), if more { "+" } else { "" }, if number == 1 && !more { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_read_them() {
        for (number, text) in [(0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, 1_000, "token"), "1 token");
        assert_eq!(counted(12, 1_000, "user"), "12 users");
        assert_eq!(counted(1_000, 1_000, "token"), "1,000+ tokens");
    }
}
