//! The stage itself: what it promises to find, it finds.

use grantor::protocol::signing_algorithm::SigningAlgorithm;

use crate::support::{Database, TestApp, on_both};

on_both!(a_planted_secret_is_found, the_clock_moves_only_by_hand, nothing_is_left_of_an_ended_app);

/// A44: the search at the end of every test would see a secret in the log, in a text column, and in a binary one.
async fn a_planted_secret_is_found(app: &TestApp) {
    let web = app.db_web_client().await;
    let token = web.client_credentials("org:read").await.text("access_token");
    assert_eq!(app.leaks(), Vec::<String>::new());

    let planted = app.db_web_client().await.client_credentials("org:read").await.text("access_token");
    let secrets = &app.shared.secrets;
    assert!(secrets.count() > 3);
    let row = |value: &str| format!("clients: 1,'{value}'\n");
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02X}")).collect() };
    let secret_part = &token[token.len() - 49..token.len() - 6];
    for dump in [row(&token), row(secret_part), row(&hex(token.as_bytes())), row(&hex(secret_part.as_bytes()))] {
        assert_eq!(secrets.found_in(&dump, "").len(), 1, "{dump}");
    }
    assert_eq!(secrets.found_in("", &format!("INFO token={planted}")).len(), 1);
    assert_eq!(secrets.found_in(&row("nothing"), "INFO nothing"), Vec::<String>::new());

    // A JWT access token is a secret as well, whole or by its signature; an ID token is none.
    let key = app.app().keys.signing(SigningAlgorithm::Es256).expect("a key");
    let jwt = |typ: &str| key.sign(typ, &serde_json::json!({ "sub": "ada" })).expect("a token");
    let (access, id) = (jwt("at+jwt"), jwt("JWT"));
    secrets.saw_in(&format!("{{\"access_token\":\"{access}\",\"id_token\":\"{id}\"}}"));
    let signature = access.rsplit('.').next().expect("a signature");
    for logged in [format!("Bearer {access}"), format!("signature {signature}")] {
        assert_eq!(secrets.found_in("", &logged).len(), 1, "{logged}");
    }
    assert_eq!(secrets.found_in("", &id), Vec::<String>::new());

    // The dump and the log are really read.
    let marker = format!("planted-marker-{}", app.address().port());
    let table = match app.database {
        Database::Sqlite => "INSERT INTO used_marks VALUES (CAST('{}' AS BLOB), 1)",
        Database::Postgres => "INSERT INTO used_marks VALUES ('{}'::bytea, 1)",
    };
    app.db_batch(&table.replace("{}", &marker));
    tracing::info!(marker, "planted");
    let hex = hex(marker.as_bytes());
    assert!(app.dump().to_uppercase().contains(&hex));
    assert!(app.log().contains(&marker));
}

async fn the_clock_moves_only_by_hand(app: &TestApp) {
    let before = app.now();
    app.wait(61);
    assert_eq!(app.now(), before + 61);
}

/// Two apps live in one process without sharing anything, and a restart finds its database again.
async fn nothing_is_left_of_an_ended_app(app: &TestApp) {
    let web = app.db_web_client().await;
    let other = TestApp::start(app.database).await;
    let stranger = crate::support::RelyingParty { shared: std::sync::Arc::clone(&other.shared), ..web.clone() };
    assert_eq!(stranger.client_credentials("org:read").await.error(), "401 invalid_client");
    other.finish().await;
    let token = web.client_credentials("org:read").await.text("access_token");
    app.restart().await;
    assert!(web.is_active(&token).await);
}
