//! The command line beside a running server on SQLite: the server holds the lock, commands go through its socket, and
//! what they change is seen by the very next request.

use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::support::RelyingParty;
use crate::support::operator::{Said, says};
use crate::support::server::{Server, free_port, grantor};
use crate::support::test_app::Shared;

fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(story);
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn socket_in(data: &Path) -> PathBuf {
    data.join("grantor.db.sock")
}

/// `grantor ARGUMENTS` on the database in this folder.
async fn command(data: &Path, arguments: &[&str]) -> Said {
    let mut command = grantor();
    command.arg("--database").arg(format!("sqlite:{}", data.join("grantor.db").display())).args(arguments);
    says(command).await
}

/// A demo client as its developers hold it.
fn party(server: &Server, part: &str) -> RelyingParty {
    let (client_id, secret, redirect_uri) = server.client(part);
    RelyingParty::new(Arc::new(Shared::new(&server.issuer)), &client_id, Some(&secret), &redirect_uri)
}

async fn status_of(data: &Path, client_id: &str) -> String {
    let shown = command(data, &["--json", "client", "show", client_id]).await.json();
    shown["status"].as_str().expect("a status").to_owned()
}

/// DECISIONS "the cache" 6: clients, secrets and tokens were just used, so every row is in the server's memory.
#[test]
fn a_change_by_the_command_line_counts_for_the_very_next_request() {
    run(async {
        let data = folder();
        let server = Server::start(data.path(), free_port(), None);
        let (web, api) = (party(&server, "web"), party(&server, "resource-server"));
        for _ in 0..3 {
            let token = web.client_credentials("org:read").await.text("access_token");
            assert!(api.is_active(&token).await && web.is_active(&token).await);
            let said = command(data.path(), &["--json", "client", "disable", &web.client_id]).await.json();
            assert_eq!(said["changed"], true);
            assert_eq!(web.client_credentials("org:read").await.error(), "401 invalid_client");
            assert!(!api.is_active(&token).await, "nor is what it was given");
            command(data.path(), &["client", "enable", &web.client_id]).await.words();
            assert!(api.is_active(&token).await);
        }
        let rotated =
            command(data.path(), &["--json", "client", "rotate-secret", "--overlap", "0", &web.client_id]).await;
        let rotated = rotated.json();
        assert_eq!(web.client_credentials("org:read").await.error(), "401 invalid_client", "the old secret");
        let web = web.with_secret(rotated["client_secret"].as_str(), web.by);
        assert_eq!(web.client_credentials("org:read").await.status, 200, "the new one");
    });
}

/// 0600, beside the database, and only while the server runs.
#[test]
fn the_socket_is_its_owners_alone_and_goes_with_the_server() {
    run(async {
        let data = folder();
        let mut server = Server::start(data.path(), free_port(), None);
        let found = std::fs::symlink_metadata(socket_in(data.path())).expect("a socket");
        assert!(found.file_type().is_socket());
        assert_eq!(format!("{:o}", found.permissions().mode() & 0o7777), "600");
        let database = std::fs::metadata(data.path().join("grantor.db")).expect("a database");
        assert_eq!(found.uid(), database.uid());
        assert_eq!(server.terminate().await.code(), Some(0));
        assert!(std::fs::symlink_metadata(socket_in(data.path())).is_err(), "gone with the server");
        // Nobody holds the database now: a command opens it itself.
        let (web, ..) = server.client("web");
        command(data.path(), &["client", "disable", &web]).await.words();
        assert_eq!(status_of(data.path(), &web).await, "inactive");
    });
}

/// `kill -9` leaves the file; commands and the next server take no notice of it.
#[test]
fn a_socket_left_by_a_crash_is_in_nobodys_way() {
    run(async {
        let data = folder();
        let mut server = Server::start(data.path(), free_port(), None);
        let (web, ..) = server.client("web");
        server.kill();
        assert!(socket_in(data.path()).exists(), "left behind");
        command(data.path(), &["client", "disable", &web]).await.words();

        let server = Server::start(data.path(), free_port(), None);
        assert_eq!(party(&server, "web").client_credentials("org:read").await.error(), "401 invalid_client");
        command(data.path(), &["client", "enable", &web]).await.words();
        assert_eq!(party(&server, "web").client_credentials("org:read").await.status, 200, "through the new socket");
    });
}

/// A held database whose socket is away is not changed behind its server's back.
#[test]
fn without_its_socket_a_held_database_is_left_alone() {
    run(async {
        let data = folder();
        let server = Server::start(data.path(), free_port(), None);
        let web = party(&server, "web");
        std::fs::remove_file(socket_in(data.path())).expect("the socket goes");
        for arguments in [&["client", "disable", &web.client_id][..], &["client", "list"]] {
            let failure = command(data.path(), arguments).await.failure();
            assert!(failure.contains("another grantor process uses this database"), "{failure}");
        }
        assert_eq!(web.client_credentials("org:read").await.status, 200);
    });
}

