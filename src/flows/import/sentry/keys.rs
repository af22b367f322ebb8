//! API keys of organizations.

use serde_json::json;

use super::export::Row;
use super::scopes;
use super::secrets::{self, Found, Kept};
use super::work::{Done, Judged, Work};
use crate::crypto::random;
use crate::crypto::token::TokenKind;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::import::report::Outcome;
use crate::flows::people::imported::FieldRefusal;
use crate::protocol::origin_pattern;
use crate::protocol::text::is_safe_to_display;
use crate::store::api_keys::{self, ApiKeyRow};
use crate::store::audit_events;
use crate::store::organizations::OrganizationRow;

const MAXIMUM_LABEL: usize = 64;

pub(super) async fn one(work: &mut Work<'_>, row: &Row) -> Judged {
    let mut notes = Vec::new();
    let organization = match work.organization(row, "organization") {
        Ok(organization) => organization,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = organization.slug.clone();
    let kept = match secrets::look(work, row, "key") {
        Err(refusal) => return Ok(Err(refusal)),
        Ok(Found::Known) => return Ok(Ok(Done { name, outcome: Outcome::Unchanged, notes })),
        Ok(Found::Nothing) => return Ok(Err(FieldRefusal::new("key", "it is missing"))),
        Ok(Found::New(kept)) => kept,
    };
    let key = match read(work, row, &organization, &kept, &mut notes) {
        Ok(key) => key,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if work.options.dry_run {
        return Ok(Ok(Done { name, outcome: Outcome::Created, notes }));
    }
    let data = json!({ "imported": true, "label": key.label, "scopes": key.scopes, "status": key.status });
    let target = Target::Row("api_key", key.id, &key.label);
    let event = audit::draft(work.app, None, "api_key.import", Actor::Operator, target, data)?;
    let event = audit::of_organization(event, organization.id);
    let entries = vec![secrets::entry(work, TokenKind::ApiKey, key.id, &kept)?];
    let written = secrets::write(work, entries, move |write| {
        api_keys::insert(write, &key)?;
        audit_events::insert(write, &event).map(drop)
    });
    let outcome = if written.await? { Outcome::Created } else { Outcome::Unchanged };
    Ok(Ok(Done { name, outcome, notes }))
}

fn read(
    work: &Work<'_>,
    row: &Row,
    organization: &OrganizationRow,
    kept: &Kept,
    notes: &mut Vec<String>,
) -> Result<ApiKeyRow, FieldRefusal> {
    let mut allowed_origins = Vec::new();
    for line in row.lines("allowed_origins")? {
        match origin_pattern::normalize(&line) {
            Ok(pattern) if allowed_origins.contains(&pattern) => {}
            Ok(pattern) => allowed_origins.push(pattern),
            Err(_) => notes.push(format!("allowed_origins: {line:.100?} is not possible here and was left out")),
        }
    }
    let fits = |label: &String| label.chars().count() <= MAXIMUM_LABEL && is_safe_to_display(label);
    let now = work.app.clock.now();
    let id = work.app.store.next_id().map_err(|error| FieldRefusal::new("id", error))?;
    Ok(ApiKeyRow {
        id,
        public_id: random::url_safe_text(16),
        organization_id: organization.id,
        label: row.text("label")?.filter(fits).unwrap_or_else(|| "Default".to_owned()),
        scopes: scopes::of(row, &work.app.catalogue, notes)?,
        allowed_origins: allowed_origins.into(),
        status: if row.number("status")?.unwrap_or(0) == 0 { "active" } else { "inactive" }.to_owned(),
        // Nobody's membership stands behind a key from elsewhere.
        sso_policy: "exempt".to_owned(),
        creator_id: None,
        digest: kept.digest.clone(),
        last_four: kept.last_four.clone(),
        imported: true,
        created_at: row.time("date_added")?.unwrap_or(now).clamp(0, now),
        updated_at: now,
        expires_at: None,
        last_used_at: None,
    })
}
