//! `/orgs/{org}/audit`: what happened, filtered and in pages; and the same as a file.

use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse};
use futures_util::stream;
use serde_json::Value;

use super::enter::{Inside, enter};
use super::frame::{Page, frame};
use super::{ENDPOINT, audit_words};
use crate::flows::audit_log::export::{Export, Format};
use crate::flows::audit_log::{self, AuditLogRefusal, Entry, Filter};
use crate::http::answer::json;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::orgs::{AuditLine, AuditPage};
use crate::http::visit::Visit;
use crate::http::words::moment;
use crate::protocol::NumericDate;
use crate::protocol::params::Params;
use crate::protocol::rfc3339;

/// The filter as typed.
pub struct Typed<'a> {
    /// An event, or all below a name.
    pub event: &'a str,
    /// Who.
    pub actor: &'a str,
    /// Not before.
    pub since: &'a str,
    /// Not after.
    pub until: &'a str,
}

impl<'a> Typed<'a> {
    /// Reads it.
    pub fn of(params: &'a Params) -> Typed<'a> {
        let field = |name| params.once(name).ok().flatten().unwrap_or_default();
        Typed { event: field("event"), actor: field("actor"), since: field("since"), until: field("until") }
    }

    /// What it lets through.
    ///
    /// # Errors
    /// What cannot be read, in words.
    pub fn filter(&self) -> Result<Filter, String> {
        Filter::parse(self.event, self.actor, self.since, self.until).map_err(|fault| fault.to_string())
    }

    /// The address of the same filter, with one more parameter.
    pub fn href(&self, path: &str, more: Option<(&str, &str)>) -> String {
        let pairs = [("event", self.event), ("actor", self.actor), ("since", self.since), ("until", self.until)];
        let pairs: Params = pairs.into_iter().filter(|(_, value)| !value.is_empty()).chain(more).collect();
        match pairs.encode() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// Anything is typed.
    pub fn is_filtered(&self) -> bool {
        [self.event, self.actor, self.since, self.until].iter().any(|text| !text.is_empty())
    }
}

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::AuditLog.needs()).await?;
    let params = visit.query()?;
    let typed = Typed::of(&params);
    let filter = match typed.filter() {
        Ok(filter) => filter,
        Err(fault) => {
            let shown = AuditPage { fault: Some(fault), ..shown(&visit, &inside, &typed) };
            return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown));
        }
    };
    let cursor = params.once("cursor").ok().flatten();
    let size = params.once("size").ok().flatten().and_then(|size| size.parse().ok()).unwrap_or(audit_log::PAGE);
    let organization_id = inside.membership.organization().id;
    let found = match audit_log::page(&visit.app, organization_id, &filter, cursor, size).await {
        Ok(found) => found,
        Err(AuditLogRefusal::Cursor) => {
            let fault = Some("This page of the log is no more. Please begin with the newest events.".to_owned());
            let shown = AuditPage { fault, ..shown(&visit, &inside, &typed) };
            return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown));
        }
        Err(AuditLogRefusal::Unavailable(error)) => return Err(visit.refuse(ENDPOINT, error)),
    };
    let (here, now) = (inside.own(&visit, "/audit"), visit.app.clock.now());
    let shown = AuditPage {
        lines: found.entries.into_iter().map(|entry| line(entry, now)).collect(),
        next_href: found.next.map(|cursor| typed.href(&here, Some(("cursor", &cursor)))),
        newest_href: cursor.map(|_| typed.href(&here, None)),
        ..shown(&visit, &inside, &typed)
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn shown(visit: &Visit, inside: &Inside<'_>, typed: &Typed<'_>) -> AuditPage {
    let here = inside.own(visit, "/audit");
    let export = |format| typed.href(&format!("{here}/export"), Some(("format", format)));
    AuditPage {
        frame: visit.frame(),
        org: frame(visit, inside, Page::AuditLog, None),
        event: typed.event.to_owned(),
        event_names: audit_words::NAMES,
        actor: typed.actor.to_owned(),
        since: typed.since.to_owned(),
        until: typed.until.to_owned(),
        filtered: typed.is_filtered(),
        fault: None,
        lines: Vec::new(),
        next_href: None,
        newest_href: None,
        csv_href: export("csv"),
        json_href: export("json"),
        action: here,
    }
}

/// An event in words.
pub fn line(entry: Entry, now: NumericDate) -> AuditLine {
    let when = rfc3339::parse(&entry.at).map_or_else(|| entry.at.clone(), |at| moment::at(at, now));
    AuditLine {
        what: audit_words::event(&entry.event).to_owned(),
        who: if entry.actor.is_empty() { "nobody known".to_owned() } else { entry.actor },
        target: entry.target,
        data: in_words(&entry.data),
        event: entry.event,
        at: entry.at,
        when,
        address: entry.address,
    }
}

/// `role: admin, before: member`.
fn in_words(data: &Value) -> String {
    let Value::Object(members) = data else { return String::new() };
    let pairs: Vec<String> = members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{}: {}", name.replace('_', " "), text(value)))
        .collect();
    pairs.join(", ")
}

/// `member → admin` for what changed.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> =
                items.iter().map(|item| item.as_str().map_or(item.to_string(), str::to_owned)).collect();
            items.join(" ")
        }
        Value::Object(members) => match (members.get("from"), members.get("to")) {
            (Some(from), Some(to)) => format!("{} → {}", text(from), text(to)),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// GET: the same as a file, piece by piece.
///
/// # Errors
/// A page.
pub async fn export(visit: Visit) -> Result<HttpResponse, Error> {
    let inside = enter(&visit, Page::AuditLog.needs()).await?;
    let params = visit.query()?;
    let typed = Typed::of(&params);
    let format = params.once("format").ok().flatten().and_then(Format::parse);
    let (Ok(filter), Some(format)) = (typed.filter(), format) else {
        let fault = Some("Please choose CSV or JSON, and a filter that can be read.".to_owned());
        let shown = AuditPage { fault, ..shown(&visit, &inside, &typed) };
        return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown));
    };
    let organization = inside.membership.organization();
    let file_of = Export::new(organization.id, filter, format);
    Ok(file(&visit, &organization.slug, file_of, format))
}

/// A log as a file named after whose it is.
pub fn file(visit: &Visit, whose: &str, file: Export, format: Format) -> HttpResponse {
    let name = format!("attachment; filename=\"audit-{whose}.{}\"", format.extension());
    // A piece that cannot be read ends the connection before its time: nobody takes half a log for a whole one.
    let pieces = stream::unfold((file, visit.app.clone()), |(mut file, app)| async move {
        match file.piece(&app).await {
            Ok(None) => None,
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), (file, app))),
            Err(error) => Some((Err(std::io::Error::other(error)), (file, app))),
        }
    });
    json::no_store(StatusCode::OK)
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .streaming(pieces)
}
