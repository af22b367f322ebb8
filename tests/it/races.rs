//! Many at once: exactly one wins, on both databases.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use crate::support::db_shortcuts::web_client;
use crate::support::relying_party::Tokens;
use crate::support::{Answer, ClientSpec, TestApp, on_both};

on_both!(
    of_sixty_four_redemptions_of_one_code_one_wins_and_its_tokens_die,
    of_thirty_two_refreshes_without_grace_one_wins,
    thirty_two_refreshes_inside_the_window_all_get_the_same_pair,
    of_thirty_two_refreshes_after_the_window_none_wins,
    a_revocation_racing_refreshes_leaves_nothing_alive,
    one_consent_answered_many_times_gives_one_code,
    extra_access_tokens_in_a_race_stay_within_the_limit,
);

fn of_status(answers: &[Answer], status: u16) -> Vec<&Answer> {
    answers.iter().filter(|answer| answer.status == status).collect()
}

/// All losers are told the same.
fn losers_are_told_invalid_grant(answers: &[Answer]) {
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.error(), "400 invalid_grant", "{}", answer.body);
    }
}

/// A22, C13, D2.
async fn of_sixty_four_redemptions_of_one_code_one_wins_and_its_tokens_die(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let code = app.db_code(&web, &ada, &[("scope", "org:read")]).await;
    let answers = join_all((0..64).map(|_| web.redeem(&code))).await;
    let winners = of_status(&answers, 200);
    assert_eq!(winners.len(), 1);
    losers_are_told_invalid_grant(&answers);
    let tokens = Tokens::of(winners[0]);
    assert!(!web.is_active(&tokens.access).await, "a code that came twice is a stolen one");
    assert!(!web.is_active(&tokens.refresh).await);
    assert_eq!(app.rows("access_tokens"), 1);
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "code.replayed").count(), 1, "{events:?}");
}

/// C13, D2.
async fn of_thirty_two_refreshes_without_grace_one_wins(app: &TestApp) {
    let spec = ClientSpec { refresh_grace: Some(0), ..web_client() };
    let (web, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let answers = join_all((0..32).map(|_| web.refresh(&tokens.refresh))).await;
    let winners = of_status(&answers, 200);
    assert_eq!(winners.len(), 1);
    losers_are_told_invalid_grant(&answers);
    let next = Tokens::of(winners[0]);
    assert_eq!(web.refresh(&next.refresh).await.error(), "400 invalid_grant", "a reuse killed the family");
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "refresh_token.reused").count(), 1, "{events:?}");
}

/// C13, C16, D2.
async fn thirty_two_refreshes_inside_the_window_all_get_the_same_pair(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let answers = join_all((0..32).map(|_| web.refresh(&tokens.refresh))).await;
    let bodies: BTreeSet<&str> = answers.iter().map(|answer| answer.body.as_str()).collect();
    assert_eq!((of_status(&answers, 200).len(), bodies.len()), (32, 1));
    let next = Tokens::of(&answers[0]);
    assert!(web.is_active(&next.access).await);
    assert_eq!((app.rows("access_tokens"), app.rows("refresh_tokens")), (2, 2), "one live leaf");
}

/// C13, D2: with grace, after it.
async fn of_thirty_two_refreshes_after_the_window_none_wins(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read").await;
    let next = Tokens::of(&web.refresh(&tokens.refresh).await);
    app.wait(60);
    let answers = join_all((0..32).map(|_| web.refresh(&tokens.refresh))).await;
    losers_are_told_invalid_grant(&answers);
    assert!(of_status(&answers, 200).is_empty());
    assert!(!web.is_active(&next.access).await);
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "refresh_token.reused").count(), 1, "{events:?}");
}

/// C15: check and act in one transaction.
async fn a_revocation_racing_refreshes_leaves_nothing_alive(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    for _ in 0..4 {
        let tokens = app.db_tokens(&web, &ada, "org:read").await;
        let refreshes = async { join_all((0..8).map(|_| web.refresh(&tokens.refresh))).await };
        let (answers, revoked) = tokio::join!(refreshes, web.revoke(&tokens.refresh));
        assert_eq!(revoked.status, 200);
        losers_are_told_invalid_grant(&answers);
        for answer in of_status(&answers, 200) {
            let next = Tokens::of(answer);
            assert!(!web.is_active(&next.access).await);
            assert_eq!(web.refresh(&next.refresh).await.error(), "400 invalid_grant");
        }
    }
}

/// A18, C60: single use.
async fn one_consent_answered_many_times_gives_one_code(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&web.authorize_url(&[("scope", "org:read")])).await;
    let answers = join_all((0..16).map(|_| browser.submit(&page, "consent-allow", &[]))).await;
    let codes = answers.iter().filter(|answer| answer.status == 303).count();
    let refused = answers.iter().filter(|answer| answer.status == 403).count();
    assert_eq!((codes, refused), (1, 15));
    assert_eq!(app.rows("grants"), 1);
}

/// C16: the bound inside the window holds in a race too.
async fn extra_access_tokens_in_a_race_stay_within_the_limit(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let tokens = app.db_tokens(&web, &ada, "org:read member:read").await;
    assert_eq!(web.refresh(&tokens.refresh).await.status, 200);
    let narrow = [("scope", "org:read")];
    let answers = join_all((0..24).map(|_| web.refresh_with(&tokens.refresh, &narrow))).await;
    assert_eq!(of_status(&answers, 200).len(), 8);
    losers_are_told_invalid_grant(&answers);
    assert_eq!(app.rows("access_tokens"), 2 + 8);
}
