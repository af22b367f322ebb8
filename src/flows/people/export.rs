//! Everything the server keeps about a person, for that person: no secrets, nothing about others.

use serde_json::{Value, json};

use super::{addresses, authorizations};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::sso::identities;
use crate::store::audit_events::AuditEventRow;
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events, clients, known_devices, organization_members, personal_tokens, sessions};

/// Entries of each list, the newest; `truncated` names the lists that were longer.
const MANY: i64 = 10_000;

/// The person's data as JSON. That it was asked for is on the record.
///
/// # Errors
/// The store's.
pub async fn export(app: &App, caller: &Caller, user: &UserRow) -> Result<Value, StoreError> {
    let asked = audit::draft(app, Some(caller), "user.export", Actor::User(user), Target::User(user), json!({}))?;
    app.store.write(move |write| audit_events::insert(write, &asked)).await?;
    let id = user.id;
    let mut cut = Vec::new();
    let (tokens, members, own, events, kept, devices) = app
        .store
        .read(move |conn| {
            Ok((
                personal_tokens::page_of_user(conn, id, i64::MAX, MANY + 1)?,
                organization_members::of_user(conn, id)?,
                clients::page_of_owner(conn, id, ("", ""), MANY + 1)?,
                audit_events::of_person(conn, id, MANY + 1)?,
                sessions::kept_of_user(conn, id, MANY + 1)?,
                known_devices::of_user(conn, id)?,
            ))
        })
        .await?;
    let (tokens, own) = (first(tokens, "personal_tokens", &mut cut), first(own, "applications", &mut cut));
    let (events, kept) = (first(events, "events", &mut cut), first(kept, "sessions", &mut cut));
    let allowed = authorizations::page(app, user, "", "", MANY as usize).await?;
    if allowed.next.is_some() {
        cut.push("authorizations");
    }
    let slug =
        |organization: i64| members.iter().find(|(_, row)| row.id == organization).map(|(_, row)| row.slug.clone());
    // Ended ones too, for as long as it is kept where they came from.
    let sessions = kept.into_iter().map(|row| {
        json!({ "id": row.sid, "created_at": row.created_at, "last_seen_at": row.last_seen_at,
            "expires_at": row.expires_at, "ended_at": row.ended_at, "browser": row.user_agent, "address": row.address,
            "authentication_method": row.authentication_method })
    });
    let devices = devices.into_iter().map(
        |row| json!({ "network": row.network, "first_seen_at": row.first_seen_at, "last_seen_at": row.last_seen_at }),
    );
    let identities = identities::list(app, user).await?.into_iter().map(|one| {
        json!({ "organization": one.slug, "provider": one.provider, "account": one.account,
            "linked_at": one.created_at, "last_verified": one.last_verified })
    });
    let main =
        user.email.iter().map(|email| json!({ "email": email, "main": true, "verified_at": user.email_verified_at }));
    let further = addresses::further(app, user).await?.into_iter();
    let further = further.map(|one| json!({ "email": one.email, "main": false, "verified_at": one.verified_at }));
    let emails: Vec<Value> = main.chain(further).collect();
    let authorizations = allowed.authorizations.into_iter().map(|one| {
        json!({ "client_id": one.client_id, "application": one.client, "scopes": one.scopes,
            "organization": one.organization.map(|organization| organization.slug),
            "created_at": one.created_at, "updated_at": one.updated_at, "last_used_at": one.last_used_at })
    });
    let tokens = tokens.into_iter().map(|row| {
        json!({ "id": row.public_id, "name": row.name, "scopes": row.scopes, "last_four": row.last_four,
            "organization": row.organization_id.and_then(slug), "created_at": row.created_at,
            "expires_at": row.expires_at, "last_used_at": row.last_used_at })
    });
    let organizations = members.iter().map(|(member, organization)| {
        json!({ "slug": organization.slug, "name": organization.name, "role": member.role,
            "joined_at": member.created_at })
    });
    let applications = own.into_iter().map(|row| {
        json!({ "client_id": row.client_id, "name": row.name, "status": row.status, "scopes": row.scopes,
            "redirect_uris": row.redirect_uris.0, "created_at": row.created_at })
    });
    Ok(json!({
        "exported_at": app.clock.now(),
        "issuer": app.issuer.as_str(),
        "profile": {
            "sub": user.sub, "login": user.login, "name": user.name, "administrator": user.administrator,
            "created_at": user.created_at, "last_sign_in_at": user.last_sign_in_at,
            "password_changed_at": user.password_changed_at,
        },
        "emails": emails,
        "sessions": sessions.collect::<Vec<_>>(),
        "known_devices": devices.collect::<Vec<_>>(),
        "identities": identities.collect::<Vec<_>>(),
        "authorizations": authorizations.collect::<Vec<_>>(),
        "personal_tokens": tokens.collect::<Vec<_>>(),
        "organizations": organizations.collect::<Vec<_>>(),
        "applications": applications.collect::<Vec<_>>(),
        "events": events.iter().map(|row| told(row, id)).collect::<Vec<_>>(),
        "truncated": cut,
    }))
}

/// As many as are told; the name of the list goes into `cut` where that is not all.
fn first<T>(mut rows: Vec<T>, name: &'static str, cut: &mut Vec<&'static str>) -> Vec<T> {
    let most = MANY as usize;
    if rows.len() > most {
        rows.truncate(most);
        cut.push(name);
    }
    rows
}

/// An event as its person may see it: where somebody else did it from is theirs.
fn told(row: &AuditEventRow, person: i64) -> Value {
    let mine = row.actor_user == Some(person);
    let nobodys = row.actor_user.is_none() && row.actor_client.is_none() && row.actor_key.is_none();
    let address = (mine || nobodys).then_some(&row.address);
    let data: Value = serde_json::from_str(&row.data).unwrap_or_default();
    json!({ "at": row.at, "event": row.event, "by": row.actor_label, "target_kind": row.target_kind,
        "target": row.target_label, "address": address, "data": if mine { data } else { Value::Null } })
}
