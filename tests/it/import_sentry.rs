//! `grantor import sentry`: an export of the reference server, with every variant of its scopes, and what goes on working.

use grantor::flows::import::report::{Outcome, Report};
use grantor::flows::import::sentry::export::Export;
use grantor::flows::import::sentry::{self, Options};
use serde_json::{Value, json};

use crate::seen::kept;
use crate::support::answer::Answer;
use crate::support::operator::Operator;
use crate::support::relying_party::{By, Tokens, basic};
use crate::support::{Person, RelyingParty, TestApp, on_both};

on_both!(
    an_imported_client_authenticates_with_its_old_secret,
    an_imported_access_token_is_introspected_with_the_scopes_of_its_row,
    an_imported_refresh_token_refreshes_once_and_gives_tokens_of_this_server,
    imported_tokens_end_as_any_others_do,
    an_imported_personal_token_opens_the_api,
    an_imported_api_key_opens_the_api,
    people_of_an_export_sign_in_and_are_members,
    each_row_of_an_export_says_what_became_of_it,
    a_dry_run_of_an_export_says_the_same_and_writes_nothing,
    a_second_import_of_an_export_changes_nothing,
    what_was_revoked_here_does_not_come_back,
    an_account_here_is_taken_for_an_old_one_only_when_something_shows_it,
    an_export_by_the_command_line_prints_no_secret,
    guesses_at_imported_secrets_are_limited,
);

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/sentry-export.json");

pub fn text() -> String {
    std::fs::read_to_string(FIXTURE).expect("the fixture")
}

/// The person's subject identifier, which any credential of theirs may tell.
async fn sub_of(app: &TestApp, login: &str) -> Value {
    let people = app.db_users().await;
    json!(people.iter().find(|user| user.login == login).expect("a person").sub)
}

/// The export without some rows, or with other fields.
pub fn changed(change: impl Fn(&str, &mut Value) -> bool) -> String {
    let mut rows: Vec<Value> = serde_json::from_str(&text()).expect("the fixture is JSON");
    rows.retain_mut(|row| {
        let place = format!("{} {}", row["model"].as_str().unwrap_or_default(), row["pk"]);
        change(&place, &mut row["fields"])
    });
    json!(rows).to_string()
}

pub async fn import_text(app: &TestApp, text: &str, options: Options) -> Report {
    for part in text.split('"').filter(|part| part.starts_with("demo-")) {
        app.shared.secrets.saw(part);
    }
    let export = Export::read(text).unwrap_or_else(|problem| panic!("{problem}"));
    sentry::run(&app.app(), &export, options).await.expect("the store answers")
}

pub async fn import(app: &TestApp) -> Report {
    import_text(app, &text(), Options::default()).await
}

/// The application "Sundial" as its developers hold it: the same as before.
pub fn sundial(app: &TestApp) -> RelyingParty {
    let secret = "demo-client-secret-of-application-1-0001";
    let party = RelyingParty::new(
        std::sync::Arc::clone(&app.shared),
        &"1".repeat(64),
        Some(secret),
        "https://client.example/cb",
    );
    party.with_secret(Some(secret), By::Post)
}

pub const ACCESS: &str = "demo-access-token-both-and-the-list-wins-01";
pub const REFRESH: &str = "demo-refresh-token-both-and-the-list-wins-01";
pub const OF_CLEO: &str = "demo-access-token-of-cleo-by-bits-alone-0003";
pub const PERSONAL: &str = "demo-personal-token-by-list-alone-00000000004";
const KEY: &str = "demo-api-key-by-bits-alone-00001";

async fn me(app: &TestApp, authorization: &str) -> Answer {
    let request = app.shared.http.get(app.shared.url("/api/v1/me")).header("Authorization", authorization);
    app.shared.send(request).await
}

pub async fn bearer(app: &TestApp, secret: &str) -> Answer {
    me(app, &format!("Bearer {secret}")).await
}

pub async fn person(app: &TestApp, login: &str) -> Person {
    let row = grantor::flows::people::find::by_login(&app.app(), login).await.expect("an account");
    Person { login: login.to_owned(), password: "violin gravel otter parade".to_owned(), row }
}

