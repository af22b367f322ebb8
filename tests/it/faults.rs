//! The database fails in the middle: nobody is told a success.

use crate::support::relying_party::Tokens;
use crate::support::{TestApp, on_both};

on_both!(
    a_revocation_that_cannot_be_stored_is_no_success,
    a_redemption_that_cannot_be_stored_leaves_the_code_good,
    a_refresh_that_cannot_be_stored_leaves_the_token_good,
);

/// A55, C17, ASVS 16.5.3.
async fn a_revocation_that_cannot_be_stored_is_no_success(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    app.db_break_writes("access_tokens");
    let answer = web.revoke(&tokens.access).await;
    assert_eq!(answer.error(), "503 temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
    app.db_mend_writes("access_tokens");
    assert!(web.is_active(&tokens.access).await);
    assert_eq!(web.revoke(&tokens.access).await.status, 200);
    assert!(!web.is_active(&tokens.access).await);
}

/// D3 row 27: the guarded statement and the tokens it buys are one.
async fn a_redemption_that_cannot_be_stored_leaves_the_code_good(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[]).await;
    for table in ["refresh_tokens", "access_tokens", "grants"] {
        app.db_break_writes(table);
        assert_eq!(web.redeem(&code).await.error(), "503 temporarily_unavailable", "{table}");
        app.db_mend_writes(table);
    }
    let tokens = Tokens::of(&web.redeem(&code).await);
    assert!(web.is_active(&tokens.access).await);
    assert_eq!((app.rows("access_tokens"), app.rows("refresh_tokens")), (1, 1));
}

/// D3 row 27.
async fn a_refresh_that_cannot_be_stored_leaves_the_token_good(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let first = app.db_tokens(&web, &ada, "org:read").await;
    for table in ["refresh_tokens", "access_tokens"] {
        app.db_break_writes(table);
        assert_eq!(web.refresh(&first.refresh).await.error(), "503 temporarily_unavailable", "{table}");
        app.db_mend_writes(table);
    }
    let second = Tokens::of(&web.refresh(&first.refresh).await);
    assert!(web.is_active(&second.access).await);
}
