//! What happens between a request's head and its body: whatever was revoked, has ended or was changed meanwhile has no
//! say, and nobody writes over what they have not seen.

use grantor::flows::api::Credential;
use grantor::flows::api::credential::{self, Acting};
use grantor::flows::api_keys::{self, KeyChanges};
use grantor::flows::organizations::settings::Changes;
use grantor::flows::organizations::teams::edit::TeamChanges;
use grantor::flows::organizations::{By, OrganizationRefusal, members, settings, show, teams};
use grantor::flows::sso::SsoRefusal;
use grantor::flows::sso::settings::{self as provider, Edit};
use serde_json::{Value, json};

use super::Script;
use crate::support::db_shortcuts::{caller, web_client};
use crate::support::relying_party::Tokens;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    a_credential_that_ended_meanwhile_changes_nothing,
    nobody_writes_over_what_they_have_not_seen,
    a_change_of_the_provider_keeps_what_it_does_not_name,
);

const ALL: [&str; 3] = ["org:admin", "member:admin", "team:admin"];

/// Looks at the credential as a request does, lets `meanwhile` happen, and goes on with the request.
async fn renames(app: &TestApp, script: &Script, meanwhile: impl AsyncFnOnce()) -> Result<bool, OrganizationRefusal> {
    let found = credential::authenticate(&app.app(), &caller(), script.authorization.as_deref(), None).await;
    renames_with(app, &found.unwrap_or_else(|refusal| panic!("{refusal}")), meanwhile).await
}

async fn renames_with(
    app: &TestApp,
    credential: &Credential,
    meanwhile: impl AsyncFnOnce(),
) -> Result<bool, OrganizationRefusal> {
    let (inner, caller) = (app.app(), caller());
    let acme = show::by_slug(&inner, "acme").await.expect("acme");
    let scopes = credential.scopes(&inner);
    meanwhile().await;
    let acting = Acting { credential, caller: &caller, scopes, administrator: false };
    let name = format!("Name at {}", inner.store.next_id().expect("an id"));
    settings::rename(&inner, By::Api(&acting), &acme, &name, "acme").await
}

fn is_out(renamed: &Result<bool, OrganizationRefusal>) -> bool {
    matches!(renamed, Err(OrganizationRefusal::NotFound | OrganizationRefusal::ScopeMissing(_)))
}

/// C65.
async fn a_credential_that_ended_meanwhile_changes_nothing(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let maker = app.db_member(&acme, "maker", "owner").await;
    let owner = app.db_token(&ada, &ALL).await;
    assert_eq!(renames(app, &owner, async || {}).await.ok(), Some(true), "the control");

    let token = app.db_token(&ada, &ALL).await;
    let gone = renames(app, &token, async || {
        app.db_batch("DELETE FROM personal_tokens WHERE id = (SELECT MAX(id) FROM personal_tokens)")
    });
    assert!(is_out(&gone.await), "a personal token deleted");
    let token = app.db_token_with(&ada, &ALL, None, Some(app.now() + 60)).await;
    assert!(is_out(&renames(app, &token, async || app.wait(60)).await), "a personal token that ended");

    let spec = ClientSpec { organization_access: true, scopes: vec!["org:admin".to_owned()], ..web_client() };
    let board = app.db_client(spec).await;
    let access = async || {
        let code = app.db_code(&board, &ada, &[("scope", "org:admin"), ("organization", "acme")]).await;
        Tokens::of(&board.redeem(&code).await)
    };
    let tokens = access().await;
    let script = Script::bearer(app, &tokens.access);
    assert_eq!(renames(app, &script, async || {}).await.ok(), Some(true), "the control");
    let revoked = renames(app, &script, async || assert_eq!(board.revoke(&tokens.access).await.status, 200));
    assert!(is_out(&revoked.await), "an access token revoked");
    let script = Script::bearer(app, &access().await.access);
    let taken_back = renames(app, &script, async || app.db_batch("DELETE FROM authorizations"));
    assert!(is_out(&taken_back.await), "its authorization taken back");
    let script = Script::bearer(app, &access().await.access);
    assert!(is_out(&renames(app, &script, async || app.db_disable_client(&board).await).await), "its client off");

    let makers = app.db_token(&maker, &ALL).await;
    let key = async |policy: &str| {
        let body = json!({ "scopes": ALL, "sso_policy": policy });
        let made = makers.post("/acme/api-keys", &body).await;
        (Script::bearer(app, &made.text("key")), format!("/acme/api-keys/{}", made.text("id")))
    };
    let changes: [(&str, Option<Value>); 4] = [
        ("deleted", None),
        ("switched off", Some(json!({ "status": "inactive" }))),
        ("narrowed", Some(json!({ "scopes": ["org:read"] }))),
        ("given an end", Some(json!({ "expires_at": app.now() + 60 }))),
    ];
    for (case, change) in changes {
        let (script, path) = key("exempt").await;
        assert_eq!(renames(app, &script, async || {}).await.ok(), Some(true), "the control");
        let renamed = renames(app, &script, async || {
            let done = match &change {
                Some(change) => owner.patch(&path, change).await,
                None => owner.delete(&path).await,
            };
            assert!(done.status < 300, "{case}: {}", done.body);
        });
        assert!(is_out(&renamed.await), "a key {case}");
    }
    let (script, _) = key("creator").await;
    assert_eq!(renames(app, &script, async || {}).await.ok(), Some(true), "the control");
    let path = format!("/acme/members/{}", maker.row.sub);
    let demoted =
        renames(app, &script, async || assert_eq!(owner.patch(&path, &json!({ "role": "member" })).await.status, 200));
    assert!(is_out(&demoted.await), "a key whose maker became less");

    let ends = [
        ("a session ended", "UPDATE sessions SET ended_at = 1"),
        ("a new password, or a sign-out everywhere", "UPDATE users SET valid_from = 9223372036854775807"),
    ];
    for (case, sql) in ends {
        let session = Credential::Session(Box::new(app.db_session(&ada).await));
        assert_eq!(renames_with(app, &session, async || {}).await.ok(), Some(true), "the control");
        assert!(is_out(&renames_with(app, &session, async || app.db_batch(sql)).await), "{case}");
    }
}