/// DECISIONS "token text": its id and secret are what they were, and its ceiling is what the reference server knew.
async fn an_imported_client_authenticates_with_its_old_secret(app: &TestApp) {
    import(app).await;
    let sundial = sundial(app);
    assert_eq!(sundial.introspect("anything").await.body, "{\"active\":false}");
    let wrong = sundial.with_secret(Some("demo-client-secret-of-application-2-0001"), By::Post);
    assert_eq!(wrong.introspect("anything").await.error(), "401 invalid_client");
    let ada = person(app, "ada").await;
    let browser = app.db_signed_in(&ada).await;
    // Covered by what she allowed there: nobody is asked, and PKCE, which it never knew, is not demanded.
    let without_pkce = [("scope", "org:read project:read"), ("code_challenge", ""), ("code_challenge_method", "")];
    let code = sundial.code_of(&browser.get(&sundial.authorize_url(&without_pkce)).await);
    Tokens::of(&sundial.redeem_with(&code, &[("code_verifier", "")]).await);
    let retired = sundial.with_secret(Some("demo-client-secret-of-application-2-0001"), By::Post);
    let retired = RelyingParty { client_id: "2".repeat(64), ..retired };
    assert_eq!(retired.introspect("anything").await.error(), "401 invalid_client", "it was inactive there");
}

/// S55: the list wins over the bits, bits count where the list is empty; write and admin carry read.
async fn an_imported_access_token_is_introspected_with_the_scopes_of_its_row(app: &TestApp) {
    import(app).await;
    let sundial = sundial(app);
    let answer = sundial.introspect(ACCESS).await.json();
    assert_eq!((&answer["active"], &answer["scope"]), (&json!(true), &json!("org:read")), "{answer}");
    assert_eq!((&answer["username"], &answer["client_id"]), (&json!("ada"), &json!("1".repeat(64))));
    let bits = sundial.introspect(OF_CLEO).await.json();
    assert_eq!((&bits["scope"], &bits["username"]), (&json!("org:read team:read"), &json!("cleo")), "{bits}");
    assert!(!sundial.is_active("demo-access-token-expired-but-refreshable-02").await);
    assert!(!sundial.is_active("demo-access-token-of-bob-who-allowed-nothing").await);
    assert!(!sundial.is_active(&ACCESS.to_uppercase()).await, "as it was, to the byte");
    let refresh = sundial.introspect(REFRESH).await.json();
    assert_eq!((&refresh["active"], &refresh["username"]), (&json!(true), &json!("ada")), "{refresh}");
    let api = app.db_resource_server("https://api.example", &["org"]).await;
    assert!(!api.is_active(ACCESS).await, "nobody else's business: it was for no resource server");
}

async fn an_imported_refresh_token_refreshes_once_and_gives_tokens_of_this_server(app: &TestApp) {
    import(app).await;
    let sundial = sundial(app);
    let first = Tokens::of(&sundial.refresh(REFRESH).await);
    assert!(first.access.starts_with("gat_") && first.refresh.starts_with("grt_"));
    assert!(sundial.is_active(&first.access).await);
    // A lost answer may be asked for again inside the grace window, as with any refresh token.
    assert_eq!(Tokens::of(&sundial.refresh(REFRESH).await), first);
    let second = Tokens::of(&sundial.refresh(&first.refresh).await);
    app.clock.advance(std::time::Duration::from_secs(120));
    assert_eq!(sundial.refresh(REFRESH).await.error(), "400 invalid_grant", "long after its use: theft");
    assert!(!sundial.is_active(&second.access).await, "the family fell");
    assert!(!sundial.is_active(ACCESS).await, "with what came from elsewhere");

    let expired = Tokens::of(&sundial.refresh("demo-refresh-token-expired-but-refreshable-02").await);
    assert_eq!(sundial.introspect(&expired.access).await.json()["scope"], "project:read");
}

async fn imported_tokens_end_as_any_others_do(app: &TestApp) {
    import(app).await;
    let sundial = sundial(app);
    assert_eq!(sundial.revoke(OF_CLEO).await.status, 200);
    assert!(!sundial.is_active(OF_CLEO).await);
    assert!(sundial.is_active(ACCESS).await, "of somebody else");
    let ada = person(app, "ada").await;
    app.db_revoke_authorization(&ada, &sundial).await;
    assert!(!sundial.is_active(ACCESS).await);
    assert_eq!(sundial.refresh(REFRESH).await.error(), "400 invalid_grant");
    assert_eq!(bearer(app, PERSONAL).await.status, 200);
    app.db_disable_user(&ada).await;
    assert_eq!(bearer(app, PERSONAL).await.status, 401);
    assert_eq!(bearer(app, KEY).await.status, 200, "it is the organization's");
}

async fn an_imported_personal_token_opens_the_api(app: &TestApp) {
    import(app).await;
    let answer = bearer(app, PERSONAL).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert_eq!((&answer["credential"], &answer["user"]["sub"]), (&json!("personal_token"), &sub_of(app, "ada").await));
    assert_eq!(answer["scopes"], json!(["org:read", "team:read", "team:write"]));
    let scopes = async |secret: &str| bearer(app, secret).await.json()["scopes"].clone();
    assert_eq!(scopes("demo-personal-token-without-any-scope-0000005").await, json!([]));
    assert_eq!(
        scopes("demo-personal-token-with-strange-scopes-00006").await,
        json!(["org:read"]),
        "what is known here"
    );
    assert_eq!(bearer(app, "demo-personal-token-that-has-expired-00000007").await.status, 401);
    let bound = bearer(app, "demo-personal-token-bound-to-organization-014").await.json();
    assert_eq!((&bound["organization"], &bound["user"]["sub"]), (&json!("acme"), &sub_of(app, "ada").await));
}

