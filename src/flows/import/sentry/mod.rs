//! `grantor import sentry`: users, organizations, members, applications, authorizations, tokens and API keys out of an
//! export of the reference server, in the order in which they need each other. What is here already is left alone.

mod applications;
mod authorizations;
pub mod export;
mod keys;
mod members;
mod organizations;
mod people;
mod personal;
mod scopes;
mod secrets;
mod tokens;
pub(super) mod work;

use self::export::Export;
use self::work::Work;
use super::remembered::Remembered;
use super::report::Report;
use crate::app::App;
use crate::store::StoreError;

pub use work::Options;

/// Brings in every row that is good; the report says what became of each.
///
/// # Errors
/// The store's; the rows before stay, and another run goes on from there.
pub async fn run(app: &App, export: &Export, options: Options) -> Result<Report, StoreError> {
    let mut work = Work::new(app, options, Remembered::all(app).await?);
    people::verified(&mut work, export);
    secrets::recall(&mut work, export).await?;
    work.held = scopes::held(export);
    for row in export.rows("sentry.user") {
        let judged = people::one(&mut work, row).await?;
        work.say("user", row, judged);
    }
    for row in export.rows("sentry.organization") {
        let judged = organizations::one(&mut work, row).await?;
        work.say("organization", row, judged);
    }
    for row in export.rows("sentry.organizationmember") {
        let judged = members::one(&mut work, row).await?;
        work.say("member", row, judged);
    }
    for row in export.rows("sentry.apiapplication") {
        let judged = applications::one(&mut work, row).await?;
        work.say("application", row, judged);
    }
    for row in export.rows("sentry.apiauthorization") {
        let judged = authorizations::one(&mut work, row).await?;
        work.say("authorization", row, judged);
    }
    for row in export.rows("sentry.apitoken") {
        let kind = if row.value("application").is_none() { "personal token" } else { "token" };
        let judged = tokens::one(&mut work, row).await?;
        work.say(kind, row, judged);
    }
    for row in export.rows("sentry.apikey") {
        let judged = keys::one(&mut work, row).await?;
        work.say("API key", row, judged);
    }
    Ok(work.report)
}