/// RFC 9110 section 13.1.1: what If-Match is about is compared where it is changed.
async fn nobody_writes_over_what_they_have_not_seen(app: &TestApp) {
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    app.db_join(&acme, &bob, "member").await;
    app.db_team(&acme, "blue").await;
    let (_, id) = app.db_key(&acme, &["org:read"]).await;
    let (inner, by) = (app.app(), By::Operator);
    let changed = |refusal: &OrganizationRefusal| matches!(refusal, OrganizationRefusal::Changed);

    let named = |name: &str| Changes { name: Some(name.to_owned()), ..Changes::default() };
    assert!(settings::edit_if(&inner, by, &acme, named("First"), Some(&acme)).await.expect("as it was seen"));
    let late = settings::edit_if(&inner, by, &acme, named("Second"), Some(&acme)).await;
    assert!(late.is_err_and(|refusal| changed(&refusal)));

    let seen = Some(("blue".to_owned(), "blue".to_owned()));
    let called = |name: &str| TeamChanges { name: Some(name.to_owned()), slug: None, seen: seen.clone() };
    teams::edit::change(&inner, by, &acme, "blue", called("First")).await.expect("as it was seen");
    let late = teams::edit::change(&inner, by, &acme, "blue", called("Second")).await;
    assert!(late.is_err_and(|refusal| changed(&refusal)));

    let role = async |role: &str| members::role::set_role_if(&inner, by, &acme, &bob.row, role, Some("member")).await;
    assert!(role("admin").await.expect("as it was seen"));
    assert!(role("manager").await.is_err_and(|refusal| changed(&refusal)));

    let key = api_keys::show(&inner, &acme, &id).await.expect("a key").row;
    let labelled = |label: &str| KeyChanges { label: Some(label.to_owned()), ..KeyChanges::default() };
    let edit = async |label: &str| api_keys::update_if(&inner, by, &acme, &id, labelled(label), Some(&key)).await;
    assert!(edit("First").await.expect("as it was seen"));
    let late = edit("Second").await;
    let late =
        late.map_err(|refusal| matches!(refusal, api_keys::ApiKeyRefusal::Organization(inner) if changed(&inner)));
    assert_eq!(late, Err(true));
    let dump = app.dump();
    assert!(dump.contains("First") && !dump.contains("Second"));
}

/// The worst of it: a new secret must not bring back who may join, nor a claim somebody set a moment ago.
async fn a_change_of_the_provider_keeps_what_it_does_not_name(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let settings =
        r#"{"issuer":"https://idp.example","client_id":"grantor","claims":{"subject":"sub","email":"email"}}"#;
    app.db_provider(&acme, "oidc", settings).await;
    let (key, _) = app.db_key(&acme, &["org:admin"]).await;
    let inner = app.app();
    let view = provider::view(&inner, &acme).await.expect("the store answers").expect("a provider");
    let meanwhile = json!({ "allow_unlinked": true, "joining": "invited", "claims": { "teams": "groups" } });
    assert_eq!(key.patch("/acme/provider", &meanwhile).await.status, 200);
    let secret = "yet another upstream client secret";
    app.shared.secrets.saw(secret);
    let edit = |seen| Edit { secret: Some(secret.to_owned()), seen, ..Edit::default() };
    let late = provider::edit(&inner, By::Operator, &acme, edit(Some(view.seen))).await;
    assert!(matches!(late, Err(SsoRefusal::NotAsSeen)), "{late:?}");
    provider::edit(&inner, By::Operator, &acme, edit(None)).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
    let shown = key.get("/acme/provider").await.json();
    assert_eq!(
        (shown["allow_unlinked"].clone(), shown["joining"].clone(), shown["claims"]["teams"].clone()),
        (json!(true), json!("invited"), json!("groups"))
    );
}
