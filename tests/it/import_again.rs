//! What became of imported things here is not undone by the next run: deleted, renamed, narrowed, revoked, shut.

use grantor::flows::audit::Actor;
use grantor::flows::import::report::Report;
use grantor::flows::import::sentry::Options;
use grantor::flows::organizations::By;
use grantor::flows::{clients, organizations, people};
use serde_json::{Value, json};

use crate::import_sentry::{
    ACCESS, OF_CLEO, PERSONAL, REFRESH, bearer, changed, import, import_text, person, rows, sundial, text,
};
use crate::import_users::{Desk, rows as lines};
use crate::seen::kept;
use crate::support::{TestApp, on_both};

on_both!(
    what_was_deleted_here_stays_deleted_at_the_next_import,
    an_organization_renamed_here_is_the_same_at_the_next_import,
    people_deleted_here_stay_deleted_at_the_next_list,
    a_list_without_a_word_about_it_opens_no_account_that_was_shut,
    an_imported_token_may_do_no_more_than_its_authorization,
    a_newer_export_does_not_bring_back_what_was_revoked_here,
    an_application_without_a_list_may_be_given_what_its_users_allowed,
    one_secret_of_an_export_opens_one_thing,
);

/// The report's words on one row.
fn said(report: &Report, place: &str) -> String {
    let row = |line: &&String| line.split([' ', ':']).skip(1).take(2).eq(place.split(' '));
    rows(report).iter().find(row).unwrap_or_else(|| panic!("no {place} in {report:?}")).clone()
}

async fn delete(app: &TestApp, login: &str) {
    let user = person(app, login).await.row;
    let deleted = people::status::delete(&app.app(), None, Actor::Operator, &user).await;
    assert!(deleted.unwrap_or_else(|refusal| panic!("{refusal}")));
}

async fn delete_organization(app: &TestApp, slug: &str) {
    let row = app.db_organization(slug).await.expect("it is there");
    let asked = organizations::delete::request(&app.app(), By::Operator, &row, slug, Some(0)).await;
    asked.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(organizations::delete::carry_out_due(&app.app()).await.expect("the store answers"), 1);
}

/// C49: neither the account under its old hash and roles, nor the application under its old secret.
async fn what_was_deleted_here_stays_deleted_at_the_next_import(app: &TestApp) {
    import(app).await;
    let sundial = sundial(app);
    delete(app, "ada").await;
    delete_organization(app, "blue-team").await;
    let asked = clients::delete::request(&app.app(), None, Actor::Operator, &sundial.client_id, Some(0)).await;
    asked.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(clients::delete::carry_out_due(&app.app()).await.expect("the store answers"), 1);
    let before = kept(app);
    for options in [Options { dry_run: true, ..Options::default() }, Options::default()] {
        let report = import_text(app, &text(), options).await;
        assert!(kept(app) == before, "something was written");
        for place in ["user 1", "organization 3", "apiapplication 1"] {
            assert_eq!(said(&report, place), format!("unchanged {place}: deleted here since"));
        }
        let of_ada = said(&report, "organizationmember 1");
        assert_eq!(of_ada, "refused organizationmember 1: user: the user 1 was deleted here since");
        let of_sundial = said(&report, "apiauthorization 2");
        assert_eq!(of_sundial, "refused apiauthorization 2: application: the application 1 was deleted here since");
        assert_eq!(said(&report, "user 2"), "unchanged user 2", "what is here is known as ever");
    }
    assert_eq!(sundial.introspect("anything").await.error(), "401 invalid_client");
    assert_eq!(bearer(app, PERSONAL).await.status, 401);
}

async fn an_organization_renamed_here_is_the_same_at_the_next_import(app: &TestApp) {
    import(app).await;
    let acme = app.db_organization("acme").await.expect("it was imported");
    app.db_batch(&format!("UPDATE organizations SET slug = 'acme-corp' WHERE id = {}", acme.id));
    app.restart().await;
    app.db_owned("acme", &app.db_user("newcomer").await).await;
    let before = kept(app);
    let report = import(app).await;
    assert!(kept(app) == before, "something was written");
    assert_eq!(said(&report, "organization 1"), "unchanged organization 1: it is called acme-corp here now");
    assert_eq!(said(&report, "organizationmember 1"), "unchanged organizationmember 1");
}

/// Whoever an import never knew is another person: their name is free.
async fn people_deleted_here_stay_deleted_at_the_next_list(app: &TestApp) {
    let desk = Desk::of(app);
    app.db_user("bob").await;
    desk.json(&json!([{ "login": "ada" }, { "login": "cleo" }]), &[]).await.json();
    delete(app, "ada").await;
    delete(app, "bob").await;
    let list = json!([{ "login": "ADA" }, { "login": "bob" }, { "login": "cleo" }]);
    let report = desk.json(&list, &["--update"]).await.json();
    assert_eq!(
        lines(&report),
        ["unchanged line 1 ADA: deleted here since", "created line 1 bob", "unchanged line 1 cleo"]
    );
    assert!(people::find::by_login(&app.app(), "ada").await.is_err());
}

