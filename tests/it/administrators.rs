//! The server never loses its last administrator.

use grantor::flows::audit::Actor;
use grantor::flows::people::administrator::set_administrator;
use grantor::flows::people::{PersonRefusal, find, status};
use grantor::store::users::UserRow;

use crate::support::{TestApp, on_both};

on_both!(
    the_last_administrator_is_neither_disabled_nor_deleted_nor_demoted,
    a_disabled_administrator_does_not_count,
    of_two_administrators_taken_away_at_once_one_stays,
);

async fn administrator(app: &TestApp, login: &str) -> UserRow {
    let row = app.db_user(login).await.row;
    assert!(set_administrator(&app.app(), None, Actor::Operator, &row, true).await.expect("the store answers"));
    row
}

/// What is left when everything is tried that takes an administrator away.
async fn tried(app: &TestApp, row: &UserRow) -> Vec<String> {
    let (inner, operator) = (app.app(), Actor::Operator);
    let answers = [
        set_administrator(&inner, None, operator, row, false).await,
        status::disable(&inner, None, operator, row).await,
        status::delete(&inner, None, operator, row).await,
    ];
    answers.into_iter().map(|answer| answer.map_or_else(|refusal| refusal.to_string(), |did| did.to_string())).collect()
}

/// ASVS 8.3.1: the refusal says what to do, changes nothing and ends no session.
async fn the_last_administrator_is_neither_disabled_nor_deleted_nor_demoted(app: &TestApp) {
    let (ada, eve) = (administrator(app, "ada").await, app.db_user("eve").await);
    let events = app.db_events().await;
    for refusal in tried(app, &ada).await {
        assert!(refusal.starts_with("This is the last administrator."), "{refusal}");
        assert!(refusal.contains("`grantor user create LOGIN --admin`"), "{refusal}");
    }
    assert_eq!(app.db_events().await, events);
    let row = find::by_login(&app.app(), "ada").await.expect("still there");
    assert!(row.administrator && row.is_active());
    assert_eq!(row.valid_from, ada.valid_from, "sessions and grants go on");

    assert_eq!(tried(app, &eve.row).await, ["false", "true", "true"], "others may go");
    let bob = administrator(app, "bob").await;
    assert_eq!(tried(app, &ada).await, ["true", "true", "true"], "now that there is another one");
    assert!(tried(app, &bob).await.iter().all(|answer| answer.starts_with("This is the last")));
}

async fn a_disabled_administrator_does_not_count(app: &TestApp) {
    let (ada, bob) = (administrator(app, "ada").await, administrator(app, "bob").await);
    let (inner, operator) = (app.app(), Actor::Operator);
    assert!(status::disable(&inner, None, operator, &bob).await.expect("ada is left"));
    let refused = set_administrator(&inner, None, operator, &ada, false).await;
    assert!(matches!(refused, Err(PersonRefusal::LastAdministrator)));
    assert!(!status::disable(&inner, None, operator, &bob).await.expect("nothing to do"));
    assert!(status::delete(&inner, None, operator, &bob).await.expect("nobody misses him"));
}

/// Neither may see the other still there.
async fn of_two_administrators_taken_away_at_once_one_stays(app: &TestApp) {
    let rows = [administrator(app, "ada").await, administrator(app, "bob").await];
    let (inner, operator) = (app.app(), Actor::Operator);
    for _ in 0..12 {
        let answers = tokio::join!(
            set_administrator(&inner, None, operator, &rows[0], false),
            status::disable(&inner, None, operator, &rows[1]),
        );
        let lost = [&answers.0, &answers.1].map(|answer| matches!(answer, Err(PersonRefusal::LastAdministrator)));
        assert_eq!(lost.iter().filter(|lost| **lost).count(), 1, "{answers:?}");
        let left = find::all(&inner).await.expect("the store answers");
        assert_eq!(left.iter().filter(|row| row.administrator && row.is_active()).count(), 1);
        set_administrator(&inner, None, operator, &rows[0], true).await.expect("the store answers");
        status::enable(&inner, None, operator, &rows[1]).await.expect("the store answers");
    }
}