/// S66's credentials: HTTP Basic with the key as user name and no password, and as bearer.
async fn an_imported_api_key_opens_the_api(app: &TestApp) {
    import(app).await;
    for authorization in [format!("Bearer {KEY}"), basic(KEY, "")] {
        let answer = me(app, &authorization).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let answer = answer.json();
        assert_eq!((&answer["credential"], &answer["organization"]), (&json!("api_key"), &json!("acme")));
        assert_eq!(answer["scopes"], json!(["org:read", "project:read"]));
    }
    let both = bearer(app, "demo-api-key-both-list-wins-0004").await.json();
    assert_eq!(both["scopes"], json!(["team:read"]), "the list wins");
    assert_eq!(bearer(app, "demo-api-key-that-is-inactive-02").await.status, 401);
    assert_eq!(bearer(app, "demo-api-key-of-a-lost-one-00003").await.status, 401);
    assert_eq!(me(app, &basic(PERSONAL, "")).await.status, bearer(app, "x").await.status, "Basic is for keys");
}

async fn people_of_an_export_sign_in_and_are_members(app: &TestApp) {
    import(app).await;
    let ada = person(app, "ada").await;
    app.shared.secrets.saw(&ada.password);
    assert!(!ada.row.administrator && ada.row.email_verified_at.is_some());
    let browser = app.db_signed_in(&ada).await;
    assert_eq!(browser.get("/orgs/acme").await.status, 200);
    let (bob, cleo) = (person(app, "bob").await.row, person(app, "cleo").await.row);
    assert_eq!((bob.status.as_str(), bob.name.as_str()), ("disabled", "Bob Builder"));
    assert!(bob.email_verified_at.is_none() && bob.password_hash.is_none());
    assert_eq!((cleo.email, cleo.password_hash), (None, None));
}

/// `created sentry.apitoken 4`, `refused sentry.apitoken 7: why`.
pub fn rows(report: &Report) -> Vec<String> {
    let outcome = |outcome| match outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused => "refused",
    };
    let line = |line: &grantor::flows::import::report::Line| {
        let notes: String = line.notes.iter().map(|note| format!(": {note}")).collect();
        format!("{} {}{notes}", outcome(line.outcome), line.place.trim_start_matches("sentry."))
    };
    report.lines.iter().map(line).collect()
}

async fn each_row_of_an_export_says_what_became_of_it(app: &TestApp) {
    let report = import(app).await;
    let said = rows(&report).join("\n");
    assert_eq!(said + "\n", include_str!("fixtures/sentry-report.txt"));
    let events = app.db_events().await;
    let count = |name: &str| events.iter().filter(|event| *event == name).count();
    for (event, expected) in [
        ("user.create", 3),
        ("org.create", 2),
        ("org.member.add", 3),
        ("client.create", 3),
        ("authorization.import", 3),
        ("grant.import", 4),
        ("personal_token.import", 4),
        ("api_key.import", 3),
    ] {
        assert_eq!(count(event), expected, "{event}");
    }
    assert_eq!(events.len(), report.count(None, Outcome::Created), "one event a change");
}

async fn a_dry_run_of_an_export_says_the_same_and_writes_nothing(app: &TestApp) {
    let before = kept(app);
    let dry = import_text(app, &text(), Options { dry_run: true, ..Options::default() }).await;
    assert!(kept(app) == before, "something was written");
    assert_eq!(rows(&dry), rows(&import(app).await));
}

async fn a_second_import_of_an_export_changes_nothing(app: &TestApp) {
    let first = import(app).await;
    let before = kept(app);
    let second = import(app).await;
    assert!(kept(app) == before, "something was written");
    assert_eq!(second.count(None, Outcome::Created) + second.count(None, Outcome::Updated), 0, "{:#?}", rows(&second));
    assert_eq!(second.count(None, Outcome::Unchanged), first.count(None, Outcome::Created));
    assert_eq!(second.count(None, Outcome::Refused), first.count(None, Outcome::Refused));
}

