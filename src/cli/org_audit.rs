//! `grantor org audit`: what happened in an organization.

use clap::Args;
use serde_json::json;

use super::output::{Failure, Output, table};
use super::times::parse_seconds;
use crate::app::App;
use crate::flows::audit_log::{self, AuditLogRefusal, Entry, Filter};
use crate::flows::organizations::show;

/// Events at most: the answer is kept in memory.
const MOST: usize = 10_000;

#[derive(Args)]
#[command(
    after_help = "Newest first. For a whole log, ask in steps: --until takes the time of the last event seen.\n  \
    grantor org audit acme --since 24h --event org.member\n  \
    grantor org audit acme --since 2026-11-01 --until 2026-11-30 --json"
)]
pub struct AuditArgs {
    /// The organization, as in its address.
    #[arg(value_name = "SLUG")]
    slug: String,
    /// Not before this time, such as 2026-11-22 or 2026-11-22T04:30Z; or this long ago: 90s, 15m, 24h, 7d.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time; a day counts as the whole day.
    #[arg(long, value_name = "TIME", default_value = "")]
    until: String,
    /// One event (org.member.add), or all below a name (org).
    #[arg(long, value_name = "NAME", default_value = "")]
    event: String,
    /// Who did it: a user name, or `operator`.
    #[arg(long, value_name = "NAME", default_value = "")]
    actor: String,
    /// How many at most.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
}

pub(super) async fn run(app: &App, args: &AuditArgs, output: &mut Output) -> Result<(), Failure> {
    let organization = show::by_slug(app, &args.slug).await?;
    if !(1..=MOST).contains(&args.limit) {
        return Err(Failure::new(format!("--limit is 1 to {MOST}")));
    }
    let typed = args.since.as_deref().unwrap_or_default();
    let ago = parse_seconds(typed).ok().map(|seconds| app.clock.now().saturating_sub(seconds));
    let day = if ago.is_some() { "" } else { typed };
    let filter = Filter::parse(&args.event, &args.actor, day, &args.until)?;
    let filter = if ago.is_some() { filter.since(ago) } else { filter };
    let (mut entries, mut cursor): (Vec<Entry>, Option<String>) = (Vec::new(), None);
    let more = loop {
        let room = args.limit - entries.len();
        let page = audit_log::page(app, organization.id, &filter, cursor.as_deref(), room).await;
        let page = page.map_err(|refusal| match refusal {
            AuditLogRefusal::Cursor => Failure::new("the log changed under the reader: try again"),
            AuditLogRefusal::Unavailable(error) => Failure::new(error.to_string()),
        })?;
        entries.extend(page.entries);
        cursor = page.next;
        if cursor.is_none() || entries.len() >= args.limit {
            break cursor.is_some();
        }
    };
    output.show(&json!({ "organization": organization.slug, "events": entries, "more": more }), || said(&entries, more))
}

fn said(entries: &[Entry], more: bool) -> String {
    if entries.is_empty() {
        return "Nothing is recorded for this.".to_owned();
    }
    let cells = |entry: &Entry| {
        let data = entry.data.as_object().filter(|data| !data.is_empty()).map(|_| entry.data.to_string());
        vec![
            entry.at.clone(),
            entry.event.clone(),
            entry.actor.clone(),
            entry.target.clone(),
            entry.address.clone(),
            data.unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = entries.iter().map(cells).collect();
    let rest = if more { "There is more: --limit, or --until the last time above.\n" } else { "" };
    format!("{}{rest}", table(&["WHEN", "EVENT", "WHO", "WHAT", "FROM", "MORE"], &rows))
}
