//! `grantor import users` by the real binary: people come with the passwords of their old server, row by row.

use serde_json::{Value, json};

use crate::seen::kept;
use crate::support::operator::{Operator, Said};
use crate::support::{Person, TestApp, on_both};

on_both!(
    people_sign_in_with_the_passwords_of_their_old_server,
    an_imported_hash_is_replaced_at_the_first_sign_in,
    a_dry_run_of_an_import_says_the_same_and_writes_nothing,
    a_bad_row_names_its_line_and_field_and_the_others_come_in,
    a_second_import_changes_nothing_and_an_update_what_the_file_says,
    an_import_makes_administrators_only_when_told_to,
    an_import_never_locks_out_the_last_administrator,
    a_list_longer_than_a_batch_comes_in_whole,
    a_file_that_cannot_be_meant_is_refused_as_a_whole,
);

const PASSWORD: &str = "violin gravel otter parade";
const WRONG: &str = "violin gravel otter parada";
const DJANGO: &str = "pbkdf2_sha256$12000$bZ8sDf3kQ0aH$5EgJfeuxKqXfgrpHgABfimpTriNvIAocLlPHo8fCfyQ=";

/// Made by Python's hashlib and by glibc's crypt for [`PASSWORD`].
const HASHES: [(&str, &str); 6] = [
    ("bcrypt", "$2b$05$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.6"),
    ("django", DJANGO),
    ("django-sha1", "pbkdf2_sha1$12000$bZ8sDf3kQ0aH$1Qj/KVy5Vl1Kmfy7l0VzwxfdjYE="),
    ("pbkdf2", "$pbkdf2-sha256$i=12000,l=32$yMnKy8zNzs/Q0dLT1NXW1w$cwETiRk6R9Pm6HQZJyKgMfHQ3rTWgG2oy2wsWcFx2/M"),
    ("scrypt", "$scrypt$ln=10,r=8,p=1$yMnKy8zNzs/Q0dLT1NXW1w$c35EMuBiwfAB+R2Pzz6fWQXNS8MWrqEO17bd/gLq4Ik"),
    (
        "django-scrypt",
        "scrypt$1024$bZ8sDf3kQ0aH$8$2$/rXbxs8vFyRLD+3KJpuWb3itHqdpwN6goHHROo4Ii45No0Id5+IjGS+E3zngmaVg52hkhyrHfWzo7\
         bdAXigKvg==",
    ),
];

pub struct Desk<'a> {
    operator: Operator<'a>,
    folder: tempfile::TempDir,
}

impl<'a> Desk<'a> {
    pub fn of(app: &'a TestApp) -> Desk<'a> {
        app.shared.secrets.saw(PASSWORD);
        Desk { operator: Operator::of(app), folder: tempfile::tempdir().expect("a folder") }
    }

    pub async fn import(&self, name: &str, text: &str, more: &[&str]) -> Said {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        let path = path.display().to_string();
        self.operator.says(&[&["--json", "import", "users", &path], more].concat()).await
    }

    pub async fn json(&self, list: &Value, more: &[&str]) -> Said {
        self.import("people.json", &list.to_string(), more).await
    }
}

/// `created login`, `refused line 3: why`, row by row.
pub fn rows(report: &Value) -> Vec<String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| {
        let notes = row["notes"].as_array().map_or(String::new(), |notes| {
            notes.iter().filter_map(Value::as_str).map(|note| format!(": {note}")).collect()
        });
        format!("{} {} {}{notes}", text(row, "outcome"), text(row, "place"), text(row, "name"))
    };
    report["rows"].as_array().expect("rows").iter().map(row).collect()
}

async fn person(app: &TestApp, login: &str) -> Person {
    let row = grantor::flows::people::find::by_login(&app.app(), login).await;
    Person { login: login.to_owned(), password: PASSWORD.to_owned(), row: row.expect("an account") }
}

async fn hash_of(app: &TestApp, login: &str) -> String {
    person(app, login).await.row.password_hash.unwrap_or_default()
}