/// A token that was used up, revoked or deleted here is known by its digest, whatever became of its row.
async fn what_was_revoked_here_does_not_come_back(app: &TestApp) {
    import(app).await;
    let (sundial, ada) = (sundial(app), person(app, "ada").await);
    let mine = app.db_signed_in(&ada).await;
    drop(mine);
    app.db_revoke_authorization(&ada, &sundial).await;
    app.db_disable_user(&ada).await;
    app.db_enable_user(&ada).await;
    assert_eq!(bearer(app, PERSONAL).await.status, 401, "disabling deleted it");
    import(app).await;
    assert!(!sundial.is_active(ACCESS).await);
    assert_eq!(sundial.refresh(REFRESH).await.error(), "400 invalid_grant");
    assert_eq!(bearer(app, PERSONAL).await.status, 401);
    assert_eq!(app.db_authorized(&ada, &sundial).await, None, "nor is she asked no more");
    assert!(sundial.is_active(OF_CLEO).await, "of somebody else");
}

/// C36 by another door: whoever registered a login here, or wrote an address into a profile there, gets nobody's tokens.
async fn an_account_here_is_taken_for_an_old_one_only_when_something_shows_it(app: &TestApp) {
    app.db_user("ada").await;
    let owner = app.db_user("somebody").await;
    let new =
        grantor::flows::organizations::create::NewOrganization { name: "Acme".to_owned(), slug: "acme".to_owned() };
    let by = grantor::flows::organizations::By::Operator;
    grantor::flows::organizations::create::create(&app.app(), by, new, &owner.row).await.expect("an organization");
    let report = import(app).await;
    let refused = |place: &str| {
        let line = report.lines.iter().find(|line| line.place == place).expect("the row");
        assert_eq!(line.outcome, Outcome::Refused, "{line:?}");
        line.notes.join(" ")
    };
    assert!(refused("sentry.user 1").contains("--match-existing"));
    assert!(refused("sentry.organization 1").contains("--match-existing"));
    assert!(refused("sentry.apitoken 4").contains("the user 1 is not in the file, or was refused"));
    assert!(refused("sentry.apikey 1").contains("the organization 1 is not in the file, or was refused"));
    assert_eq!(bearer(app, PERSONAL).await.status, 401);
    let options = Options { match_existing: true, ..Options::default() };
    let report = import_text(app, &text(), options).await;
    let line = report.lines.iter().find(|line| line.place == "sentry.user 1").expect("the row");
    assert_eq!(line.outcome, Outcome::Unchanged);
    assert_eq!(bearer(app, PERSONAL).await.json()["user"]["sub"], sub_of(app, "ada").await);

    // Another login, and the address: verified there, and here only by whoever says so in the database.
    let other = changed(|place, fields| {
        if place == "sentry.user 1" {
            fields["username"] = json!("lovelace");
            fields["email"] = json!("bob@example.com");
        }
        if place == "sentry.useremail 1" {
            fields["email"] = json!("bob@example.com");
        }
        place == "sentry.user 1" || place == "sentry.useremail 1"
    });
    let made = import_text(app, &other, Options::default()).await;
    assert_eq!(rows(&made)[0].split(' ').next(), Some("created"), "bob's address here is nobody's proof: {made:?}");
}

async fn an_export_by_the_command_line_prints_no_secret(app: &TestApp) {
    for part in text().split('"').filter(|part| part.starts_with("demo-")) {
        app.shared.secrets.saw(part);
    }
    let operator = Operator::of(app);
    let before = kept(app);
    let dry = operator.says(&["import", "sentry", FIXTURE, "--dry-run"]).await;
    assert!(kept(app) == before, "something was written");
    assert!(dry.output.ends_with("Nothing was changed (--dry-run).\n"), "{}", dry.output);
    let said = operator.says(&["--json", "import", "sentry", FIXTURE]).await;
    for output in [&dry.output, &dry.error, &said.output, &said.error] {
        assert!(!output.contains("demo-") && !output.contains("pbkdf2_sha256$"), "{output}");
    }
    let report: Value = serde_json::from_str(&said.output).expect("a report");
    assert_eq!(report["kinds"]["API key"], json!({ "created": 3, "updated": 0, "unchanged": 0, "refused": 2 }));
    assert!(said.error.contains("rows refused, the others are here"), "{}", said.error);
    let again = operator.says(&["--json", "import", "sentry", FIXTURE]).await;
    let report: Value = serde_json::from_str(&again.output).expect("a report");
    assert_eq!((&report["total"]["created"], &report["total"]["updated"]), (&json!(0), &json!(0)));
}

/// A secret from elsewhere may be made by people: whoever tries texts is limited like whoever tries ids.
async fn guesses_at_imported_secrets_are_limited(app: &TestApp) {
    import(app).await;
    let mut statuses = Vec::new();
    for number in 0..200 {
        let status = bearer(app, &format!("demo-guess-at-a-secret-from-elsewhere-{number:04}")).await.status;
        statuses.push(status);
        if status == 429 {
            break;
        }
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert!(statuses.iter().rev().skip(1).all(|status| *status == 401), "{statuses:?}");
}
