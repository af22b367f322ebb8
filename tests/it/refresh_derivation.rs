//! The construction behind the idempotent refresh: database, key and presented token are all needed, and once the
//! successor is used or the window over, not even all three give it back.

use grantor::app::start::derivation_purpose;
use grantor::crypto::refresh_derivation::{DerivationInput, DerivationKey, Successor};
use grantor::crypto::token::{PlainToken, TokenKind, TokenText};
use grantor::store::CachedRow as _;
use grantor::store::grants::GrantRow;
use grantor::store::refresh_tokens::RefreshTokenRow;

use crate::support::relying_party::Tokens;
use crate::support::{TestApp, on_both};

on_both!(
    with_database_keys_and_token_the_pair_can_be_made_while_it_may_be_asked_for,
    with_dump_and_keys_no_successor_derives_from_an_old_token,
    the_sweep_erases_salts_when_the_window_is_over,
);

async fn row(app: &TestApp, token: &str) -> RefreshTokenRow {
    let id = TokenText::parse(TokenKind::RefreshToken, token).expect("a refresh token").id;
    let found = app.app().store.read(move |conn| RefreshTokenRow::load(conn, id)).await;
    found.expect("the store answers").expect("a row")
}

/// What somebody can make who has the database, the master key and `old`: the successor, if its salt is there.
async fn derived(app: &TestApp, old: &str, salt: Option<&[u8]>) -> Option<Tokens> {
    let inner = app.app();
    let parsed = TokenText::parse(TokenKind::RefreshToken, old).expect("a refresh token");
    let old = row(app, old).await;
    let (rt2_id, at2_id) = (old.next_refresh_token?, old.next_access_token?);
    let grant_id = old.grant_id;
    let read = inner.store.read(move |conn| {
        let grant = GrantRow::load(conn, grant_id)?;
        let next = RefreshTokenRow::load(conn, rt2_id)?;
        Ok((grant, next, grantor::store::derivation_keys::list(conn)?))
    });
    let (grant, next, keys) = read.await.expect("the store answers");
    let (grant, next) = (grant?, next?);
    let salt = salt.or(next.salt.as_deref())?;
    for sealed in keys {
        let bytes = inner.keys.master.open(&derivation_purpose(sealed.id), &sealed.sealed).expect("the key opens");
        let key = DerivationKey::new(sealed.id, &bytes.try_into().expect("32 bytes"));
        let input = DerivationInput {
            instance_epoch: inner.keys.epoch,
            client: grant.client,
            family: grant.id,
            generation: next.generation,
            rt1_id: old.id,
            rt1_secret: parsed.secret.expose(),
            salt,
            rt2_id,
            at2_id,
        };
        let made = Successor::derive(&key, &input);
        let refresh = PlainToken::new(TokenKind::RefreshToken, rt2_id, &made.refresh_secret);
        let access = PlainToken::new(TokenKind::AccessToken, at2_id, &made.access_secret);
        if refresh.digest().matches(&next.digest) {
            return Some(Tokens { access: access.expose().to_owned(), refresh: refresh.expose().to_owned() });
        }
    }
    None
}

/// The control of the tests below: this is the construction.
async fn with_database_keys_and_token_the_pair_can_be_made_while_it_may_be_asked_for(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let first = app.db_tokens(&web, &ada, "org:read").await;
    assert_eq!(derived(app, &first.refresh, None).await, None, "before its first use there is no successor");
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    assert_eq!(derived(app, &first.refresh, None).await, Some(second));
}

/// Points 6 and 7: consuming the successor nulls its salt, so the chain cannot be walked.
async fn with_dump_and_keys_no_successor_derives_from_an_old_token(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let first = app.db_tokens(&web, &ada, "org:read").await;
    let mut chain = vec![first];
    for _ in 0..4 {
        let last = chain.last().expect("a pair").refresh.clone();
        chain.push(Tokens::of(&web.refresh(&last).await));
    }
    let (live, used) = chain.split_last().expect("a chain");
    for tokens in used {
        let row = row(app, &tokens.refresh).await;
        assert_eq!((row.salt, row.derivation_key), (None, None), "consumed");
    }
    // Only the newest used token still leads one step on, inside its window; from any older one the walk ends at once.
    let (newest, older) = used.split_last().expect("used tokens");
    assert_eq!(derived(app, &newest.refresh, None).await.as_ref(), Some(live));
    let salt = row(app, &live.refresh).await.salt.expect("a salt");
    for tokens in older {
        assert_eq!(derived(app, &tokens.refresh, None).await, None);
        for guess in [&salt[..], &[0; 32], &[]] {
            assert_eq!(derived(app, &tokens.refresh, Some(guess)).await, None);
        }
    }
}

/// Point 6: after the window the live leaf cannot be computed from its predecessor either.
async fn the_sweep_erases_salts_when_the_window_is_over(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let first = app.db_tokens(&web, &ada, "org:read").await;
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    app.db_sweep().await;
    assert_eq!(Tokens::of(&web.refresh(&first.refresh).await), second, "the window is open: nothing was erased");
    app.wait(61);
    app.db_sweep().await;
    let row = row(app, &second.refresh).await;
    assert_eq!((row.salt, row.derivation_key), (None, None));
    assert_eq!(derived(app, &first.refresh, None).await, None);
    assert_eq!(web.refresh(&second.refresh).await.status, 200, "the token itself is as good as before");
}