/// A command names a database; only the server that holds this one may do it.
#[test]
fn a_server_refuses_what_is_meant_for_another_ones_data() {
    run(async {
        let (mine, theirs) = (folder(), folder());
        let (one, two) =
            (Server::start(mine.path(), free_port(), None), Server::start(theirs.path(), free_port(), None));
        let (web, other) = (party(&one, "web"), party(&two, "web"));
        let unknown = command(theirs.path(), &["client", "disable", &web.client_id]).await.failure();
        assert!(unknown.contains("no client"), "each has its own: {unknown}");

        std::fs::remove_file(socket_in(theirs.path())).expect("the socket goes");
        symlink(socket_in(mine.path()), socket_in(theirs.path())).expect("a link to the other server");
        for arguments in [&["client", "disable", &web.client_id][..], &["client", "list"]] {
            let failure = command(theirs.path(), arguments).await.failure();
            assert!(failure.contains("holds another database"), "{failure}");
        }
        let refused = command(theirs.path(), &["client", "create", "--name", "Astray"]).await.failure();
        assert!(refused.contains("nothing was changed"), "{refused}");
        let listed = command(mine.path(), &["--json", "client", "list"]).await.json();
        assert!(listed.as_array().expect("a list").iter().all(|client| client["name"] != "Astray"), "{listed}");
        assert_eq!(web.client_credentials("org:read").await.status, 200);
        assert_eq!(other.client_credentials("org:read").await.status, 200);
    });
}

/// Nothing, half a line, no JSON, another release's question, commands that are none for a running server.
#[test]
fn what_is_no_question_gets_no_answer_and_the_server_goes_on() {
    run(async {
        let data = folder();
        let server = Server::start(data.path(), free_port(), None);
        let database = std::fs::metadata(data.path().join("grantor.db")).expect("a database");
        let identity = serde_json::json!([database.dev(), database.ino()]);
        let question = |arguments: Value| {
            let inputs = serde_json::json!({ "password": null, "secret": null, "file": null, "secrets": {} });
            serde_json::json!({ "arguments": arguments, "inputs": inputs, "database": identity }).to_string() + "\n"
        };
        let ask = async |line: String| {
            let mut stream = UnixStream::connect(socket_in(data.path())).await.expect("it listens");
            stream.write_all(line.as_bytes()).await.expect("it reads");
            stream.shutdown().await.expect("the end");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("an end");
            answer
        };
        let unread = ["", "\n", "hello\n", "[[\"grantor\",\"client\",\"list\"],{}]\n", "{\"arguments\":"];
        for line in unread {
            assert_eq!(ask(line.to_owned()).await, "", "{line:?}");
        }
        for arguments in [
            serde_json::json!(["grantor"]),
            serde_json::json!(["grantor", "nonsense"]),
            serde_json::json!(["grantor", "serve"]),
            serde_json::json!(["grantor", "dev"]),
            serde_json::json!(["grantor", "migrate"]),
        ] {
            let answer: Value = serde_json::from_str(&ask(question(arguments.clone())).await).expect("an answer");
            assert!(answer["failure"].is_string() && answer["output"] == "", "{arguments}: {answer}");
        }
        let answer: Value =
            serde_json::from_str(&ask(question(serde_json::json!(["grantor", "client", "list"]))).await)
                .expect("an answer");
        assert!(answer["failure"].is_null() && answer["output"].as_str().is_some_and(|text| text.contains("Demo")));
        assert_eq!(party(&server, "web").client_credentials("org:read").await.status, 200);
    });
}

/// `sqlite:PATH` and `sqlite://PATH` are one database, and so one socket.
#[test]
fn every_spelling_of_the_database_leads_to_its_server() {
    run(async {
        let data = folder();
        let url = |slashes: &str, path: &Path| format!("sqlite:{slashes}{}", path.display());
        let file = data.path().join("grantor.db");
        let server = Server::start(data.path(), free_port(), Some(&url("//", &file)));
        let web = party(&server, "web");
        assert!(socket_in(data.path()).exists(), "beside the database");
        for (database, command_name) in
            [(url("", &file), "disable"), (url("//", &file), "enable"), ("sqlite://grantor.db".to_owned(), "disable")]
        {
            let mut command = grantor();
            command.current_dir(data.path()).args(["--database", &database, "client", command_name, &web.client_id]);
            says(command).await.words();
            let expected = if command_name == "enable" { 200 } else { 401 };
            assert_eq!(web.client_credentials("org:read").await.status, expected, "{database}");
        }
        assert!(!Path::new("/grantor.db.sock").exists());
    });
}