/// An administrator shut it for a reason; what the list does not say is no word about it.
async fn a_list_without_a_word_about_it_opens_no_account_that_was_shut(app: &TestApp) {
    let desk = Desk::of(app);
    desk.json(&json!([{ "login": "ada" }]), &[]).await.json();
    app.db_user("bob").await;
    for login in ["ada", "bob"] {
        app.db_disable_user(&person(app, login).await).await;
    }
    let update = async |list: Value| lines(&update_with(&desk, &list).await);
    let told = update(json!([{ "login": "ada", "name": "Ada Lovelace" }])).await;
    assert_eq!(told, ["updated line 1 ada: changed: name"]);
    assert_eq!(person(app, "ada").await.row.status, "disabled");
    let told = update(json!([{ "login": "bob", "active": true }])).await;
    assert!(told[0].starts_with("refused line 1 bob: the account was not made by an import"), "{told:?}");
    assert_eq!(person(app, "bob").await.row.status, "disabled");
    let told = update(json!([{ "login": "ada", "active": true }])).await;
    assert_eq!(told, ["updated line 1 ada: changed: active"]);
    assert!(person(app, "ada").await.row.is_active(), "said in so many words, of an account an import made");
    let told = update(json!([{ "login": "ada", "name": "Ada", "active": false }])).await;
    assert_eq!(told, ["updated line 1 ada: changed: name, active"]);
    let events = app.db_audit().await;
    let of_import = events.iter().filter(|event| event.data.contains("\"imported\":true"));
    let names: Vec<&str> = of_import.map(|event| event.event.as_str()).collect();
    assert_eq!(names, ["user.create", "user.update", "user.enable", "user.update", "user.disable"]);
}

async fn update_with(desk: &Desk<'_>, list: &Value) -> Value {
    let said = desk.json(list, &["--update"]).await;
    serde_json::from_str(&said.output).expect("a report")
}

/// Consent is the bound of all that was issued under it (A65), wherever it was issued.
async fn an_imported_token_may_do_no_more_than_its_authorization(app: &TestApp) {
    let narrowed = changed(|place, fields| {
        if place == "sentry.apiauthorization 2" {
            fields["scope_list"] = json!(["org:read"]);
        }
        true
    });
    let report = import_text(app, &narrowed, Options::default()).await;
    assert_eq!(
        said(&report, "apitoken 3"),
        "created apitoken 3: scopes left out, which the authorization does not carry: \"team:read\""
    );
    let answer = sundial(app).introspect(OF_CLEO).await.json();
    assert_eq!((&answer["active"], &answer["scope"]), (&json!(true), &json!("org:read")));
}

/// The file's tokens are others by then, and an authorization may have had none at all.
async fn a_newer_export_does_not_bring_back_what_was_revoked_here(app: &TestApp) {
    let bare = changed(|place, _| place != "sentry.apitoken 3");
    import_text(app, &bare, Options::default()).await;
    let (sundial, ada, cleo) = (sundial(app), person(app, "ada").await, person(app, "cleo").await);
    app.db_revoke_authorization(&ada, &sundial).await;
    app.db_revoke_authorization(&cleo, &sundial).await;
    let newer = changed(|place, fields| {
        for field in ["token", "refresh_token"] {
            if place.starts_with("sentry.apitoken ") && fields["application"] == 1 && fields[field].is_string() {
                let text = fields[field].as_str().unwrap_or_default();
                fields[field] = json!(format!("{text}-newer"));
            }
        }
        true
    });
    let report = import_text(app, &newer, Options::default()).await;
    for place in ["apiauthorization 1", "apiauthorization 2"] {
        assert_eq!(said(&report, place), format!("unchanged {place}: revoked here since"));
    }
    for place in ["apitoken 1", "apitoken 3"] {
        assert!(said(&report, place).starts_with(&format!("refused {place}: application: the user does not allow it")));
    }
    assert_eq!((app.db_authorized(&ada, &sundial).await, app.db_authorized(&cleo, &sundial).await), (None, None));
    assert!(!sundial.is_active(&format!("{ACCESS}-newer")).await);
    assert_eq!(sundial.refresh(&format!("{REFRESH}-newer")).await.error(), "400 invalid_grant");
    assert!(bearer(app, "demo-personal-token-bound-to-organization-014").await.status == 200, "nothing else ended");
}

async fn an_application_without_a_list_may_be_given_what_its_users_allowed(app: &TestApp) {
    let modern = changed(|place, fields| {
        if place == "sentry.apiauthorization 2" {
            fields["scope_list"] = json!(["org:read", "account:read", "admin:read"]);
        }
        true
    });
    import_text(app, &modern, Options::default()).await;
    let metadata = clients::update::metadata(&app.app(), &"1".repeat(64)).await.expect("the client");
    let may = |scope: &str| metadata.scopes.iter().any(|one| one == scope);
    assert!(may("account:read") && may("project:admin"), "{:?}", metadata.scopes);
    assert!(!may("account:write") && !may("admin:read"), "nobody allowed the one, and nothing gives the other");
}

async fn one_secret_of_an_export_opens_one_thing(app: &TestApp) {
    let odd = changed(|place, fields| {
        if place == "sentry.apitoken 3" {
            fields["refresh_token"] = fields["token"].clone();
        }
        if place == "sentry.apitoken 2" {
            fields["refresh_token"] = json!(ACCESS);
        }
        true
    });
    let report = import_text(app, &odd, Options::default()).await;
    assert_eq!(said(&report, "apitoken 3"), "refused apitoken 3: refresh_token: the same text as the token");
    assert_eq!(
        said(&report, "apitoken 2"),
        "refused apitoken 2: refresh_token: an earlier row of the file has the same"
    );
    assert!(sundial(app).is_active(ACCESS).await, "the first one counts");
    assert!(!sundial(app).is_active(OF_CLEO).await);
}
