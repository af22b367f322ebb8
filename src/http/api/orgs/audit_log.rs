//! `/api/v1/organizations/{org}/audit-log`: what happened, filtered, a page at a time; and all of it as a file.

use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::audit_log::export::{Export, Format};
use crate::flows::audit_log::{self, Entry, Filter, FilterFault};
use crate::http::answer::json;
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem};
use crate::protocol::params::Params;
use crate::protocol::rfc3339;

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub struct AuditEvent {
    /// Name of the event's row.
    pub id: String,
    /// When.
    pub at: i64,
    /// What, such as `org.member.role`.
    pub event: String,
    /// Who; empty when nobody is known.
    pub actor: String,
    /// What kind of thing it was done to.
    pub target_kind: String,
    /// To what, in words that outlive it.
    pub target: String,
    /// Where the request came from; empty for the command line.
    pub address: String,
    /// More.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

impl From<Entry> for AuditEvent {
    fn from(entry: Entry) -> AuditEvent {
        AuditEvent {
            at: rfc3339::parse(&entry.at).unwrap_or_default(),
            id: entry.id,
            event: entry.event,
            actor: entry.actor,
            target_kind: entry.target_kind,
            target: entry.target,
            address: entry.address,
            data: entry.data,
        }
    }
}

/// What happened, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/audit-log", tag = "Audit log", summary = "Read the audit log",
    params(("org" = String, Path),
        ("event" = Option<String>, Query, description = "A name or the beginning of names, such as org.member."),
        ("actor" = Option<String>, Query), ("since" = Option<String>, Query, description = "2026-11-22 or with a time."),
        ("until" = Option<String>, Query),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first.", body = Vec<AuditEvent>)))]
pub async fn list(call: Call) -> Answer {
    let query = call.query()?;
    let (asked, filter) = (Asked::of(&query)?, filter(&query)?);
    let (id, limit) = (call.inside()?.organization.id, usize::try_from(asked.limit).unwrap_or(1));
    let (found, next) = audit_log::chunk(&call.app, Some(id), &filter, asked.below()?, limit).await?;
    let entries: Vec<AuditEvent> = found.into_iter().map(AuditEvent::from).collect();
    Ok(page::answer(&call, &asked, &entries, next.map(Cursor::Id)))
}

/// The same as one file.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/audit-log/export", tag = "Audit log",
    summary = "Export the audit log",
    params(("org" = String, Path), ("format" = String, Query, description = "csv or json."),
        ("event" = Option<String>, Query), ("actor" = Option<String>, Query), ("since" = Option<String>, Query),
        ("until" = Option<String>, Query)),
    responses((status = 200, description = "CSV (RFC 4180), or one JSON object with `events`.",
        content((String = "text/csv"), (Object = "application/json")))))]
pub async fn export(call: Call) -> Answer {
    let query = call.query()?;
    let filter = filter(&query)?;
    let format = query.once("format").ok().flatten().and_then(Format::parse);
    let format = format.ok_or_else(|| Problem::bad_request("format is csv or json."))?;
    let organization = &call.inside()?.organization;
    let name = format!("attachment; filename=\"audit-{}.{}\"", organization.slug, format.extension());
    let file = Export::new(organization.id, filter, format);
    // A piece that cannot be read ends the connection before its time: nobody takes half a log for a whole one.
    let pieces = stream::unfold((file, call.app.clone()), |(mut file, app)| async move {
        match file.piece(&app).await {
            Ok(None) => None,
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), (file, app))),
            Err(error) => Some((Err(std::io::Error::other(error)), (file, app))),
        }
    });
    Ok(json::no_store(StatusCode::OK)
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(pieces))
}

fn filter(query: &Params) -> Result<Filter, Problem> {
    let one = |name: &str| {
        let once = query.once(name).map_err(|_| Problem::bad_request(format!("{name} is given more than once.")));
        once.map(Option::unwrap_or_default)
    };
    let (event, actor, since, until) = (one("event")?, one("actor")?, one("since")?, one("until")?);
    Filter::parse(event, actor, since, until).map_err(|fault| {
        let field = match fault {
            FilterFault::Event => "event",
            FilterFault::Actor => "actor",
            FilterFault::Time => "since",
        };
        Problem::field(field, fault)
    })
}
