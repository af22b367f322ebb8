//! Changing a key; what it may do changes with the commit, for the very next request.

use serde_json::json;

use super::refusal::ApiKeyRefusal as Refusal;
use super::{bounds, fields};
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::organizations::By;
use crate::flows::organizations::OrganizationRefusal;
use crate::flows::organizations::change;
use crate::flows::organizations::invitations::by_key::Rules;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::store::api_keys::{self, ApiKeyRow};
use crate::store::organizations::OrganizationRow;
use crate::store::types::TextArray;
use crate::store::{CachedRow as _, audit_events};

/// What shall change; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct KeyChanges {
    /// What people call it.
    pub label: Option<String>,
    /// What it may do.
    pub scopes: Option<Vec<String>>,
    /// Origins whose scripts may use it.
    pub allowed_origins: Option<Vec<String>>,
    /// `active` or `inactive`.
    pub status: Option<String>,
    /// `exempt` or `creator`.
    pub sso_policy: Option<String>,
    /// When it ends, or never.
    pub expires_at: Option<Option<NumericDate>>,
}

/// The same, checked.
#[derive(Clone)]
struct Checked {
    label: Option<String>,
    scopes: Option<ScopeList>,
    allowed_origins: Option<TextArray>,
    status: Option<String>,
    sso_policy: Option<String>,
    expires_at: Option<Option<NumericDate>>,
}

impl Checked {
    fn applied(self, row: &ApiKeyRow) -> ApiKeyRow {
        ApiKeyRow {
            label: self.label.unwrap_or_else(|| row.label.clone()),
            scopes: self.scopes.unwrap_or_else(|| row.scopes.clone()),
            allowed_origins: self.allowed_origins.unwrap_or_else(|| row.allowed_origins.clone()),
            status: self.status.unwrap_or_else(|| row.status.clone()),
            sso_policy: self.sso_policy.unwrap_or_else(|| row.sso_policy.clone()),
            expires_at: self.expires_at.unwrap_or(row.expires_at),
            ..row.clone()
        }
    }
}

/// Changes a key of the organization; false when nothing changed. Invitations it sent that it could not send any more are
/// taken back.
///
/// # Errors
/// [`Refusal`].
pub async fn update(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    public_id: &str,
    changes: KeyChanges,
) -> Result<bool, Refusal> {
    update_if(app, by, organization, public_id, changes, None).await
}

/// The same, if the key still is as it was `seen`.
///
/// # Errors
/// [`OrganizationRefusal::Changed`] if it is not; those of [`update`].
pub async fn update_if(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    public_id: &str,
    changes: KeyChanges,
    seen: Option<&ApiKeyRow>,
) -> Result<bool, Refusal> {
    let (bounds, now) = (bounds(by)?, app.clock.now());
    let found = super::show(app, organization, public_id).await?.row;
    let checked = Checked {
        label: changes.label.as_deref().map(fields::label).transpose()?,
        scopes: changes.scopes.as_deref().map(|scopes| fields::scopes(app, scopes)).transpose()?,
        allowed_origins: changes.allowed_origins.as_deref().map(fields::origins).transpose()?,
        status: changes.status.as_deref().map(fields::status).transpose()?,
        sso_policy: changes.sso_policy.as_deref().map(fields::policy).transpose()?,
        // An end that stays what it is may lie in the past.
        expires_at: match changes.expires_at {
            Some(end) if end != found.expires_at => Some(fields::end(end, now, bounds.ends_at)?),
            _ => None,
        },
    };
    if bounds.follows && checked.sso_policy.as_deref().is_some_and(|policy| policy != fields::FOLLOWS) {
        return Err(Refusal::MustFollow);
    }
    let target = Target::Row("api_key", found.id, &found.label);
    let event = change::event(app, by, organization.id, "api_key.edit", target, json!({}))?;
    let (id, roles, rules, seen) = (found.id, app.roles.clone(), Rules::of(app), seen.cloned());
    change::change(app, organization.id, by, Some("org:admin"), move |write, held, authority| {
        let row = ApiKeyRow::load(write, id)?.filter(|row| row.organization_id == held.id);
        let Some(row) = row else { return Ok(Ok(Err(Refusal::NotFound))) };
        if seen.as_ref().is_some_and(|seen| unused(seen) != unused(&row)) {
            return Ok(Err(OrganizationRefusal::Changed));
        }
        let new = checked.clone().applied(&row);
        if new == row {
            return Ok(Ok(Ok(false)));
        }
        let gained = gained(&row, &new, now);
        if let Some(beyond) = gained.iter().find(|scope| !authority.hands_out(&roles, scope)) {
            return Ok(Ok(Err(Refusal::Beyond(beyond.to_owned()))));
        }
        if !gained.is_empty()
            && let Err(refusal) = bounds.hold(&new)
        {
            return Ok(Ok(Err(refusal)));
        }
        if new.sso_policy == fields::FOLLOWS && new.creator_id.is_none() {
            return Ok(Ok(Err(Refusal::NobodyToFollow)));
        }
        let new = ApiKeyRow { updated_at: now, ..new };
        api_keys::update(write, &new)?;
        let taken_back = rules.take_back(write, &new)?.len();
        let mut event = event.clone();
        event.target_label.clone_from(&new.label);
        event.data = difference(&row, &new, taken_back).to_string();
        audit_events::insert(write, &event)?;
        Ok(Ok(Ok(true)))
    })
    .await?
}

/// Without times of use, which move by themselves.
fn unused(row: &ApiKeyRow) -> ApiKeyRow {
    ApiKeyRow { last_used_at: None, ..row.clone() }
}

/// What the key may do afterwards and could not do before: everything, when it comes to life, lives longer, or is no
/// longer held to what a member is worth.
fn gained(row: &ApiKeyRow, new: &ApiKeyRow, now: NumericDate) -> ScopeList {
    let longer = match (row.expires_at, new.expires_at) {
        (Some(before), Some(after)) => after > before,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let freed = row.sso_policy == fields::FOLLOWS && new.sso_policy != fields::FOLLOWS;
    match new.is_live(now) && (longer || freed || !row.is_live(now)) {
        true => new.scopes.clone(),
        false => new.scopes.difference(&row.scopes),
    }
}

/// From and to of each member that changed, and how many invitations went with it.
fn difference(row: &ApiKeyRow, new: &ApiKeyRow, taken_back: usize) -> serde_json::Value {
    let pairs = [
        ("label", json!(row.label), json!(new.label)),
        ("scopes", json!(row.scopes), json!(new.scopes)),
        ("allowed_origins", json!(row.allowed_origins.0), json!(new.allowed_origins.0)),
        ("status", json!(row.status), json!(new.status)),
        ("sso_policy", json!(row.sso_policy), json!(new.sso_policy)),
        ("expires_at", json!(row.expires_at), json!(new.expires_at)),
    ];
    let changed = pairs.into_iter().filter(|(_, from, to)| from != to);
    let changed = changed.map(|(name, from, to)| (name.to_owned(), json!({ "from": from, "to": to })));
    let taken_back = (taken_back > 0).then(|| ("invitations_taken_back".to_owned(), json!(taken_back)));
    changed.chain(taken_back).collect()
}
