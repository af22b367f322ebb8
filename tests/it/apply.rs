//! `grantor apply` by the real binary: what a file says, and nothing else, or nothing at all.

use std::path::PathBuf;

use serde_json::Value;

use crate::seen::kept;
use crate::support::operator::{Operator, Said};
use crate::support::relying_party::By;
use crate::support::{Database, RelyingParty, TestApp, on_both};

on_both!(
    the_example_file_applies_as_it_is_and_a_second_time_does_nothing,
    a_dry_run_says_the_plan_and_changes_nothing,
    a_changed_file_changes_what_differs_and_nothing_else,
    what_left_the_file_goes_only_when_asked_and_after_the_delay,
    two_files_leave_each_other_alone,
    secrets_come_by_file_and_by_environment,
    one_broken_entry_and_nothing_at_all_is_applied,
    a_client_without_room_for_its_secret_stops_everything,
);

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/example-clients.toml");

/// A folder for declarations, and an operator who applies them.
struct Desk<'a> {
    app: &'a TestApp,
    operator: Operator<'a>,
    folder: tempfile::TempDir,
}

impl<'a> Desk<'a> {
    fn of(app: &'a TestApp) -> Desk<'a> {
        Desk { app, operator: Operator::of(app), folder: tempfile::tempdir().expect("a folder") }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    async fn apply(&self, text: &str, more: &[&str]) -> Said {
        self.apply_with(text, more, &[]).await
    }

    async fn apply_with(&self, text: &str, more: &[&str], environment: &[(&str, &str)]) -> Said {
        let path = self.write("clients.toml", text).display().to_string();
        self.operator.says_with(&[&["--json", "apply", &path], more].concat(), environment).await
    }

    /// Every client of the server, by its name.
    async fn client(&self, name: &str) -> Option<Value> {
        let listed = self.operator.says(&["--json", "client", "list"]).await.json();
        listed.as_array().expect("a list").iter().find(|client| client["name"] == name).cloned()
    }

    fn party(&self, client_id: &Value, secret: &str) -> RelyingParty {
        let client_id = client_id.as_str().expect("a client_id");
        RelyingParty::new(std::sync::Arc::clone(&self.app.shared), client_id, Some(secret), "")
    }
}

/// The plan in short: `create_client shop`.
fn plan(value: &Value) -> Vec<String> {
    let text = |step: &Value, name: &str| step[name].as_str().unwrap_or_default().to_owned();
    let steps = value["plan"].as_array().expect("a plan").iter();
    steps.map(|step| format!("{} {}{}", text(step, "action"), text(step, "key"), text(step, "identifier"))).collect()
}

const ONE: &str = r#"
name = "one"
[[clients]]
key = "web"
name = "Web"
redirect_uris = ["https://web.example/cb"]
scopes = ["org:read"]
[[clients]]
key = "job"
name = "Job"
grant_types = ["client_credentials"]
scopes = ["org:read"]
[[clients]]
key = "api"
name = "Api"
may_introspect = true
[[resource_servers]]
identifier = "https://api.example"
scope_sets = ["org"]
client = "api"
"#;

async fn the_example_file_applies_as_it_is_and_a_second_time_does_nothing(app: &TestApp) {
    let operator = Operator::of(app);
    let said = operator.says(&["apply", EXAMPLE]).await.words();
    let (plan_lines, made) = said.split_once("\n\n").expect("plan, then clients");
    assert_eq!(
        plan_lines,
        "+ client shop: register\n+ client spa: register\n+ client reports: register\n+ client api: register\n\
         + resource server https://api.example.com: register"
    );
    assert!(made.starts_with("5 changes made.\n\n[shop]\nclient_id"), "{made}");
    assert!(made.ends_with("Secrets are shown this once: only their digests are kept.\n"), "{made}");
    assert_eq!(made.matches("client_secret").count(), 3, "the browser application has none");

    let told = |key: &str, member: &str| {
        let block = made.split(&format!("[{key}]\n")).nth(1).expect("the client").split("\n\n").next();
        let line = block.expect("a block").lines().find(|line| line.starts_with(member)).expect("the member");
        line.split_whitespace().nth(1).expect("a value").to_owned()
    };
    let party = |key: &str| {
        let (id, secret) = (told(key, "client_id"), told(key, "client_secret"));
        RelyingParty::new(std::sync::Arc::clone(&app.shared), &id, Some(&secret), "")
    };
    let answer = party("reports").client_credentials("event:read").await;
    assert_eq!((answer.status, &answer.json()["expires_in"]), (200, &Value::from(600)), "{}", answer.body);
    assert!(party("api").is_active(&answer.text("access_token")).await, "the API asks about it");

    let before = kept(app);
    let again = operator.says(&["apply", EXAMPLE]).await.words();
    assert!(again.ends_with("\n\nNothing to do.\n"), "{again}");
    assert!(again.lines().take(5).all(|line| line.starts_with("= ")), "{again}");
    let pruned = operator.says(&["apply", EXAMPLE, "--prune"]).await.words();
    assert_eq!(pruned, again);
    app.app().last_used.flush(&app.app().store).await.expect("the store answers");
    let rows = |lines: &[String]| lines.iter().filter(|line| !line.starts_with("client_secrets")).count();
    assert_eq!(rows(&kept(app)), rows(&before));
}

async fn a_dry_run_says_the_plan_and_changes_nothing(app: &TestApp) {
    let desk = Desk::of(app);
    let before = kept(app);
    let dry = desk.apply(ONE, &["--dry-run"]).await.json();
    assert_eq!((&dry["applied"], &dry["created"]), (&Value::from(false), &Value::Array(Vec::new())));
    assert!(kept(app) == before, "something was written");
    let done = desk.apply(ONE, &[]).await.json();
    assert_eq!(plan(&done), plan(&dry));
    let before = kept(app);
    let changed = ONE.replace("name = \"Web\"", "name = \"Shop\"").replace("key = \"job\"", "key = \"batch\"");
    for more in [&["--dry-run"][..], &["--dry-run", "--prune"]] {
        assert_eq!(plan(&desk.apply(&changed, more).await.json()).len(), 5);
        assert!(kept(app) == before, "something was written");
    }
    let words =
        desk.operator.says(&["apply", &desk.write("x.toml", &changed).display().to_string(), "--dry-run"]).await;
    assert!(words.words().ends_with("\n2 changes to make; nothing was changed (--dry-run).\n"));
}

async fn a_changed_file_changes_what_differs_and_nothing_else(app: &TestApp) {
    let desk = Desk::of(app);
    let made = desk.apply(ONE, &[]).await.json();
    let job = &made["created"][1];
    let job = desk.party(&job["client_id"], job["client_secret"].as_str().expect("a secret"));
    let token = job.client_credentials("org:read").await.text("access_token");
    let text = ONE
        .replace(
            "scopes = [\"org:read\"]\n[[clients]]\nkey = \"job\"",
            "scopes = [\"team:read\"]\n[[clients]]\nkey = \"job\"",
        )
        .replace("identifier = \"https://api.example\"", "identifier = \"https://api.example\"\nname = \"Our API\"");
    let changed = desk.apply(&text, &[]).await.json();
    assert_eq!(
        plan(&changed),
        ["update_client web", "keep_client job", "keep_client api", "update_resource_server https://api.example"]
    );
    assert_eq!(changed["plan"][0]["changed"], serde_json::json!(["scopes"]));
    assert_eq!(changed["created"], Value::Array(Vec::new()), "no new secret");
    assert!(job.is_active(&token).await, "the others' tokens live on");
    let again = plan(&desk.apply(&text, &[]).await.json());
    assert!(again.iter().all(|step| step.starts_with("keep_")), "{again:?}");
}

/// S61: pruning asks for the deletion; until it is due the client can be restored.
async fn what_left_the_file_goes_only_when_asked_and_after_the_delay(app: &TestApp) {
    let desk = Desk::of(app);
    let made = desk.apply(ONE, &[]).await.json();
    let job = &made["created"][1];
    let party = desk.party(&job["client_id"], job["client_secret"].as_str().expect("a secret"));
    let less = ONE.split("[[clients]]\nkey = \"job\"").next().expect("the first client").to_owned();

    let left = desk.apply(&less, &[]).await.json();
    let expected =
        ["keep_client web", "leave_resource_server https://api.example", "leave_client api", "leave_client job"];
    assert_eq!(plan(&left), expected);
    assert_eq!(party.client_credentials("org:read").await.status, 200);

    let pruned = desk.apply(&less, &["--prune"]).await.json();
    let expected =
        ["keep_client web", "prune_resource_server https://api.example", "prune_client api", "prune_client job"];
    assert_eq!(plan(&pruned), expected);
    assert_eq!(party.client_credentials("org:read").await.error(), "401 invalid_client", "off at once");
    assert_eq!((app.rows("clients"), app.rows("resource_servers")), (3, 0));
    let shown = desk.operator.says(&["--json", "client", "show", &party.client_id]).await.json();
    assert_eq!(shown["status"], "pending_deletion");
    let delay = |shown: &Value| shown["delete_at"].as_i64().zip(shown["updated_at"].as_i64()).map(|(at, now)| at - now);
    assert_eq!(delay(&shown), Some(3600), "the configured delay");
    assert_eq!(plan(&desk.apply(&less, &["--prune"]).await.json()), ["keep_client web"], "asked for once");
    let back = desk.apply(ONE, &[]).await.failure();
    assert!(back.contains("nothing was changed") && back.contains("it is about to be deleted"), "{back}");

    if app.database == Database::Sqlite {
        // The clock of the app counts for commands that go through it.
        app.wait(3599);
        app.db_sweep().await;
        assert_eq!(app.rows("clients"), 3, "not yet");
    }
    app.wait(2);
    app.db_sweep().await;
    assert_eq!(app.rows("clients"), 1);
    assert_eq!(plan(&desk.apply(ONE, &[]).await.json())[1..3], ["create_client job", "create_client api"]);
}

async fn two_files_leave_each_other_alone(app: &TestApp) {
    let desk = Desk::of(app);
    let two = "name = \"two\"\n[[clients]]\nkey = \"web\"\nname = \"Two\"\nscopes = [\"org:read\"]\n";
    desk.apply(ONE, &[]).await.words();
    assert_eq!(plan(&desk.apply(two, &["--prune"]).await.json()), ["create_client web"]);
    let empty = "name = \"two\"\n";
    assert_eq!(plan(&desk.apply(empty, &["--prune"]).await.json()), ["prune_client web"]);
    let again = plan(&desk.apply(ONE, &["--prune"]).await.json());
    assert!(again.len() == 4 && again.iter().all(|step| step.starts_with("keep_")), "{again:?}");
    app.db_web_client().await;
    assert!(desk.apply("name = \"one\"\n", &["--prune"]).await.json()["plan"].as_array().is_some_and(|p| p.len() == 4));
    let by_hand = desk.client("Web").await.expect("a client");
    assert!(by_hand["managed_by"].is_null() || by_hand["status"] == "pending_deletion");
}

/// Secrets never stand in the file, in the arguments or in the output.
async fn secrets_come_by_file_and_by_environment(app: &TestApp) {
    let desk = Desk::of(app);
    let (first, second, third) = (
        "imported-secret-number-one-0123456789",
        "imported-secret-number-two-0123456789",
        "imported-secret-number-three-01234567",
    );
    [first, second, third].iter().for_each(|secret| app.shared.secrets.saw(secret));
    let job = |key: &str, source: &str| {
        format!(
            "[[clients]]\nkey = \"{key}\"\nname = \"{key} job\"\ngrant_types = [\"client_credentials\"]\n\
             scopes = [\"org:read\"]\nsecret = {source}\n"
        )
    };
    let text =
        format!("name = \"imports\"\n{}{}", job("a", "{ env = \"JOB_SECRET\" }"), job("b", "{ file = \"b.secret\" }"));
    desk.write("b.secret", &format!("{second}\n"));
    let without = desk.apply(&text, &[]).await.failure();
    assert!(without.contains("the environment variable JOB_SECRET is not set"), "{without}");

    let made = desk.apply_with(&text, &[], &[("JOB_SECRET", first)]).await;
    assert!(!made.output.contains("imported-secret"), "{}", made.output);
    let made = made.json();
    assert!(made["created"].as_array().expect("clients").iter().all(|client| client["client_secret"].is_null()));
    let client = |index: usize, secret: &str| desk.party(&made["created"][index]["client_id"], secret);
    assert_eq!(client(0, first).client_credentials("org:read").await.status, 200);
    assert_eq!(client(1, second).client_credentials("org:read").await.status, 200);
    assert_eq!(client(0, second).with_secret(Some(second), By::Basic).client_credentials("org:read").await.status, 401);

    let again = desk.apply_with(&text, &[], &[("JOB_SECRET", first)]).await.json();
    assert_eq!(plan(&again), ["keep_client a", "keep_client b"]);
    let changed = desk.apply_with(&text, &[], &[("JOB_SECRET", third)]).await.json();
    assert_eq!(plan(&changed), ["import_secret a", "keep_client b"]);
    assert_eq!(client(0, third).client_credentials("org:read").await.status, 200);
    // On PostgreSQL the command has the machine's clock, by which the overlap ended before the app's time began.
    let old = if app.database == Database::Sqlite { 200 } else { 401 };
    assert_eq!(client(0, first).client_credentials("org:read").await.status, old, "within the overlap");

    let before = kept(app);
    let short = desk.apply_with(&text, &[], &[("JOB_SECRET", "too-short")]).await.failure();
    assert!(short.contains("client a: secret: ") && !short.contains("too-short"), "{short}");
    assert!(kept(app) == before, "something was written");
}

/// Every one of these follows entries that are right.
async fn one_broken_entry_and_nothing_at_all_is_applied(app: &TestApp) {
    let desk = Desk::of(app);
    let taken = "name = \"other\"\n[[resource_servers]]\nidentifier = \"https://taken.example\"\n";
    desk.apply(taken, &[]).await.words();
    let before = kept(app);
    let long_name = format!("[[resource_servers]]\nidentifier = \"urn:x\"\nname = \"{}\"", "n".repeat(65));
    let broken = [
        ("[[clients]]\nkey = \"x\"\nscopes = [\"no:such\"]", "no:such"),
        ("[[clients]]\nkey = \"x\"\nredirect_uris = [\"http://plain.example/cb\"]", "http://plain.example/cb"),
        ("[[clients]]\nkey = \"x\"\nname = \"grantor\"", "reserved"),
        ("[[clients]]\nkey = \"x\"\nowner = \"nobody\"", "nobody"),
        ("[[clients]]\nkey = \"x\"\naccess_token_lifetime = -1", "access_token_lifetime"),
        ("[[clients]]\nkey = \"x\"\nkind = \"secret\"", "neither confidential nor public"),
        ("[[clients]]\nkey = \"x\"\nunheard_of = true", "unheard_of"),
        ("[[clients]]\nkey = \"web\"", "two clients have the key"),
        ("[[clients]]\nname = \"Keyless\"", "a key of its own"),
        ("[[clients]]\nkey = \"x\"\nclient_secret = \"hunter2hunter2hunter2hunter2hunter2\"", "by reference"),
        ("[[clients]]\nkey = \"x\"\nsecret = { file = \"nowhere.secret\" }", "nowhere.secret"),
        (
            "[[clients]]\nkey = \"x\"\nkind = \"public\"\nsecret = { env = \"ANY_SECRET\" }",
            "a public client has no secret",
        ),
        ("[[resource_servers]]\nidentifier = \"no uri\"", "not an absolute URI"),
        ("[[resource_servers]]\nidentifier = \"urn:x#y\"", "not an absolute URI"),
        (&long_name, "1 to 64 visible characters"),
        ("[[resource_servers]]\nidentifier = \"urn:x\"\nscope_sets = [\"no-such-set\"]", "no-such-set"),
        ("[[resource_servers]]\nidentifier = \"urn:x\"\nclient = \"nobody\"", "nobody"),
        ("[[resource_servers]]\nidentifier = \"urn:x\"\nclient = \"web\"", "may_introspect"),
        ("[[resource_servers]]\nidentifier = \"https://api.example\"", "two resource servers"),
        ("[[resource_servers]]\nidentifier = \"https://taken.example\"", "not of this file"),
        ("[[clients]]\nkey = ", "TOML"),
    ];
    for (entry, because) in broken {
        let said =
            desk.apply_with(&format!("{ONE}\n{entry}\n"), &["--prune"], &[("ANY_SECRET", &"s".repeat(40))]).await;
        let failure = said.failure();
        assert!(failure.contains(because), "{entry}: {failure}");
        assert!(kept(app) == before, "{entry}: something was written");
    }
    let two = format!("{ONE}\n{}\n{}\n", broken[0].0, broken[12].0);
    let failure = desk.apply(&two, &[]).await.failure();
    for told in ["nothing was changed", "client x: ", "no:such", "resource server no uri: "] {
        assert!(failure.contains(told), "all problems at once: {failure}");
    }
    desk.apply(ONE, &[]).await.words();
}

/// A step that could not be done is found before the first one is.
async fn a_client_without_room_for_its_secret_stops_everything(app: &TestApp) {
    let desk = Desk::of(app);
    let text = |more: &str| {
        format!("name = \"full\"\n{more}[[clients]]\nkey = \"a\"\nname = \"Full\"\nsecret = {{ env = \"S\" }}\n")
    };
    let secret = |number: usize| format!("imported-secret-{number}-{}", "x".repeat(32));
    for number in 0..5 {
        desk.apply_with(&text(""), &[], &[("S", &secret(number))]).await.words();
    }
    let before = kept(app);
    let more = "[[clients]]\nkey = \"new\"\nname = \"New\"\n";
    let failure = desk.apply_with(&text(more), &[], &[("S", &secret(5))]).await.failure();
    assert!(failure.contains("nothing was changed") && failure.contains("5 live secrets already"), "{failure}");
    assert!(kept(app) == before, "something was written");
}
