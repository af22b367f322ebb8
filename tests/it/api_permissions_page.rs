//! `docs/permissions.md` is the table of permissions in force, with what each kind of credential is told.

use grantor::flows::api::Needs;

use crate::api_permissions::{Kind, operations};
use crate::support::{Database, TestApp, play};

/// The table in `docs/permissions.md`.
fn written(app: &TestApp) -> String {
    let mut text = String::from(
        "# Permissions\n\nGenerated from the router; a test holds this page equal to it. After a change of routes:\n\
         `GRANTOR_WRITE_DOCS=1 cargo test --test it -- permissions_is_the_table`.\n\n\
         What each kind of credential is told below `/api/v1`; `ok` means that the door lets it pass. A scope counts with \
         all that implies it.\nSessions of browsers have no list of scopes: they may what their person may, and carry \
         `X-CSRF-Token` for every change. What the settings of an \
         organization say about who gets in (`token_max_age`, `application_policy`) takes a fresh one too. A stale session is one whose person did not prove lately \
         (`sign_in.step_up`) who they are.\n\n",
    );
    let labels: Vec<&str> = Kind::ALL.iter().map(|kind| kind.label()).collect();
    text.push_str(&format!("| method and path | for | scope | {} |\n", labels.join(" | ")));
    text.push_str(&format!("|{}\n", "---|".repeat(labels.len() + 3)));
    for operation in operations(app) {
        let whom = match operation.needs {
            Needs::Nothing => "everybody",
            Needs::Anyone => "any credential",
            Needs::Account(_) => "a person",
            Needs::FreshSession => "a browser, lately proven",
            Needs::Organization(_) => "inside the organization",
            Needs::OrganizationFresh(_) => "inside the organization, a browser lately proven",
            Needs::EvenIfClosed(_) => "inside the organization, even if it waits for its deletion",
            Needs::Administrator(_) => "administrators",
        };
        let scope = operation.needs.scope().map(|scope| format!("`{scope}`")).unwrap_or_default();
        let answers = Kind::ALL.map(|kind| match kind.refused(operation.needs) {
            None => "ok".to_owned(),
            Some((status, code)) => format!("{status} {code}"),
        });
        text.push_str(&format!(
            "| `{} {}` | {whom} | {scope} | {} |\n",
            operation.method,
            operation.path,
            answers.join(" | ")
        ));
    }
    text
}

#[test]
fn the_page_of_permissions_is_the_table_in_force() {
    play(Database::Sqlite, async |app| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md");
        let now = written(app);
        if std::env::var_os("GRANTOR_WRITE_DOCS").is_some() {
            std::fs::write(path, &now).expect("the page is written");
        }
        let kept = std::fs::read_to_string(path).expect("docs/permissions.md");
        assert!(kept == now, "run it again with GRANTOR_WRITE_DOCS=1, and look at what changed");
    });
}
