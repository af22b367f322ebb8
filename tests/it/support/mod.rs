//! Actors and the stage they play on. Actors do only what their originals can; what goes behind the API is named `db_*`.

#![expect(clippy::expect_used, reason = "a broken stage ends the test")]

pub mod admin_stage;
pub mod answer;
pub mod api_stage;
pub mod browser;
pub mod database;
pub mod db_shortcuts;
pub mod defects;
pub mod held;
pub mod log;
pub mod mail;
pub mod operator;
pub mod org_stage;
pub mod page;
pub mod raw;
pub mod receiver;
pub mod relying_party;
pub mod sabotage;
pub mod secrets;
pub mod server;
pub mod signing_keys;
pub mod site;
pub mod smtp;
pub mod smtp_tls;
pub mod sso_stage;
pub mod test_app;
pub mod upstream;

pub use answer::Answer;
pub use browser::Browser;
pub use database::Database;
pub use db_shortcuts::{ClientSpec, Person};
pub use relying_party::RelyingParty;
pub use test_app::TestApp;

/// Each named `async fn(&TestApp)` becomes two tests, `..::sqlite` and `..::postgres`, each on a database of its own.
/// A story that is not listed is dead code, which the lints refuse.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        $(mod $story {
            #[test]
            fn sqlite() {
                $crate::support::play($crate::support::Database::Sqlite, async |app| super::$story(app).await);
            }

            #[test]
            fn postgres() {
                $crate::support::play($crate::support::Database::Postgres, async |app| super::$story(app).await);
            }
        })+
    };
}
pub(crate) use on_both;

/// Compares a whole answer, the same on both databases, with the text written down.
macro_rules! assert_whole {
    ($answer:expr, @$text:literal) => {
        let whole = $answer.whole();
        insta::allow_duplicates! { insta::assert_snapshot!(whole, @$text) }
    };
}
pub(crate) use assert_whole;

/// Waits until it is so, for a minute at most.
pub async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..12_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("it did not come to that");
}

/// Plays one story on a fresh app, and ends it with the search for leaked secrets.
pub fn play(database: Database, story: impl AsyncFn(&TestApp)) {
    if database == Database::Postgres && database::postgres_is_skipped() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let app = TestApp::start(database).await;
        story(&app).await;
        app.finish().await;
    });
}
