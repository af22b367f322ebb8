//! A checksum is no secret: anybody can make texts that reach the database. Whoever sends many that never existed waits;
//! whoever has a right one at the same address does not (RFC 6819 section 5.1.4.2.2).

use grantor::crypto::token::{PlainToken, TokenKind};
use serde_json::Value;

use crate::support::{TestApp, on_both};

on_both!(
    unknown_tokens_at_the_api_shut_out_nobody_with_a_right_one,
    unknown_tokens_of_a_public_client_shut_out_nobody_with_a_right_one,
);

/// Well-formed, and of a row that was never there.
fn unknown(kind: TokenKind, number: i64) -> String {
    PlainToken::new(kind, number, &[9; 32]).expose().to_owned()
}

async fn unknown_tokens_at_the_api_shut_out_nobody_with_a_right_one(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let right = app.db_personal_token(&ada, &["account:read"], None).await;
    for kind in [TokenKind::PersonalToken, TokenKind::AccessToken, TokenKind::ApiKey] {
        let mut statuses = Vec::new();
        for number in 1..200 {
            let answer = app.api("GET", "/me", Some(&unknown(kind, number)), &Value::Null).await;
            statuses.push(answer.status);
            if answer.status == 429 {
                assert!(answer.header("retry-after").is_some(), "{}", answer.body);
                break;
            }
        }
        assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
        assert!(statuses.iter().rev().skip(1).all(|status| *status == 401), "{statuses:?}");
        assert_eq!(app.api("GET", "/me", Some(&right), &Value::Null).await.status, 200, "the rightful one is let in");
        app.wait(3600);
    }
}

async fn unknown_tokens_of_a_public_client_shut_out_nobody_with_a_right_one(app: &TestApp) {
    let (spa, ada) = (app.db_public_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&spa, &ada, "org:read").await;
    let mut answers = Vec::new();
    for number in 1..200 {
        answers.push(spa.refresh(&unknown(TokenKind::RefreshToken, number)).await.error());
        if answers.last().is_some_and(|error| error.ends_with("temporarily_unavailable")) {
            break;
        }
    }
    assert_eq!(answers.last().map(String::as_str), Some("503 temporarily_unavailable"), "{answers:?}");
    assert!(answers.iter().rev().skip(1).all(|error| error == "400 invalid_grant"), "{answers:?}");
    assert_eq!(spa.redeem(&unknown(TokenKind::AuthorizationCode, 5)).await.error(), "503 temporarily_unavailable");
    assert_eq!(spa.revoke(&unknown(TokenKind::AccessToken, 5)).await.error(), "503 temporarily_unavailable");
    assert_eq!(spa.refresh(&tokens.refresh).await.status, 200, "the rightful one is served");
}
