//! An account for somebody an upstream brought: managed by the organization, without a password, its address unproven.

use super::luggage::Profile;
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::crypto::random;
use crate::protocol::text::is_safe_to_display;
use crate::store::StoreError;
use crate::store::types::Json;
use crate::store::users::UserRow;

/// The row to be. The login is made up: an upstream must not take names that others may want (C47).
///
/// # Errors
/// The store's, when this node may not make ids.
pub fn row(app: &App, organization_id: i64, profile: &Profile) -> Result<UserRow, StoreError> {
    let email = profile.email.as_deref().filter(|email| is_address(email));
    let known_as = email.and_then(|email| email.split('@').next()).or(profile.name.as_deref()).unwrap_or("member");
    let stem: String =
        known_as.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).take(40).collect();
    let stem = if stem.chars().any(|c| c.is_ascii_alphanumeric()) { stem } else { "member".to_owned() };
    let login = format!("{stem}-{}", random::url_safe_text(5).to_lowercase());
    let named = profile.name.as_deref().map(str::trim).filter(|name| !name.is_empty() && is_safe_to_display(name));
    Ok(UserRow {
        id: app.store.next_id()?,
        sub: random::url_safe_text(16),
        login_key: spelling_key(&login),
        name: named.map_or_else(|| login.clone(), |name| name.chars().take(100).collect()),
        login,
        email: email.map(str::to_owned),
        password_hash: None,
        administrator: false,
        status: "active".to_owned(),
        valid_from: 0,
        created_at: app.clock.now(),
        password_changed_at: None,
        last_sign_in_at: None,
        // Only a link that we mailed proves an address here (C40, C64).
        email_verified_at: None,
        managed_by: Some(organization_id),
        claims: Json::default(),
    })
}

/// One `@`, and nothing that ends a mail header (C48).
pub fn is_address(email: &str) -> bool {
    let parts = email.split_once('@');
    let shaped =
        parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
    shaped && email.len() <= 254 && is_safe_to_display(email) && !email.contains(odd)
}
