//! Every column of logout's tables comes back as it went in, on both databases.

use grantor::store::logout_tokens::{self, LogoutTokenRow};
use grantor::store::session_clients::{self, SessionClientRow};

use super::rows::{same, some, text};
use crate::support::{TestApp, on_both};

on_both!(rows_of_logout_come_back);

async fn rows_of_logout_come_back(app: &TestApp) {
    let here = app.app();
    for (id, full) in [(1, true), (2, false)] {
        let client = SessionClientRow { id, session_id: 2, client: 3 + id, created_at: 4, expires_at: 5 };
        let token = LogoutTokenRow {
            id,
            client: 2,
            user_id: 3,
            sid: text("sid"),
            created_at: 4,
            next_attempt_at: some(full, 5),
            claimed_until: some(full, 6),
            attempts: 7,
            sent_at: some(full, 8),
            failed_at: some(full, 9),
            last_error: some(full, text("error")),
        };
        let new = (client.clone(), token.clone());
        let written = here.store.write(move |write| {
            session_clients::note(write, &new.0)?;
            session_clients::note(write, &SessionClientRow { id: id + 10, ..new.0.clone() })?;
            logout_tokens::insert(write, &new.1)
        });
        written.await.expect("written");
        let read = here.store.read(move |conn| {
            Ok((
                session_clients::find(conn, id)?,
                logout_tokens::find(conn, id)?,
                session_clients::find(conn, id + 10)?,
            ))
        });
        let (found_client, found_token, twice) = read.await.expect("read");
        assert!(twice.is_none(), "a client is noted once");
        same!(SessionClientRow, found_client.expect("there"), client; id, session_id, client, created_at, expires_at);
        same!(LogoutTokenRow, found_token.expect("there"), token;
            id, client, user_id, sid, created_at, next_attempt_at, claimed_until, attempts, sent_at, failed_at, last_error);
    }
}
