//! Every column of every table comes back as it went in, on both databases: once all filled, once as empty as it goes.

use grantor::protocol::openid_grant::OpenIdGrant;
use grantor::protocol::registered_metadata::RegisteredMetadata;
use grantor::protocol::scope::ScopeList;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use grantor::protocol::standard_claims::StandardClaims;
use grantor::store::access_tokens::{self, AccessTokenRow};
use grantor::store::audit_events::{self, AuditEventRow};
use grantor::store::authorizations::{self, AuthorizationRow};
use grantor::store::client_secrets::{self, ClientSecretRow};
use grantor::store::clients::{self, ClientRow};
use grantor::store::consent_requests::{self, ConsentRequestRow};
use grantor::store::derivation_keys::{self, DerivationKeyRow};
use grantor::store::grants::{self, GrantRow};
use grantor::store::refresh_tokens::{self, RefreshTokenRow};
use grantor::store::refusals::{self, RefusalRow};
use grantor::store::resource_servers::{self, ResourceServerRow};
use grantor::store::sessions::{self, SessionRow};
use grantor::store::types::{Json, TextArray};
use grantor::store::users::{self, UserRow};
use grantor::store::{CachedRow, instance};

use crate::support::{TestApp, on_both};

on_both!(people_come_back, clients_come_back, the_lifecycle_comes_back, the_rest_comes_back);

/// Compares field by field, and does not compile when one is left out.
macro_rules! same {
    ($kind:ident, $came:expr, $went:expr; $($field:ident),+ $(,)?) => {{
        let went = &$went;
        let $kind { $($field),+ } = $came;
        $(assert!($field == went.$field, "{}.{}", stringify!($kind), stringify!($field));)+
    }};
}
pub(super) use same;

pub(super) fn text(text: &str) -> String {
    format!("{text} é 李 \"quoted\" 'q' \\ {{}} ,\n")
}

pub(super) fn some<T>(full: bool, value: T) -> Option<T> {
    full.then_some(value)
}

pub(super) fn list(full: bool, items: &[&str]) -> TextArray {
    let odd = ["", "a,b", "{c}", "\"d\"", "\\e", "NULL", "é 李"];
    let items = items.iter().chain(&odd).map(|item| (*item).to_owned()).collect();
    TextArray(if full { items } else { Vec::new() })
}

pub(super) fn scopes(full: bool) -> ScopeList {
    ScopeList::parse(if full { "org:write member:read a!#b" } else { "" }).expect("scopes")
}

async fn loaded<R: CachedRow>(app: &TestApp, id: i64) -> R {
    let found = app.app().store.read(move |conn| R::load(conn, id)).await;
    found.expect("the store answers").expect("the row is there")
}

pub(super) fn user(id: i64, full: bool) -> UserRow {
    UserRow {
        id,
        sub: format!("sub{id}"),
        login: text("login"),
        login_key: format!("key{id}"),
        name: text("name"),
        email: some(full, text("email")),
        password_hash: some(full, text("hash")),
        administrator: full,
        status: if full { "active" } else { "deleted" }.to_owned(),
        valid_from: id - 1,
        created_at: 3,
        password_changed_at: some(full, 4),
        last_sign_in_at: some(full, 5),
        email_verified_at: some(full, 6),
        managed_by: some(full, 7),
        claims: Json(StandardClaims { given_name: some(full, text("given")), ..StandardClaims::default() }),
    }
}

