//! The token of `grantor dev` for scripts: every scope, no end.

use serde_json::json;

use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind, TokenText};
use crate::flows::audit::{self, Actor, Target};
use crate::protocol::scope::ScopeList;
use crate::store::personal_tokens::{self, PersonalTokenRow};
use crate::store::types::TextArray;
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events};

/// Makes it.
///
/// # Errors
/// The store's.
pub async fn with_every_scope(app: &App, user: &UserRow, name: &str) -> Result<PlainToken, StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let token = PlainToken::new(TokenKind::PersonalToken, id, random::secret().expose());
    let row = PersonalTokenRow {
        id,
        public_id: random::url_safe_text(16),
        user_id: user.id,
        name: name.to_owned(),
        scopes: ScopeList::from(app.catalogue.resource_scopes().map(str::to_owned).collect::<Vec<_>>()),
        audience: TextArray::default(),
        organization_id: None,
        member_id: None,
        digest: token.digest().as_bytes().to_vec(),
        last_four: token.last_four(),
        imported: false,
        created_at: now,
        expires_at: None,
        last_used_at: None,
    };
    let data = json!({ "name": row.name, "scopes": row.scopes });
    let target = Target::Row("personal_token", id, &row.name);
    let event = audit::draft(app, None, "personal_token.create", Actor::Operator, target, data)?;
    app.store
        .write(move |write| {
            personal_tokens::insert(write, &row)?;
            audit_events::insert(write, &event)
        })
        .await?;
    Ok(token)
}

/// Whether a token made before still opens something.
///
/// # Errors
/// The store's.
pub async fn is_live(app: &App, text: &str) -> Result<bool, StoreError> {
    let Ok(parsed) = TokenText::parse(TokenKind::PersonalToken, text) else { return Ok(false) };
    let (id, now) = (parsed.id, app.clock.now());
    let found = app.store.view(move |rows| rows.get::<PersonalTokenRow>(id)).await?;
    Ok(found.is_some_and(|row| row.is_live(now) && parsed.digest.matches(&row.digest)))
}
