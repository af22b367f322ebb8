//! Every column of the OpenID Provider's tables comes back as it went in, on both databases.

use grantor::store::signing_keys::{self, SigningKeyRow};
use grantor::store::types::Json;
use serde_json::json;

use super::rows::{same, some, text};
use crate::support::{TestApp, on_both};

on_both!(signing_keys_come_back, signing_keys_are_retired_withdrawn_and_erased);

fn key(id: i64, full: bool) -> SigningKeyRow {
    SigningKeyRow {
        id,
        kid: format!("kid{id}"),
        algorithm: text("algorithm"),
        sealed: some(full, vec![0, 255]),
        public_jwk: Json(if full { json!({ "kty": text("kind"), "n": [1, null] }) } else { json!({}) }),
        created_at: 1,
        active_from: 2,
        retired_at: some(full, 3),
        published_until: some(full, 4),
        withdrawn_at: some(full, 5),
    }
}

async fn read(app: &TestApp, id: i64) -> SigningKeyRow {
    let listed = app.app().store.read(signing_keys::list).await.expect("listed");
    listed.into_iter().find(|found| found.id == id).expect("it is there")
}

async fn signing_keys_come_back(app: &TestApp) {
    for (id, full) in [(1, true), (2, false)] {
        let row = key(id, full);
        let new = row.clone();
        app.app().store.write(move |write| signing_keys::insert(write, &new)).await.expect("written");
        same!(SigningKeyRow, read(app, id).await, row;
            id, kid, algorithm, sealed, public_jwk, created_at, active_from, retired_at, published_until, withdrawn_at);
    }
    let again = SigningKeyRow { kid: "another".to_owned(), ..key(3, false) };
    let here = app.app();
    let second = here.store.write(move |write| write.unless_taken(|write| signing_keys::insert(write, &again)));
    assert!(second.await.expect("the store answers").is_none(), "one key an algorithm has no successor");
}

async fn signing_keys_are_retired_withdrawn_and_erased(app: &TestApp) {
    let row = SigningKeyRow { sealed: Some(vec![1]), ..key(1, false) };
    let algorithm = row.algorithm.clone();
    let here = app.app();
    let retired = here.store.write(move |write| {
        signing_keys::insert(write, &row)?;
        Ok((signing_keys::retire(write, 1, 10, 20)?, signing_keys::retire(write, 1, 30, 40)?))
    });
    assert_eq!(retired.await.expect("written"), (1, 0), "once");
    let erased = here.store.write(|write| Ok((signing_keys::erase(write, 10)?, signing_keys::erase(write, 11)?)));
    assert_eq!(erased.await.expect("written"), (0, 1));
    let row = read(app, 1).await;
    assert_eq!((row.retired_at, row.published_until, row.sealed, row.withdrawn_at), (Some(10), Some(20), None, None));

    let next = SigningKeyRow { sealed: Some(vec![1]), ..key(2, false) };
    let withdrawn = here.store.write(move |write| {
        signing_keys::insert(write, &next)?;
        signing_keys::withdraw(write, &algorithm, 15)
    });
    assert_eq!(withdrawn.await.expect("written"), 2, "the kept one too");
    for (id, retired_at) in [(1, 10), (2, 15)] {
        let row = read(app, id).await;
        assert_eq!((row.retired_at, row.published_until, row.withdrawn_at), (Some(retired_at), Some(15), Some(15)));
        assert_eq!(row.sealed, None);
    }
    let demo = app.app().store.read(signing_keys::list).await.expect("listed");
    assert_eq!(demo.iter().filter(|row| row.withdrawn_at.is_none()).count(), 4, "other algorithms stay");
}
