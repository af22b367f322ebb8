//! `/admin/jobs`, `/admin/configuration`: the server itself.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};
use serde_json::Value;

use super::ENDPOINT;
use super::enter::{administrator, frame, own};
use super::lists::grouped;
use crate::flows::administration::{configuration as told, jobs as work};
use crate::http::answer::page::{Forms, page};
use crate::http::pages::admin::{Fact, Row, Section, ThingPage};
use crate::http::visit::Visit;
use crate::http::words::moment;

/// A page of facts and lines.
pub(super) fn thing(visit: &Visit, path: &str, title: &str, lead: &str, sections: Vec<Section>) -> ThingPage {
    ThingPage {
        frame: visit.frame(),
        admin: frame(visit, path),
        back: None,
        title: title.to_owned(),
        lead: lead.to_owned(),
        pills: Vec::new(),
        sections,
        actions: Vec::new(),
    }
}

/// GET.
///
/// # Errors
/// A page.
pub async fn jobs(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let now = visit.app.clock.now();
    let jobs = work::jobs(&visit.app).await.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let since =
        |at: Option<i64>| at.map(|at| format!(", the oldest since {}", moment::at(at, now))).unwrap_or_default();
    let facts = vec![
        Fact::new("Mails waiting", format!("{}{}", grouped(jobs.mails_waiting), since(jobs.mails_waiting_since))),
        Fact::new("Mails given up within a day", grouped(jobs.mails_given_up)),
        Fact::new(
            "Identities to re-check",
            format!("{}{}", grouped(jobs.rechecks_due), since(jobs.rechecks_due_since)),
        ),
        Fact::new(
            "Housekeeping on this node",
            jobs.housekeeping_at.map_or("not yet".to_owned(), |at| moment::ago(at, now)),
        ),
        Fact::new("Writes waiting on this node", jobs.writes_waiting.to_string()),
    ];
    let row = |one: &work::Deletion| {
        let (path, kind) =
            if one.kind == "client" { ("clients", "application") } else { ("organizations", "organization") };
        let when = one.delete_at.map_or(String::new(), |at| format!(" · {}", moment::at(at, now)));
        Row {
            href: Some(own(&visit, &format!("/{path}/{}", one.id))),
            ..Row::plain(one.name.clone(), format!("{kind}{when}"))
        }
    };
    let deletions = jobs.deletions.iter().map(row).collect();
    let sections = vec![
        Section::facts("queues", "Queues", facts),
        Section::rows("deletions", "About to be deleted", deletions, "Nothing is about to be deleted."),
    ];
    let lead = "What waits to be done, and when the work in the background was last done.";
    let shown = thing(&visit, "/jobs", "Jobs and queues", lead, sections);
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// GET.
///
/// # Errors
/// A page.
pub async fn configuration(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let told = told::in_force(&visit.app);
    let section = |(name, keys): (&String, &Value)| {
        let facts = match keys {
            Value::Object(keys) => keys.iter().map(|(key, value)| Fact::code(key.clone(), in_words(value))).collect(),
            other => vec![Fact::code(name.clone(), in_words(other))],
        };
        Section::facts(&format!("section-{name}"), format!("[{name}]"), facts)
    };
    let sections = told.as_object().into_iter().flatten().map(section).collect();
    let lead = "File, environment and command line together, as they are in force on this node. Secrets are hidden.";
    let shown = thing(&visit, "/configuration", "Configuration", lead, sections);
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "(not set)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "(none)".to_owned(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
