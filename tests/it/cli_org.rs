//! `grantor org ..` as its operator types it: every command, its JSON, its help, and what it says when it does nothing.
//! Beside PostgreSQL a command is a process of its own, with the machine's clock.

use serde_json::{Value, json};

use crate::support::operator::{Operator, Said, says};
use crate::support::server::grantor;
use crate::support::{TestApp, on_both};

on_both!(
    an_operator_makes_and_runs_an_organization,
    an_operator_brings_people_in_and_out,
    an_operator_keeps_teams,
    what_is_not_done_is_said_and_ends_with_a_failure,
);

struct Desk<'a>(Operator<'a>);

impl Desk<'_> {
    /// `grantor org ARGUMENTS`.
    async fn says(&self, arguments: &[&str]) -> Said {
        self.0.says(&[&["org"], arguments].concat()).await
    }

    async fn words(&self, arguments: &[&str]) -> String {
        self.says(arguments).await.words().trim_end().to_owned()
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        self.0.says(&[&["--json", "org"], arguments].concat()).await.json()
    }
}

async fn an_operator_makes_and_runs_an_organization(app: &TestApp) {
    let desk = Desk(Operator::of(app));
    assert!(desk.words(&["list"]).await.starts_with("There are no organizations: `grantor org create NAME"));
    app.db_user("ada").await;
    let made = desk.json(&["create", "Acme, Inc.", "--owner", "ADA"]).await;
    assert_eq!((made["slug"].as_str(), made["owner"].as_str()), (Some("acme-inc"), Some("ada")));
    assert_eq!(desk.words(&["rename", "acme-inc", "--to", "acme"]).await, "acme: renamed");
    assert_eq!(desk.words(&["rename", "acme", "--name", "Acme, Inc."]).await, "acme: nothing to change");
    let listed = desk.json(&["list"]).await;
    let (name, slug) = (listed[0]["name"].as_str(), listed[0]["slug"].as_str());
    assert_eq!((name, slug), (Some("Acme, Inc."), Some("acme")));
    let changed = desk.json(&["joining", "acme", "--default-role", "admin", "--open-teams", "false"]).await;
    assert_eq!(changed, json!({ "slug": "acme", "changed": true }));
    assert_eq!(desk.words(&["joining", "acme"]).await, "acme: nothing to change");

    assert_eq!(desk.words(&["token-max-age", "acme", "14d"]).await, "acme: now 14d");
    assert_eq!(desk.json(&["token-max-age", "acme", "43200"]).await["token_max_age"], 43_200);
    let shown = desk.words(&["show", "acme"]).await;
    for line in ["Acme, Inc.", "admin", "closed", "12h", "members        1"] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
    let shown = desk.json(&["show", "acme"]).await;
    assert_eq!((&shown["token_max_age"], &shown["open_membership"]), (&json!(43_200), &json!(false)));
    assert_eq!(desk.words(&["token-max-age", "acme", "default"]).await, "acme: now 30d (the server's default)");
    assert_eq!(desk.words(&["token-max-age", "acme", "default"]).await, "acme: already 30d (the server's default)");

    let audit = desk.json(&["audit", "acme", "--event", "org.settings"]).await;
    assert_eq!(audit["events"].as_array().map(Vec::len), Some(4), "{audit}");
    assert_eq!((audit["events"][0]["actor"].as_str(), audit["more"].as_bool()), (Some("operator"), Some(false)));
    let said = desk.words(&["audit", "acme", "--limit", "2"]).await;
    assert!(said.starts_with("WHEN") && said.contains("There is more: --limit"), "{said}");

    let closed = desk.json(&["delete", "acme", "--after", "7d"]).await;
    assert!(closed["delete_at"].as_i64().is_some_and(|at| at > 7 * 86_400), "{closed}");
    assert_eq!(desk.json(&["show", "acme"]).await["status"], "pending_deletion");
    assert_eq!(desk.words(&["restore", "acme"]).await, "acme: restored: everything is as it was");
    assert_eq!(desk.words(&["delete", "acme", "--after", "0"]).await, "acme: deleted");
    assert_eq!((desk.json(&["list"]).await, app.rows("organizations")), (json!([]), 0));
}

async fn an_operator_brings_people_in_and_out(app: &TestApp) {
    let desk = Desk(Operator::of(app));
    let (ada, _) = (app.db_user("ada").await, app.db_user("bob").await);
    let acme = app.db_owned("acme", &ada).await;
    assert_eq!(desk.words(&["member", "add", "acme", "Bob", "member"]).await, "acme: bob is a member now (member)");
    assert_eq!(desk.json(&["member", "role", "acme", "bob", "owner"]).await["changed"], true);
    assert_eq!(desk.words(&["member", "role", "acme", "bob", "owner"]).await, "acme: bob was already owner");
    let listed = desk.json(&["member", "list", "acme"]).await;
    let lines: Vec<_> = listed.as_array().expect("members").iter().map(|one| (&one["login"], &one["role"])).collect();
    assert_eq!(lines, [(&json!("ada"), &json!("owner")), (&json!("bob"), &json!("owner"))]);
    assert!(desk.words(&["member", "list", "acme"]).await.starts_with("LOGIN"));
    assert_eq!(desk.words(&["member", "remove", "acme", "bob"]).await, "acme: bob is no member any more");

    let sent = desk.json(&["invite", "send", "acme", "nell@acme.example", "--role", "manager"]).await;
    let (_, token) = sent["link"].as_str().and_then(|link| link.split_once("/invite/")).expect("a link");
    app.shared.secrets.saw(token);
    let waiting = desk.json(&["invite", "list", "acme"]).await;
    assert_eq!((&waiting[0]["email"], &waiting[0]["role"]), (&json!("nell@acme.example"), &json!("manager")));
    assert!(!waiting.to_string().contains("gin_"), "the link is said once");
    let taken = desk.words(&["invite", "revoke", "acme", "nell@acme.example"]).await;
    assert_eq!(taken, "acme: the invitation to nell@acme.example is taken back");
    assert_eq!(desk.words(&["invite", "list", "acme"]).await, "No invitation waits.");
    assert_eq!(app.browser().get(&format!("/invite/{token}")).await.status, 410);

    app.as_dev().await;
    app.db_provider(&acme, "dummy", "{}").await;
    let desk = Desk(Operator::of(app));
    let broken = desk.json(&["break-glass", "acme", "ada", "--for", "30m"]).await;
    assert!(broken["login"] == "ada" && broken["until"].is_i64(), "{broken}");
    assert_eq!(app.db_events().await.last().map(String::as_str), Some("sso.break_glass"));
}