async fn people_sign_in_with_the_passwords_of_their_old_server(app: &TestApp) {
    let desk = Desk::of(app);
    let lines: Vec<String> = HASHES.iter().map(|(login, hash)| format!("{login},\"{hash}\"\n")).collect();
    let said = desk.import("people.csv", &format!("login,password_hash\n{}", lines.concat()), &[]).await.json();
    assert_eq!(said["kinds"]["user"], json!({ "created": 6, "updated": 0, "unchanged": 0, "refused": 0 }));
    assert!(!said.to_string().contains("bZ8sDf3kQ0aH"), "no hash is repeated");
    for (login, _) in HASHES {
        let person = person(app, login).await;
        let wrong = Person { password: WRONG.to_owned(), login: login.to_owned(), row: person.row.clone() };
        let browser = app.browser();
        let page = browser.get("/login").await;
        assert_eq!(browser.sign_in_on(&page, &wrong).await.status, 400, "{login}");
        browser.sign_in(&person).await;
    }
    let events = app.db_audit().await;
    let made: Vec<_> = events.iter().filter(|event| event.event == "user.create").collect();
    assert_eq!(made.len(), 6);
    assert!(made.iter().all(|event| event.data.contains("\"imported\":true") && event.actor_label == "operator"));
}

/// Nothing is on the record for it: nobody changed anything.
async fn an_imported_hash_is_replaced_at_the_first_sign_in(app: &TestApp) {
    let desk = Desk::of(app);
    desk.json(&json!([{ "login": "ada", "password_hash": DJANGO }]), &[]).await.json();
    assert_eq!(hash_of(app, "ada").await, DJANGO);
    let ada = person(app, "ada").await;
    app.browser().sign_in(&ada).await;
    let replaced = hash_of(app, "ada").await;
    assert!(replaced.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{replaced}");
    app.browser().sign_in(&ada).await;
    assert_eq!(hash_of(app, "ada").await, replaced, "once");
    assert_eq!(app.db_events().await, ["user.create", "sign_in", "sign_in"]);
}

async fn a_dry_run_of_an_import_says_the_same_and_writes_nothing(app: &TestApp) {
    let desk = Desk::of(app);
    let list = json!([{ "login": "ada", "password_hash": DJANGO }, { "login": "bob", "active": false }]);
    let before = kept(app);
    let dry = desk.json(&list, &["--dry-run"]).await.json();
    assert!(kept(app) == before, "something was written");
    let done = desk.json(&list, &[]).await.json();
    assert_eq!((&dry["rows"], &dry["total"]), (&done["rows"], &done["total"]));
    assert_eq!((&dry["dry_run"], &done["dry_run"]), (&json!(true), &json!(false)));
    let before = kept(app);
    desk.json(&json!([{ "login": "ada", "name": "Ada" }]), &["--dry-run", "--update"]).await.json();
    assert!(kept(app) == before, "something was written");
}

async fn a_bad_row_names_its_line_and_field_and_the_others_come_in(app: &TestApp) {
    let desk = Desk::of(app);
    let text = format!(
        "login,name,email,email_verified,active,created_at,password_hash\n\
         ada,Ada,ada@example.com,true,true,2015-02-03T04:05:06Z,{DJANGO}\n\
         two words,,,,,,\n\
         cleo,,nowhere,,,,\n\
         dora,,,perhaps,,,\n\
         eve,,,true,,,\n\
         finn,,,,maybe,,\n\
         gus,,,,,yesterday,\n\
         hal,,,,,9000000000,\n\
         ian,,,,,,md5$abcdefgh$0123456789abcdef0123456789abcdef\n\
         joe,,,,,,$2b$31$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.6\n\
         kim\n\
         ADA,,,,,,\n\
         ,Nobody,,,,,\n\
         {DJANGO},,,,,,\n\
         liv,Liv,,,0,1423000000,!unusable\n"
    );
    let said = desk.import("people.csv", &text, &[]).await;
    assert!(said.error.contains("13 of 15 rows refused, the others are here"), "{}", said.error);
    assert!(!said.output.contains("bZ8sDf3kQ0aH") && !said.output.contains("0123456789abcdef"), "{}", said.output);
    let report: Value = serde_json::from_str(&said.output).expect("a report");
    let login = "Please use 1 to 64 letters, digits and . _ @ + - for the user name.";
    let hash = "not a hash of a known kind: bcrypt, PBKDF2, scrypt or argon2, as PHC string or as Django writes it";
    let time = "neither a time such as 2026-11-22T04:30:00Z nor seconds since 1970";
    assert_eq!(
        rows(&report),
        [
            "created line 2 ada".to_owned(),
            format!("refused line 3 : login: {login}"),
            "refused line 4 cleo: email: Please enter an e-mail address such as name@example.com.".to_owned(),
            "refused line 5 dora: email_verified: neither true nor false".to_owned(),
            "refused line 6 eve: email_verified: there is no e-mail address to be verified".to_owned(),
            "refused line 7 finn: active: neither true nor false".to_owned(),
            format!("refused line 8 gus: created_at: {time}"),
            "refused line 9 hal: created_at: neither before 1970 nor in the future".to_owned(),
            format!("refused line 10 ian: password_hash: {hash}"),
            "refused line 11 joe: password_hash: a bcrypt hash that costs too much to check: a cost of at most 14"
                .to_owned(),
            "refused line 12 : record: 1 fields where the header names 7".to_owned(),
            "refused line 13 ADA: login: it stands in line 2 already".to_owned(),
            "refused line 14 : login: it is missing".to_owned(),
            format!("refused line 15 : login: {login}"),
            "created line 16 liv".to_owned(),
        ]
    );
    let (ada, liv) = (person(app, "ada").await.row, person(app, "liv").await.row);
    assert_eq!(
        (ada.email.as_deref(), ada.name.as_str(), ada.created_at),
        (Some("ada@example.com"), "Ada", 1_422_936_306)
    );
    assert!(ada.email_verified_at.is_some() && ada.is_active());
    assert_eq!((liv.status.as_str(), liv.password_hash, liv.created_at), ("disabled", None, 1_423_000_000));
}

/// A password that was changed here is not taken back by a list from before.
async fn a_second_import_changes_nothing_and_an_update_what_the_file_says(app: &TestApp) {
    let desk = Desk::of(app);
    let first = json!([
        { "login": "ada", "name": "Ada", "emails": [
            { "email": "old@example.com" }, { "email": "ada@example.com", "verified": true, "primary": true },
        ], "password_hash": DJANGO },
        { "login": "bob", "email": "bob@example.com" },
    ]);
    let said = desk.json(&first, &[]).await.json();
    let left = "created line 1 ada: emails: 1 more not kept, an account has one address";
    assert_eq!(rows(&said), [left, "created line 1 bob"]);
    let ada = person(app, "ada").await;
    assert_eq!(ada.row.email.as_deref(), Some("ada@example.com"));
    let browser = app.db_signed_in(&ada).await;
    let upgraded = hash_of(app, "ada").await;
    let before = kept(app);
    for more in [&[][..], &["--update"]] {
        let said = desk.json(&first, more).await.json();
        assert_eq!(said["total"], json!({ "created": 0, "updated": 0, "unchanged": 2, "refused": 0 }), "{more:?}");
        assert!(kept(app) == before, "something was written: {more:?}");
    }

    let changed = json!([
        { "login": "ADA", "name": "Ada Lovelace", "active": false, "password_hash": HASHES[0].1 },
        { "login": "bob", "email": "bob@example.com", "email_verified": true, "password_hash": HASHES[0].1 },
    ]);
    let said = desk.json(&changed, &[]).await.json();
    assert_eq!(
        rows(&said),
        [
            "unchanged line 1 ADA: differs in name, active: --update would change it",
            "unchanged line 1 bob: differs in email_verified, password_hash: --update would change it",
        ]
    );
    assert!(kept(app) == before, "something was written");
    let said = desk.json(&changed, &["--update"]).await.json();
    assert_eq!(
        rows(&said),
        ["updated line 1 ADA: changed: name, active", "updated line 1 bob: changed: email_verified, password_hash"]
    );
    let (ada, bob) = (person(app, "ada").await.row, person(app, "bob").await);
    assert_eq!((ada.name.as_str(), ada.status.as_str(), ada.login.as_str()), ("Ada Lovelace", "disabled", "ada"));
    assert_eq!(ada.password_hash.as_deref(), Some(upgraded.as_str()), "her own");
    assert!(!browser.get("/logout").await.has("#logout-confirm"), "and signed out");
    assert!(bob.row.email_verified_at.is_some());
    app.browser().sign_in(&bob).await;
    let events = app.db_audit().await;
    let updates: Vec<&str> =
        events.iter().filter(|event| event.event == "user.update").map(|event| event.target_label.as_str()).collect();
    assert_eq!(updates, ["ada", "bob"]);
}

async fn an_import_makes_administrators_only_when_told_to(app: &TestApp) {
    let desk = Desk::of(app);
    let list = json!([{ "login": "ada", "administrator": true }, { "login": "bob", "administrator": false }]);
    let said = desk.json(&list, &[]).await;
    assert!(said.error.contains("1 of 2 rows refused"), "{}", said.error);
    let report: Value = serde_json::from_str(&said.output).expect("a report");
    let refused = "refused line 1 ada: administrator: only with --allow-administrators";
    assert_eq!(rows(&report), [refused, "created line 1 bob"]);
    desk.json(&list, &["--allow-administrators"]).await.json();
    assert!(person(app, "ada").await.row.administrator);
    let bob = json!([{ "login": "bob", "administrator": true }]);
    desk.json(&bob, &["--allow-administrators", "--update"]).await.json();
    assert!(!person(app, "bob").await.row.administrator, "an account that exists is made one by its own command only");
}

async fn an_import_never_locks_out_the_last_administrator(app: &TestApp) {
    let desk = Desk::of(app);
    desk.json(&json!([{ "login": "ada", "administrator": true }]), &["--allow-administrators"]).await.json();
    let before = kept(app);
    let list = json!([{ "login": "ada", "name": "Ada", "active": false }]);
    let said = desk.json(&list, &["--update"]).await;
    assert!(said.output.contains("This is the last administrator."), "{}", said.output);
    assert!(kept(app) == before, "the row is changed whole or not at all");
}

async fn a_list_longer_than_a_batch_comes_in_whole(app: &TestApp) {
    let desk = Desk::of(app);
    let list: Vec<Value> = (0..250).map(|number| json!({ "login": format!("person{number}") })).collect();
    let said = desk.json(&json!(list), &[]).await.json();
    assert_eq!(said["total"]["created"], 250);
    assert_eq!(app.rows("users"), 250);
}

async fn a_file_that_cannot_be_meant_is_refused_as_a_whole(app: &TestApp) {
    let desk = Desk::of(app);
    for (name, text, says) in [
        ("people.txt", "login\nada\n", "the file's name ends neither in .csv nor in .json: say --format"),
        ("people.csv", "login,pasword\nada,x\n", "line 1, column 2: \"pasword\" is not one of login, name"),
        ("people.json", "[\n{\"login\" \"ada\"}]", "line 2, column 10: this is not JSON"),
        ("people.json", "{}", "the file is no JSON array of objects"),
    ] {
        let failure = desk.import(name, text, &[]).await.failure();
        assert!(failure.contains(says.replace('"', "\\\"").as_str()) || failure.contains(says), "{failure}");
    }
    desk.import("people.txt", "login\nada\n", &["--format", "csv"]).await.json();
    assert_eq!(app.rows("users"), 1);
}
