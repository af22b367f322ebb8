//! Where administrators and operators see and rotate keys: command line, API and page.

use serde_json::{Value, json};

use crate::support::operator::{Operator, Said};
use crate::support::{Answer, TestApp, on_both};

on_both!(
    an_operator_sees_and_rotates_both_families,
    the_api_shows_and_rotates_signing_keys,
    the_page_shows_every_state_and_asks_before_it_rotates,
    a_doctor_looks_at_the_keys,
);

fn states(keys: &Value, algorithm: &str) -> Vec<String> {
    let all = keys.as_array().expect("keys").iter().filter(|key| key["algorithm"] == algorithm);
    all.map(|key| key["state"].as_str().expect("a state").to_owned()).collect()
}

/// On PostgreSQL the command has a clock of its own, which is decades behind the app's: the keys are old for both, and
/// its configuration is not the app's.
async fn ask(app: &TestApp, operator: &Operator<'_>, arguments: &[&str]) -> Said {
    app.db_batch("UPDATE signing_keys SET created_at = 1000000000, active_from = 1000000000 WHERE kid LIKE 'demo-%'");
    operator.says_with(arguments, &[("GRANTOR__KEYS__ROTATION_INTERVAL", "0")]).await
}

async fn an_operator_sees_and_rotates_both_families(app: &TestApp) {
    let operator = Operator::of(app);
    let listed = ask(app, &operator, &["--json", "key", "list"]).await.json();
    let kids: Vec<&str> =
        listed["signing"].as_array().expect("keys").iter().filter_map(|key| key["kid"].as_str()).collect();
    assert_eq!(kids, ["demo-EdDSA", "demo-PS256", "demo-RS256", "demo-ES256"]);
    assert_eq!(listed["derivation"].as_array().map(Vec::len), Some(1));
    let words = ask(app, &operator, &["key", "list"]).await.words();
    assert!(words.contains("demo-ES256  signing"), "{words}");
    assert!(words.contains("DERIVATION KEY"), "{words}");

    let made = ask(app, &operator, &["--json", "key", "rotate", "signing", "--algorithm", "ES256"]).await.json();
    assert_eq!((states(&made["signing"], "ES256"), &made["derivation"]), (vec!["published".to_owned()], &Value::Null));
    let words = ask(app, &operator, &["key", "rotate", "signing", "--algorithm", "EdDSA", "--now"]).await.words();
    assert!(words.starts_with("EdDSA: key ") && words.contains(" signs\nAll older keys"), "{words}");
    assert!(words.contains("Other nodes follow within a minute"), "{words}");
    let words = ask(app, &operator, &["key", "rotate", "derivation"]).await.words();
    assert!(words.contains("is in use; the others are retired"), "{words}");
    let listed = ask(app, &operator, &["--json", "key", "list"]).await.json();
    assert_eq!(states(&listed["signing"], "ES256"), ["published", "signing"]);
    assert_eq!(states(&listed["signing"], "EdDSA"), ["signing", "withdrawn"]);
    assert_eq!(listed["derivation"].as_array().map(Vec::len), Some(2));
    app.db_sweep().await;
    let set = app.get("/oauth/jwks.json").await.body;
    assert!(set.contains(made["signing"][0]["kid"].as_str().expect("a name")), "{set}");
    assert!(set.contains("demo-RS256") && !set.contains("demo-EdDSA"), "{set}");

    let wrong = ask(app, &operator, &["key", "rotate", "--algorithm", "ES256"]).await.failure();
    assert!(wrong.contains("grantor key rotate signing --algorithm"), "{wrong}");
    let wrong = ask(app, &operator, &["key", "rotate", "signing", "--algorithm", "HS256"]).await.failure();
    assert!(wrong.contains("ES256, RS256, PS256, EdDSA"), "{wrong}");
    assert!(ask(app, &operator, &["key", "rotate", "derivation", "--now"]).await.failure().contains("--now"));
}