pub(super) fn client(id: i64, full: bool) -> ClientRow {
    ClientRow {
        id,
        client_id: format!("client{id}"),
        name: text("name"),
        kind: if full { "confidential" } else { "public" }.to_owned(),
        authentication_method: text("method"),
        status: "pending_deletion".to_owned(),
        delete_at: some(full, 2),
        owner_id: some(full, 1),
        verified: full,
        redirect_uris: list(full, &["https://c.test"]),
        grant_types: list(full, &["one"]),
        response_types: list(full, &["two"]),
        scopes: scopes(full),
        allowed_origins: list(full, &["three"]),
        homepage_url: some(full, text("homepage")),
        privacy_url: some(full, text("privacy")),
        terms_url: some(full, text("terms")),
        logo_url: some(full, text("logo")),
        require_pkce: full,
        silent_token: !full,
        may_introspect: full,
        rotate_refresh_tokens: !full,
        access_token_lifetime: some(full, 6),
        refresh_idle_lifetime: some(full, 7),
        refresh_absolute_lifetime: some(full, 8),
        refresh_grace: some(full, 9),
        managed_by: some(full, text("file")),
        valid_from: i64::MAX,
        created_at: 10,
        updated_at: 11,
        organization_access: full,
        metadata: Json(RegisteredMetadata {
            id_token_signed_response_alg: some(full, SigningAlgorithm::EdDsa),
            refresh_without_offline_access: full,
            registered_openly: full,
            ..RegisteredMetadata::default()
        }),
    }
}

async fn people_come_back(app: &TestApp) {
    let store = &app.app().store;
    for (id, full) in [(1, true), (2, false)] {
        let row = user(id, full);
        let session = SessionRow {
            id,
            sid: format!("sid{id}"),
            user_id: id,
            digest: vec![0, 255, id as u8],
            created_at: 1,
            authenticated_at: 2,
            authentication_count: 3,
            authentication_method: text("method"),
            last_seen_at: 4,
            expires_at: 5,
            ended_at: some(full, 6),
            user_agent: text("agent"),
            address: text("address"),
            first_session: some(full, 7),
            client_sid: some(full, text("client sid")),
        };
        let (new, of_it) = (row.clone(), session.clone());
        let written = store.write(move |write| {
            users::insert(write, &new)?;
            sessions::insert(write, &of_it)
        });
        written.await.expect("written");
        same!(UserRow, loaded::<UserRow>(app, id).await, row;
            id, sub, login, login_key, name, email, password_hash, administrator, status, valid_from, created_at,
            password_changed_at, last_sign_in_at, email_verified_at, managed_by, claims);
        same!(SessionRow, loaded::<SessionRow>(app, id).await, session;
            id, sid, user_id, digest, created_at, authenticated_at, authentication_count, authentication_method,
            last_seen_at, expires_at, ended_at, user_agent, address, first_session, client_sid);
    }
}

async fn clients_come_back(app: &TestApp) {
    let store = &app.app().store;
    store.write(|write| users::insert(write, &user(1, true))).await.expect("written");
    for (id, full) in [(1, true), (2, false)] {
        let row = client(id, full);
        let secret = ClientSecretRow {
            id,
            client: id,
            digest: Vec::new(),
            last_four: text("last"),
            imported: full,
            created_at: 1,
            expires_at: some(full, 2),
            last_used_at: some(full, 3),
            sealed: some(full, vec![1, 2]),
        };
        let server = ResourceServerRow {
            id,
            identifier: format!("https://{id}.test"),
            name: text("name"),
            scope_sets: list(full, &["org"]),
            client: some(full, id),
            managed_by: some(full, text("file")),
            created_at: 1,
            access_token_alg: some(full, text("alg")),
        };
        // First the other shape, so that the update writes every column, the emptied ones too.
        let before = ClientRow { client_id: row.client_id.clone(), owner_id: None, ..client(id, !full) };
        let (new, of_it, beside) = (row.clone(), secret.clone(), server.clone());
        let written = store.write(move |write| {
            clients::insert(write, &before)?;
            clients::update(write, &new)?;
            client_secrets::insert(write, &of_it)?;
            resource_servers::insert(write, &beside)
        });
        written.await.expect("written");
        same!(ClientRow, loaded::<ClientRow>(app, id).await, row;
            id, client_id, name, kind, authentication_method, status, delete_at, owner_id, verified, redirect_uris,
            grant_types, response_types, scopes, allowed_origins, homepage_url, privacy_url, terms_url, logo_url,
            require_pkce, silent_token, may_introspect, rotate_refresh_tokens, access_token_lifetime,
            refresh_idle_lifetime, refresh_absolute_lifetime, refresh_grace, managed_by, valid_from, created_at,
            updated_at, organization_access, metadata);
        same!(ClientSecretRow, loaded::<ClientSecretRow>(app, id).await, secret;
            id, client, digest, last_four, imported, created_at, expires_at, last_used_at, sealed);
        let listed = store.read(resource_servers::list).await.expect("listed");
        let found = listed.into_iter().find(|found| found.id == id).expect("it is there");
        same!(ResourceServerRow, found, server;
            id, identifier, name, scope_sets, client, managed_by, created_at, access_token_alg);
    }
}

