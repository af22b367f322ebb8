//! Which events somebody wants to see, read from what they typed.

use crate::protocol::NumericDate;
use crate::protocol::rfc3339;
use crate::store::audit_events::AuditQuery;

const DAY: i64 = 86_400;
/// Characters of an event's name.
const EVENT: usize = 64;
/// Characters of an actor's label.
const ACTOR: usize = 200;

/// A filter; nothing set lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    event: Option<String>,
    actor: Option<String>,
    since: Option<NumericDate>,
    until: Option<NumericDate>,
}

/// What cannot be read, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterFault {
    /// No name of events.
    #[error("An event is named in lower-case letters, such as org.member.add; org finds all of org.")]
    Event,
    /// Too long, or with what no name holds.
    #[error("Nobody has such a name.")]
    Actor,
    /// No time.
    #[error("A time is written like 2026-11-22 or 2026-11-22T04:30Z (UTC).")]
    Time,
}

impl Filter {
    /// Reads what was typed; empty text filters nothing. A day as the end is that whole day.
    ///
    /// # Errors
    /// [`FilterFault`], for the first text that cannot be read.
    pub fn parse(event: &str, actor: &str, since: &str, until: &str) -> Result<Filter, FilterFault> {
        let typed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let event = typed(event);
        let named = |event: &String| {
            event.len() <= EVENT && event.bytes().all(|byte| byte.is_ascii_lowercase() || b"._-".contains(&byte))
        };
        let actor = typed(actor);
        if event.as_ref().is_some_and(|event| !named(event)) {
            return Err(FilterFault::Event);
        }
        let no_name = |actor: &String| actor.chars().count() > ACTOR || actor.chars().any(char::is_control);
        if actor.as_ref().is_some_and(no_name) {
            return Err(FilterFault::Actor);
        }
        let time = |text: &str| typed(text).map(|text| rfc3339::parse(&text).ok_or(FilterFault::Time)).transpose();
        let whole_day = if until.trim().len() == "2026-11-22".len() { DAY } else { 0 };
        let until = time(until)?.map(|until| until + whole_day);
        Ok(Filter {
            event: event.map(|event| event.trim_end_matches('.').to_owned()),
            actor,
            since: time(since)?,
            until,
        })
    }

    /// The same from another time on.
    #[must_use]
    pub fn since(self, since: Option<NumericDate>) -> Filter {
        Filter { since, ..self }
    }

    pub(super) fn of(&self, organization_id: Option<i64>) -> AuditQuery {
        let Filter { event, actor, since, until } = self.clone();
        AuditQuery { organization_id, event, actor, since, until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_what_people_type() {
        assert_eq!(Filter::parse("", " ", "", ""), Ok(Filter::default()));
        let read = Filter::parse("org.", "ada", "2026-11-22", "2026-11-22").unwrap();
        assert_eq!((read.event.as_deref(), read.actor.as_deref()), (Some("org"), Some("ada")));
        assert_eq!((read.since, read.until), (Some(1_795_305_600), Some(1_795_305_600 + DAY)));
        let exact = Filter::parse("", "", "", "2026-11-22T00:00Z").unwrap();
        assert_eq!(exact.until, Some(1_795_305_600));
    }

    /// C68.
    #[test]
    fn what_is_no_filter_is_refused() {
        assert_eq!(Filter::parse("' OR 1=1", "", "", ""), Err(FilterFault::Event));
        assert_eq!(Filter::parse("%", "", "", ""), Err(FilterFault::Event));
        assert_eq!(Filter::parse(&"x".repeat(65), "", "", ""), Err(FilterFault::Event));
        assert_eq!(Filter::parse("", &"x".repeat(201), "", ""), Err(FilterFault::Actor));
        assert_eq!(Filter::parse("", "a\0b", "", ""), Err(FilterFault::Actor));
        assert_eq!(Filter::parse("", "", "yesterday", ""), Err(FilterFault::Time));
        assert_eq!(Filter::parse("", "", "", "2026-02-30"), Err(FilterFault::Time));
    }
}