async fn the_api_shows_and_rotates_signing_keys(app: &TestApp) {
    let root = app.db_administrator("root").await;
    let scopes = ["admin:read".to_owned(), "admin:write".to_owned()];
    let token = app.db_script_token(&root, &scopes, None, None).await;
    let keys = app.api_read("/admin/signing-keys", &token).await;
    let key = keys.as_array().expect("keys").iter().find(|key| key["algorithm"] == "ES256").expect("a key");
    assert_eq!(
        *key,
        json!({
            "kid": "demo-ES256", "algorithm": "ES256", "state": "signing", "created_at": app.now(),
            "active_from": app.now(), "next_rotation": null, "published_until": null,
        })
    );
    let rotate = async |body: Value| -> Answer {
        let once = [("Idempotency-Key", "k1")];
        app.api_with("POST", "/admin/signing-keys/rotate", Some(&token), &body, &once).await
    };
    let one = json!({ "algorithms": ["ES256"] });
    let (made, again) = (rotate(one.clone()).await, rotate(one).await);
    assert_eq!((made.status, made.json()), (201, again.json()), "once: {}", made.body);
    assert_eq!(states(&made.json(), "ES256"), ["published"]);
    let ahead = app.app().config.keys.publish_ahead;
    assert_eq!(made.json()[0]["active_from"], app.now() + ahead);
    assert_eq!(states(&app.api_read("/admin/signing-keys", &token).await, "ES256"), ["published", "signing"]);

    let now = json!({ "algorithms": ["ES256", "EdDSA", "ES256"], "now": true });
    let made = app.api("POST", "/admin/signing-keys/rotate", Some(&token), &now).await;
    assert_eq!((made.status, made.json().as_array().map(Vec::len)), (201, Some(2)), "{}", made.body);
    let keys = app.api_read("/admin/signing-keys", &token).await;
    assert_eq!(states(&keys, "ES256"), ["signing", "withdrawn", "withdrawn"]);
    assert_eq!(states(&keys, "EdDSA"), ["signing", "withdrawn"]);
    assert_eq!(states(&keys, "RS256"), ["signing"]);
    for wrong in [json!({}), json!({ "algorithms": [] }), json!({ "algorithms": ["HS256"] }), json!({ "algorithm": 1 })]
    {
        let answer = app.api("POST", "/admin/signing-keys/rotate", Some(&token), &wrong).await;
        assert!([400, 422].contains(&answer.status), "{wrong}: {}", answer.body);
    }
    let log = app.api_read("/admin/audit-log?event=key.rotate&actor=root", &token).await;
    assert_eq!(log.as_array().map(Vec::len), Some(3), "{log}");
    assert_eq!((&log[2]["data"]["algorithm"], &log[2]["data"]["others"]), (&json!("ES256"), &json!("kept")));
    assert_eq!(log[0]["data"]["others"], "withdrawn");
}

async fn the_page_shows_every_state_and_asks_before_it_rotates(app: &TestApp) {
    let root = app.db_administrator("root").await;
    let browser = app.db_signed_in(&root).await;
    // RSA keys take their time and nothing else.
    app.db_batch("DELETE FROM signing_keys WHERE algorithm IN ('RS256', 'PS256')");
    let page = browser.get("/admin/keys").await;
    assert_eq!(page.all_words("#signing-keys .pill"), ["Signing", "Signing"]);
    assert!(page.words("#signing-keys").contains("demo-ES256"));
    let asked = browser.get(&page.attributes("#signing-keys-rotate", "href")[0]).await;
    assert!(asked.body.contains("No token stops working"));
    let done = browser.submit(&asked, "confirm", &[]).await;
    assert_eq!(done.location(), "/admin/keys?done=published");
    app.db_batch("DELETE FROM signing_keys WHERE algorithm IN ('RS256', 'PS256')");
    let page = browser.get(done.location()).await;
    assert_eq!(page.all_words("#signing-keys .pill"), ["Published", "Published", "Signing", "Signing"]);

    app.wait(app.app().config.keys.publish_ahead.unsigned_abs());
    let again = app.db_signed_in(&root).await;
    let page = again.get("/admin/keys").await;
    assert_eq!(page.all_words("#signing-keys .pill"), ["Signing", "Signing", "Kept", "Kept"]);
    app.wait(31 * 86_400);
    let again = app.db_signed_in(&root).await;
    let page = again.get("/admin/keys").await;
    assert_eq!(page.all_words("#signing-keys .pill"), ["Signing", "Signing", "Erased", "Erased"]);
    let asked = again.get(&page.attributes("#signing-keys-withdraw", "href")[0]).await;
    assert!(asked.body.contains("people sign in to them again"));
    assert_eq!(again.submit(&asked, "confirm", &[]).await.location(), "/admin/keys?done=rotated");
    let pills = again.get("/admin/keys").await.all_words("#signing-keys .pill");
    assert_eq!(pills.iter().filter(|pill| *pill == "Withdrawn").count(), 4, "those of long ago too: {pills:?}");

    let ada = app.db_signed_in(&app.db_user("ada").await).await;
    for path in ["/admin/keys/signing/rotate", "/admin/keys/signing/withdraw"] {
        assert_eq!(ada.get(path).await.status, 404, "{path}");
    }
}

async fn a_doctor_looks_at_the_keys(app: &TestApp) {
    let operator = Operator::of(app);
    let words = ask(app, &operator, &["doctor"]).await;
    assert!(words.output.contains("ok       signing keys: ES256, RS256, PS256, EdDSA sign"), "{}", words.output);
    app.db_batch("DELETE FROM signing_keys WHERE algorithm = 'EdDSA'");
    let words = ask(app, &operator, &["doctor"]).await;
    assert!(words.output.contains("warning  signing keys: nothing signs EdDSA"), "{}", words.output);
}