async fn the_lifecycle_comes_back(app: &TestApp) {
    let store = &app.app().store;
    let people = store.write(|write| {
        users::insert(write, &user(1, true))?;
        clients::insert(write, &client(1, true))
    });
    people.await.expect("written");
    for (id, full) in [(1, true), (2, false)] {
        let authorization = AuthorizationRow {
            id,
            user_id: 1,
            client: 1,
            organization_id: some(full, 4),
            scopes: scopes(full),
            created_at: 1,
            updated_at: 2,
            last_used_at: some(full, 3),
            member_id: some(full, 16),
        };
        let grant = GrantRow {
            id,
            authorization_id: id,
            user_id: 5,
            client: 6,
            organization_id: some(full, 7),
            session_id: some(full, 8),
            scopes: scopes(full),
            authenticated_at: 9,
            code_digest: some(full, vec![0, 1, 255]),
            code_expires_at: some(full, 10),
            redirect_uri: some(full, text("uri")),
            redirect_uri_sent: full,
            code_challenge: some(full, text("challenge")),
            redeemed_at: some(full, 11),
            redeemed_by: some(full, 12),
            revoked_at: some(full, 13),
            revocation_reason: some(full, text("reason")),
            expires_at: 14,
            created_at: 15,
            openid: some(full, Json(OpenIdGrant { nonce: Some(text("nonce")), ..OpenIdGrant::default() })),
            resources: list(full, &["https://api.test"]),
        };
        let access = AccessTokenRow {
            id,
            grant_id: some(full, 1),
            client: 2,
            scopes: scopes(full),
            audience: list(full, &["https://api.test"]),
            digest: vec![1, 0],
            last_four: text("last"),
            created_at: 3,
            expires_at: 4,
            revoked_at: some(full, 5),
        };
        let refresh = RefreshTokenRow {
            id,
            grant_id: 1,
            generation: 2,
            digest: vec![3],
            last_four: text("last"),
            salt: some(full, vec![4]),
            derivation_key: some(full, 5),
            created_at: 6,
            expires_at: 7,
            revoked_at: some(full, 8),
            first_used_at: some(full, 9),
            fingerprint: some(full, vec![10]),
            next_refresh_token: some(full, 11),
            next_access_token: some(full, 12),
            next_access_expires_at: some(full, 13),
            extra_access_tokens: 14,
        };
        let (a, b, c, d) = (authorization.clone(), grant.clone(), access.clone(), refresh.clone());
        let written = store.write(move |write| {
            authorizations::merge(write, &a)?;
            grants::insert(write, &b)?;
            access_tokens::insert(write, &c)?;
            refresh_tokens::insert(write, &d)
        });
        written.await.expect("written");
        same!(AuthorizationRow, loaded::<AuthorizationRow>(app, id).await, authorization;
            id, user_id, client, organization_id, scopes, created_at, updated_at, last_used_at, member_id);
        same!(GrantRow, loaded::<GrantRow>(app, id).await, grant;
            id, authorization_id, user_id, client, organization_id, session_id, scopes, authenticated_at, code_digest,
            code_expires_at, redirect_uri, redirect_uri_sent, code_challenge, redeemed_at, redeemed_by, revoked_at,
            revocation_reason, expires_at, created_at, openid, resources);
        same!(AccessTokenRow, loaded::<AccessTokenRow>(app, id).await, access;
            id, grant_id, client, scopes, audience, digest, last_four, created_at, expires_at, revoked_at);
        same!(RefreshTokenRow, loaded::<RefreshTokenRow>(app, id).await, refresh;
            id, grant_id, generation, digest, last_four, salt, derivation_key, created_at, expires_at, revoked_at,
            first_used_at, fingerprint, next_refresh_token, next_access_token, next_access_expires_at,
            extra_access_tokens);
    }
}