async fn an_operator_keeps_teams(app: &TestApp) {
    let desk = Desk(Operator::of(app));
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    assert_eq!(desk.words(&["team", "list", "acme"]).await, "There are no teams.");
    assert_eq!(desk.json(&["team", "create", "acme", "Blue Team"]).await, json!({ "slug": "blue-team" }));
    assert_eq!(desk.words(&["team", "add", "acme", "blue-team", "ada"]).await, "blue-team: ada is in the team now");
    assert_eq!(
        desk.words(&["team", "add", "acme", "blue-team", "ada"]).await,
        "blue-team: ada was in the team already"
    );
    assert_eq!(desk.words(&["team", "rename", "acme", "blue-team", "--to", "blue"]).await, "blue: renamed");
    let renamed = desk.json(&["team", "rename", "acme", "blue", "--name", "Blues"]).await;
    assert_eq!(renamed, json!({ "slug": "blue", "changed": true }));
    assert_eq!(desk.words(&["team", "rename", "acme", "blue", "--name", "Blues"]).await, "blue: nothing to change");
    let listed = desk.json(&["team", "list", "acme"]).await;
    assert_eq!(listed, json!([{ "slug": "blue", "name": "Blues", "members": 1 }]));
    assert_eq!(desk.words(&["team", "remove", "acme", "blue", "ada"]).await, "blue: ada is out of the team");
    assert_eq!(desk.words(&["team", "delete", "acme", "blue"]).await, "blue: deleted");
    assert_eq!(app.rows("teams"), 0);
}

async fn what_is_not_done_is_said_and_ends_with_a_failure(app: &TestApp) {
    let desk = Desk(Operator::of(app));
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    for (arguments, words) in [
        (vec!["show", "nowhere"], "There is no such organization."),
        (vec!["create", "Acme", "--owner", "nobody"], "no such account"),
        (vec!["create", "Acme", "--owner", "ada"], "This address is taken"),
        (vec!["rename", "acme", "--to", "A b"], "lower-case letters"),
        (vec!["joining", "acme", "--default-role", "owner"], "Nobody becomes owner"),
        (vec!["token-max-age", "acme", "59m"], "between 1h and 365d"),
        (vec!["token-max-age", "acme", "soon"], "is not a time such as 90s, 15m, 24h or 7d"),
        (vec!["member", "add", "acme", "ada", "member"], "a member of this organization already"),
        (vec!["member", "role", "acme", "ada", "king"], "There is no role \"king\""),
        (vec!["member", "remove", "acme", "ada"], "This is the last owner of the organization"),
        (vec!["invite", "send", "acme", "nonsense"], "is not an e-mail address"),
        (vec!["invite", "revoke", "acme", "x@y.example"], "No invitation to x@y.example is waiting"),
        (vec!["team", "rename", "acme", "blue", "--to", "x"], "There is no such team."),
        (vec!["team", "delete", "acme", "blue"], "There is no such team."),
        (vec!["restore", "acme"], "Nobody asked for the deletion"),
        (vec!["break-glass", "acme", "ada"], "does not ask for single sign-on"),
    ] {
        let said = desk.says(&arguments).await.failure();
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    assert_eq!(app.db_events().await, ["user.create", "org.create"], "nothing was done");
}

/// Each command tells what it does and takes, without a database.
#[test]
fn every_command_explains_itself() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let help = async |arguments: &[&str]| {
            let mut command = grantor();
            command.arg("org").args(arguments).arg("--help");
            says(command).await.words()
        };
        let all = help(&[]).await;
        for (command, about) in [
            ("create", "Make an organization and its first owner"),
            ("token-max-age", "Say how long tokens live where the provider cannot be asked again"),
            ("break-glass", "Let an owner in for a while although single sign-on fails"),
            ("audit", "Show what happened in an organization"),
        ] {
            assert!(all.contains(command) && all.contains(about), "{command}: {all}");
        }
        for (arguments, words) in [
            (vec!["token-max-age"], "grantor org token-max-age acme default"),
            (vec!["team", "rename"], "--to blue-team"),
            (vec!["member", "remove"], "single sign-on does not bring the person back"),
            (vec!["invite", "send"], "--team <TEAM>"),
            (vec!["delete"], "0 deletes now and for good"),
        ] {
            let said = help(&arguments).await;
            assert!(said.contains(words) && said.contains("Usage: grantor org"), "{arguments:?}: {said}");
        }
    });
}
