//! Tokens without an application: personal tokens.

use serde_json::json;

use super::authorizations::membership;
use super::export::Row;
use super::scopes;
use super::secrets::{self, Found, Kept};
use super::work::{Done, Judged, Work};
use crate::crypto::random;
use crate::crypto::token::TokenKind;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::import::report::Outcome;
use crate::flows::people::imported::FieldRefusal;
use crate::protocol::text::is_safe_to_display;
use crate::store::audit_events;
use crate::store::personal_tokens::{self, PersonalTokenRow};
use crate::store::types::TextArray;
use crate::store::users::UserRow;

const MAXIMUM_NAME: usize = 100;

pub(super) async fn one(work: &mut Work<'_>, row: &Row, found: Found) -> Judged {
    let mut notes = Vec::new();
    let user = match work.user(row, "user") {
        Ok(user) => user,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = user.login.clone();
    let kept = match found {
        Found::Known => return Ok(Ok(Done { name, outcome: Outcome::Unchanged, notes })),
        Found::Nothing => return Ok(Err(FieldRefusal::new("token", "it is missing"))),
        Found::New(kept) => kept,
    };
    let token = match read(work, row, &user, &kept, &mut notes) {
        Ok(token) => token,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if work.options.dry_run {
        return Ok(Ok(Done { name, outcome: Outcome::Created, notes }));
    }
    let data = json!({ "imported": true, "name": token.name, "scopes": token.scopes, "expires_at": token.expires_at });
    let target = Target::Row("personal_token", token.id, &token.name);
    let mut event = audit::draft(work.app, None, "personal_token.import", Actor::Operator, target, data)?;
    if let Some(organization) = token.organization_id {
        event = audit::of_organization(event, organization);
    }
    let entries = vec![secrets::entry(work, TokenKind::PersonalToken, token.id, &kept)?];
    let written = secrets::write(work, entries, move |write| {
        personal_tokens::insert(write, &token)?;
        audit_events::insert(write, &event).map(drop)
    });
    let outcome = if written.await? { Outcome::Created } else { Outcome::Unchanged };
    Ok(Ok(Done { name, outcome, notes }))
}

fn read(
    work: &Work<'_>,
    row: &Row,
    user: &UserRow,
    kept: &Kept,
    notes: &mut Vec<String>,
) -> Result<PersonalTokenRow, FieldRefusal> {
    let bound = membership(work, row, "scoping_organization_id", user)?;
    let now = work.app.clock.now();
    let expires_at = row.time("expires_at")?;
    if expires_at.is_some_and(|end| end <= now) {
        return Err(FieldRefusal::new("expires_at", "it has expired"));
    }
    let fits = |name: &String| name.chars().count() <= MAXIMUM_NAME && is_safe_to_display(name);
    let id = work.app.store.next_id().map_err(|error| FieldRefusal::new("id", error))?;
    Ok(PersonalTokenRow {
        id,
        public_id: random::url_safe_text(16),
        user_id: user.id,
        name: row.text("name")?.filter(fits).unwrap_or_else(|| "imported".to_owned()),
        scopes: scopes::of(row, &work.app.catalogue, notes)?,
        audience: TextArray::default(),
        organization_id: bound.map(|(organization, _)| organization),
        member_id: bound.map(|(_, member)| member),
        digest: kept.digest.clone(),
        last_four: kept.last_four.clone(),
        imported: true,
        created_at: row.time("date_added")?.unwrap_or(now).clamp(0, now),
        expires_at,
        last_used_at: None,
    })
}