async fn the_rest_comes_back(app: &TestApp) {
    let store = &app.app().store;
    for (id, full) in [(1, true), (2, false)] {
        let request = ConsentRequestRow {
            id,
            digest: vec![1],
            session_id: 2,
            user_id: 3,
            client: 4,
            request: text("request"),
            created_at: 5,
            expires_at: 6,
            used_at: some(full, 7),
        };
        let key = DerivationKeyRow { id, sealed: vec![0, 255], created_at: 1, retired_at: some(full, 2) };
        let event = AuditEventRow {
            id,
            at: 1,
            event: text("event"),
            actor_user: some(full, 2),
            actor_client: some(full, 3),
            actor_label: text("actor"),
            target_kind: text("kind"),
            target_id: some(full, 4),
            target_label: text("target"),
            organization_id: some(full, 5),
            address: text("address"),
            data: "{\"é\": [1, null]}".to_owned(),
            actor_key: some(full, 6),
            actor_token: some(full, 7),
        };
        let refusal = RefusalRow {
            slot: id,
            reference: format!("R{id}"),
            at: 1,
            code: text("code"),
            description: text("description"),
            client_id: some(full, text("client")),
            address: text("address"),
            endpoint: text("endpoint"),
            detail: text("detail"),
        };
        let (a, b, c, d) = (request.clone(), key.clone(), event.clone(), refusal.clone());
        let written = store.write(move |write| {
            consent_requests::insert(write, &a)?;
            derivation_keys::insert(write, &b)?;
            audit_events::insert(write, &c)?;
            refusals::keep(write, &d)
        });
        written.await.expect("written");
        let reference = refusal.reference.clone();
        let read = store.read(move |conn| {
            Ok((
                consent_requests::find(conn, id)?,
                derivation_keys::list(conn)?.into_iter().find(|row| row.id == id),
                audit_events::newest(conn, 10)?.into_iter().find(|row| row.id == id),
                refusals::find(conn, id, &reference)?,
            ))
        });
        let (a, b, c, d) = read.await.expect("read");
        same!(ConsentRequestRow, a.expect("there"), request;
            id, digest, session_id, user_id, client, request, created_at, expires_at, used_at);
        same!(DerivationKeyRow, b.expect("there"), key; id, sealed, created_at, retired_at);
        same!(AuditEventRow, c.expect("there"), event;
            id, at, event, actor_user, actor_client, actor_label, target_kind, target_id, target_label, organization_id,
            address, data, actor_key, actor_token);
        same!(RefusalRow, d.expect("there"), refusal;
            slot, reference, at, code, description, client_id, address, endpoint, detail);
    }
    let found = store.read(instance::get).await.expect("read").expect("the instance row");
    store.write(|write| instance::set_setup(write, Some(&[7; 32]))).await.expect("written");
    let after = store.read(instance::get).await.expect("read").expect("the instance row");
    assert_eq!((found.id, found.epoch, found.created_at), (after.id, after.epoch, after.created_at));
    assert!(found.key_check == after.key_check && after.setup_digest == Some(vec![7; 32]));
}
