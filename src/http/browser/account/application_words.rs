//! Applications and scopes in words.

use serde_json::Value;

use crate::app::App;
use crate::flows::applications::{ClientRow, Counted, Hint};
use crate::flows::explain::Explanation;
use crate::http::pages::account::{RefusalItem, ScopeGroup};
use crate::http::pages::orgs::Choice;
use crate::http::words::moment;
use crate::protocol::NumericDate;
use crate::protocol::catalogue::ScopeSet;
use crate::protocol::identity_scopes::is_identity_scope;

/// Check boxes for every scope a personal token may have, a set a group.
pub fn groups(app: &App, chosen: &[String], administrator: bool) -> Vec<ScopeGroup> {
    groups_where(app, chosen, |set| (administrator || set.name != "admin") && !is_identity_scope(&set.name))
}

/// The same for an application, which may also be told who somebody is.
pub fn groups_of_application(app: &App, chosen: &[String], administrator: bool) -> Vec<ScopeGroup> {
    groups_where(app, chosen, |set| administrator || set.name != "admin")
}

fn groups_where(app: &App, chosen: &[String], offered: impl Fn(&ScopeSet) -> bool) -> Vec<ScopeGroup> {
    let sets = app.catalogue.sets().iter().filter(|set| offered(set));
    sets.map(|set| ScopeGroup {
        name: set.name.clone(),
        scopes: set
            .levels
            .iter()
            .map(|level| Choice {
                value: level.scope.clone(),
                label: level.scope.clone(),
                text: level.text.clone(),
                chosen: chosen.contains(&level.scope),
            })
            .collect(),
    })
    .collect()
}

/// "12 users", "1 live token", "at least 1000 users".
pub fn count(counted: Counted, what: &str) -> String {
    match (counted.count, counted.more) {
        (0, true) => format!("an unknown number of {what}s"),
        (1, true) => format!("at least 1 {what}"),
        (count, true) => format!("at least {count} {what}s"),
        (1, false) => format!("1 {what}"),
        (count, false) => format!("{count} {what}s"),
    }
}

/// What keeps an application from working, in two words.
pub fn trouble(row: &ClientRow) -> Option<&'static str> {
    match row.status.as_str() {
        "active" => None,
        "pending_deletion" => Some("About to be deleted"),
        _ => Some("Switched off"),
    }
}

/// Whether it can keep a secret.
pub fn kind(row: &ClientRow) -> &'static str {
    if row.is_confidential() { "Keeps a secret" } else { "Public" }
}

/// One secret, without its value.
pub fn hint(hint: &Hint, now: NumericDate) -> String {
    let end = hint.expires_at.map(|end| format!(", ends in {}", moment::span(end - now))).unwrap_or_default();
    format!("..{}, made {}{end}", hint.last_four, moment::at(hint.created_at, now))
}

/// A refusal with what stood behind it.
pub fn refusal(one: Explanation, now: NumericDate) -> RefusalItem {
    let named = [
        ("rule", "Rule"),
        ("received", "Received"),
        ("expected", "Registered"),
        ("spec", "Specification"),
        ("hint", "Hint"),
    ];
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
        other => Some(other.to_string()),
    };
    let evidence = named.iter().filter_map(|(name, label)| Some(((*label).to_owned(), text(one.detail.get(*name)?)?)));
    RefusalItem {
        evidence: evidence.collect(),
        code: one.code,
        when: moment::ago(one.at, now),
        endpoint: one.endpoint,
        reference: one.reference,
        description: one.description,
    }
}
