//! `grantor dev` tells scripts what they need: the demo administrator's token opens everything, on a second start too.

use reqwest::header::AUTHORIZATION;
use serde_json::Value;

use crate::support::server::{Server, free_port};

async fn me(server: &Server) -> (String, Value) {
    let token = server.ready["admin_token"].as_str().expect("a token").to_owned();
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let asked = http.get(format!("{}/api/v1/me", server.issuer)).header(AUTHORIZATION, format!("Bearer {token}"));
    let answer = asked.send().await.expect("the server answers");
    assert_eq!(answer.status().as_u16(), 200);
    let text = answer.text().await.expect("a body");
    (token, serde_json::from_str(&text).expect("JSON"))
}

#[tokio::test]
async fn the_ready_file_carries_a_token_with_every_scope_and_a_key_of_acme() {
    let data = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(data.path(), free_port(), None);
    let (token, told) = me(&server).await;
    assert_eq!((&told["credential"], &told["user"]["administrator"]), (&"personal_token".into(), &true.into()));
    let scopes = told["scopes"].as_array().expect("scopes");
    for scope in ["account:write", "admin:write", "org:admin", "member:admin", "team:admin"] {
        assert!(scopes.contains(&scope.into()), "{scope} is not in {scopes:?}");
    }
    let key = &server.ready["api_keys"][0];
    assert_eq!(key["organization"], "acme");
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let asked = http.get(format!("{}/api/v1/organizations/acme", server.issuer));
    let opened = asked.basic_auth(key["key"].as_str().expect("a key"), Some("")).send().await.expect("an answer");
    assert_eq!(opened.status().as_u16(), 200);
    assert!(server.terminate().await.success());
    let server = Server::start(data.path(), free_port(), None);
    assert_eq!(me(&server).await.0, token, "the same as before");
}
