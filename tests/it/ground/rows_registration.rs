//! Every column of the tables of registration comes back as it went in, on both databases.

use grantor::store::registrations::{self, ClientRegistrationRow, InitialAccessTokenRow};

use super::rows::{same, some, text};
use crate::support::{TestApp, on_both};

on_both!(registrations_come_back, a_token_is_used_so_often_and_so_long);

fn token(id: i64, full: bool) -> InitialAccessTokenRow {
    InitialAccessTokenRow {
        id,
        digest: vec![0, 255],
        last_four: text("last"),
        name: text("name"),
        organization_id: some(full, 7),
        created_by: some(full, 8),
        created_at: 1,
        expires_at: some(full, 100),
        uses_left: some(full, 2),
    }
}

async fn registrations_come_back(app: &TestApp) {
    let store = &app.app().store;
    for (id, full) in [(1, true), (2, false)] {
        let (row, registration) = (
            token(id, full),
            ClientRegistrationRow {
                client: id,
                digest: vec![1],
                last_four: text("four"),
                registered_at: 3,
                initial_token: some(full, 4),
                organization_id: some(full, 5),
            },
        );
        let (new, beside) = (row.clone(), registration.clone());
        let written = store.write(move |write| {
            registrations::insert_token(write, &new)?;
            registrations::insert(write, &beside)
        });
        written.await.expect("written");
        let found = store.read(move |conn| registrations::token(conn, id)).await.expect("read").expect("it is there");
        same!(InitialAccessTokenRow, found, row;
            id, digest, last_four, name, organization_id, created_by, created_at, expires_at, uses_left);
        let found =
            store.read(move |conn| registrations::of_client(conn, id)).await.expect("read").expect("it is there");
        same!(ClientRegistrationRow, found, registration;
            client, digest, last_four, registered_at, initial_token, organization_id);
    }
    assert_eq!(store.read(registrations::count_without_token).await.expect("counted"), 1);
    let rotated = store.write(|write| registrations::rotate(write, 1, &[1], &[2], "new4")).await;
    assert_eq!(rotated.expect("written"), 1);
    let again = store.write(|write| registrations::rotate(write, 1, &[1], &[3], "new5")).await;
    assert_eq!(again.expect("written"), 0, "the presented one is not it any more");
    store.write(|write| registrations::delete_of_client(write, 1)).await.expect("written");
    assert!(store.read(|conn| registrations::of_client(conn, 1)).await.expect("read").is_none());
}

async fn a_token_is_used_so_often_and_so_long(app: &TestApp) {
    let store = &app.app().store;
    let written = store.write(|write| {
        registrations::insert_token(write, &token(1, true))?;
        registrations::insert_token(write, &token(2, false))
    });
    written.await.expect("written");
    let mut used = Vec::new();
    for (id, now) in [(1, 99), (1, 100), (1, 50), (1, 50), (2, 1_000), (2, 1_001)] {
        used.push(store.write(move |write| registrations::use_token(write, id, now)).await.expect("written"));
    }
    assert_eq!(used, [1, 0, 1, 0, 1, 1]);
    assert_eq!(store.write(|write| registrations::delete_token(write, 2)).await.expect("written"), 1);
    assert_eq!(store.write(|write| registrations::use_token(write, 2, 1)).await.expect("written"), 0);
}
