//! `/admin/audit`: what happened on the server, filtered and in pages; and the same as a file.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::ENDPOINT;
use super::enter::{administrator, frame, own};
use crate::flows::audit_log::export::{Export, Format};
use crate::flows::audit_log::{self, PAGE};
use crate::http::answer::page::{Forms, page};
use crate::http::browser::orgs::audit::{Typed, file, line};
use crate::http::browser::orgs::audit_words;
use crate::http::pages::admin::AdminAuditPage;
use crate::http::visit::Visit;

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let params = visit.query()?;
    let typed = Typed::of(&params);
    let filter = match typed.filter() {
        Ok(filter) => filter,
        Err(fault) => {
            let shown = AdminAuditPage { fault: Some(fault), ..shown(&visit, &typed) };
            return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown));
        }
    };
    let cursor = params.once("cursor").ok().flatten();
    let below = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(i64::MAX);
    let found = audit_log::of_server(&visit.app, &filter, below, PAGE).await;
    let (entries, next) = found.map_err(|error| visit.refuse(ENDPOINT, error))?;
    let (here, now) = (own(&visit, "/audit"), visit.app.clock.now());
    let shown = AdminAuditPage {
        lines: entries.into_iter().map(|entry| line(entry, now)).collect(),
        next_href: next.map(|id| typed.href(&here, Some(("cursor", &id.to_string())))),
        newest_href: cursor.map(|_| typed.href(&here, None)),
        ..shown(&visit, &typed)
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn shown(visit: &Visit, typed: &Typed<'_>) -> AdminAuditPage {
    let here = own(visit, "/audit");
    let export = |format| typed.href(&format!("{here}/export"), Some(("format", format)));
    AdminAuditPage {
        frame: visit.frame(),
        admin: frame(visit, "/audit"),
        event: typed.event.to_owned(),
        event_names: audit_words::SERVER_NAMES,
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

/// GET: the same as a file, piece by piece.
///
/// # Errors
/// A page.
pub async fn export(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let params = visit.query()?;
    let typed = Typed::of(&params);
    let format = params.once("format").ok().flatten().and_then(Format::parse);
    let (Ok(filter), Some(format)) = (typed.filter(), format) else {
        let fault = Some("Please choose CSV or JSON, and a filter that can be read.".to_owned());
        let shown = AdminAuditPage { fault, ..shown(&visit, &typed) };
        return Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown));
    };
    Ok(file(&visit, "server", Export::of_server(filter, format), format))
}
