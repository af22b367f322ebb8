//! Every column of the API's tables comes back as it went in, on both databases.

use grantor::store::api_keys::{self, ApiKeyRow};
use grantor::store::hourly_counts::{self, HourlyCountRow};
use grantor::store::idempotency_keys::{self, IdempotencyKeyRow};
use grantor::store::imported_secrets::{self, ImportedSecretRow};
use grantor::store::organization_clients::{self, OrganizationClientRow};
use grantor::store::organizations::{self, OrganizationRow};
use grantor::store::personal_tokens::{self, PersonalTokenRow};
use grantor::store::types::TextArray;
use grantor::store::{CachedRow as _, clients, users};

use super::rows::{client, list, same, scopes, some, text, user};
use crate::support::{TestApp, on_both};

on_both!(rows_of_the_api_come_back, counts_of_one_hour_add_up);

fn organization(id: i64) -> OrganizationRow {
    OrganizationRow {
        id,
        public_id: format!("public{id}"),
        slug: format!("slug{id}"),
        name: text("name"),
        status: "active".to_owned(),
        delete_at: None,
        default_role: text("role"),
        open_membership: true,
        token_max_age: None,
        created_at: 1,
        updated_at: 2,
        application_policy: "open".to_owned(),
    }
}

async fn rows_of_the_api_come_back(app: &TestApp) {
    let store = &app.app().store;
    for (id, full) in [(1, true), (2, false)] {
        let token = PersonalTokenRow {
            id,
            public_id: format!("token{id}"),
            user_id: id,
            name: text("name"),
            scopes: scopes(full),
            audience: list(full, &["https://api.test"]),
            organization_id: some(full, id),
            member_id: some(full, 3),
            digest: vec![0, 255],
            last_four: text("four"),
            imported: full,
            created_at: 4,
            expires_at: some(full, 5),
            last_used_at: some(full, 6),
        };
        let key = ApiKeyRow {
            id,
            public_id: format!("key{id}"),
            organization_id: id,
            label: text("label"),
            scopes: scopes(full),
            allowed_origins: list(full, &["*.app.test"]),
            status: if full { "inactive" } else { "active" }.to_owned(),
            sso_policy: if full { "creator" } else { "exempt" }.to_owned(),
            creator_id: some(full, 7),
            digest: vec![0, 255],
            last_four: text("four"),
            imported: full,
            created_at: 8,
            updated_at: 9,
            expires_at: some(full, 10),
            last_used_at: some(full, 11),
        };
        // First the other shape, so that the update writes every column that can change, the emptied ones too.
        let before = ApiKeyRow {
            label: String::new(),
            scopes: scopes(!full),
            allowed_origins: TextArray::default(),
            status: if full { "active" } else { "inactive" }.to_owned(),
            sso_policy: if full { "exempt" } else { "creator" }.to_owned(),
            updated_at: 12,
            expires_at: some(!full, 13),
            ..key.clone()
        };
        let imported = ImportedSecretRow {
            id,
            digest: vec![0, u8::try_from(id).expect("small")],
            kind: "api_key".to_owned(),
            row_id: 14,
            created_at: 15,
        };
        let again = IdempotencyKeyRow {
            id,
            digest: vec![1, u8::try_from(id).expect("small")],
            body_digest: vec![0, 255],
            row_id: 16,
            status: some(full, 201),
            answer: some(full, text("answer")),
            claimed_until: 17,
            expires_at: 18,
        };
        let word = OrganizationClientRow {
            id,
            organization_id: id,
            client: id,
            status: "asked".to_owned(),
            asked_by: some(full, 19),
            decided_by: some(full, 20),
            created_at: 21,
            decided_at: some(full, 22),
        };
        let new = (token.clone(), before, key.clone(), imported.clone(), again.clone(), word.clone());
        let written = store.write(move |write| {
            users::insert(write, &user(id, true))?;
            clients::insert(write, &client(id, true))?;
            organizations::insert(write, &organization(id))?;
            personal_tokens::insert(write, &new.0)?;
            api_keys::insert(write, &new.1)?;
            api_keys::update(write, &new.2)?;
            imported_secrets::insert(write, &new.3)?;
            idempotency_keys::insert(write, &new.4)?;
            organization_clients::insert(write, &new.5)
        });
        assert_eq!(written.await.expect("rows"), 1);
        let (digest, other) = (imported.digest.clone(), again.digest.clone());
        let read = store.read(move |conn| {
            let token = PersonalTokenRow::load(conn, id)?;
            let key = ApiKeyRow::load(conn, id)?;
            let imported = imported_secrets::find(conn, &digest)?;
            let again = idempotency_keys::find(conn, &other)?;
            Ok((token, key, imported, again, organization_clients::find(conn, id, id)?))
        });
        let (a, b, c, d, e) = read.await.expect("rows");
        same!(PersonalTokenRow, a.expect("there"), token;
            id, public_id, user_id, name, scopes, audience, organization_id, member_id, digest, last_four, imported,
            created_at, expires_at, last_used_at);
        same!(ApiKeyRow, b.expect("there"), key;
            id, public_id, organization_id, label, scopes, allowed_origins, status, sso_policy, creator_id, digest,
            last_four, imported, created_at, updated_at, expires_at, last_used_at);
        same!(ImportedSecretRow, c.expect("there"), imported; id, digest, kind, row_id, created_at);
        same!(IdempotencyKeyRow, d.expect("there"), again;
            id, digest, body_digest, row_id, status, answer, claimed_until, expires_at);
        same!(OrganizationClientRow, e.expect("there"), word;
            id, organization_id, client, status, asked_by, decided_by, created_at, decided_at);
    }
}

async fn counts_of_one_hour_add_up(app: &TestApp) {
    let store = &app.app().store;
    let count =
        |hour, label: &str, count| HourlyCountRow { hour, name: "sign_in".to_owned(), label: label.to_owned(), count };
    let rows = [count(0, "", 1), count(3600, "", 2), count(3600, "", 3), count(3600, "wrong", 4)];
    let written = store.write(move |write| rows.iter().try_for_each(|row| hourly_counts::add(write, row)));
    written.await.expect("written");
    let read = store.read(|conn| hourly_counts::since(conn, 3600)).await.expect("counts");
    assert_eq!(read, [count(3600, "", 5), count(3600, "wrong", 4)]);
}
