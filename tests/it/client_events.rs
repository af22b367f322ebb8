//! What happens to an application is on the record, with who did it.

use grantor::flows::audit::Actor;
use grantor::flows::clients::{create, delete, rotate_secret, status, update};

use crate::support::db_shortcuts::{caller, web_client};
use crate::support::{TestApp, on_both};

on_both!(whatever_is_done_to_a_client_names_who_did_it);

/// ASVS 16.2.1: the operator at the command line has no address, a person has one.
async fn whatever_is_done_to_a_client_names_who_did_it(app: &TestApp) {
    let (ada, from) = (app.db_user("ada").await, caller());
    let inner = app.app();
    for (actor, caller, label, address) in [
        (Actor::Operator, None, "operator", String::new()),
        (Actor::User(&ada.row), Some(&from), "ada", from.address.to_string()),
    ] {
        let before = app.db_audit().await.len();
        let created = create::create(&inner, caller, actor, web_client(), None, None).await.expect("registered");
        app.shared.secrets.saw(created.secret.as_ref().map(|secret| secret.expose()).expect("a secret"));
        let id = &created.client_id;
        let mut metadata = update::metadata(&inner, id).await.expect("its metadata");
        metadata.name = Some("Another".to_owned());
        assert!(update::update(&inner, caller, actor, id, metadata).await.expect("updated").changed);
        let rotated = rotate_secret::rotate_secret(&inner, caller, actor, id, None, None).await.expect("rotated");
        app.shared.secrets.saw(rotated.secret.as_ref().map(|secret| secret.expose()).expect("a secret"));
        assert!(status::disable(&inner, caller, actor, id).await.expect("disabled"));
        assert!(status::enable(&inner, caller, actor, id).await.expect("enabled"));
        delete::request(&inner, caller, actor, id, None).await.expect("asked for");
        delete::abort(&inner, caller, actor, id).await.expect("taken back");
        let events = app.db_audit().await.split_off(before);
        let named: Vec<&str> = events.iter().map(|row| row.event.trim_start_matches("client.")).collect();
        let all = ["create", "update", "rotate_secret", "disable", "enable", "request_deletion", "abort_deletion"];
        assert_eq!(named, all);
        for row in events {
            assert_eq!((row.actor_label.as_str(), &row.address), (label, &address), "{}", row.event);
            assert_eq!(row.actor_user, (label == "ada").then_some(ada.row.id), "{}", row.event);
        }
    }
}
