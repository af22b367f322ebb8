//! The real binary is killed while it issues, asked to stop while it answers, and started where it must refuse. What was
//! acknowledged is there afterwards. `GRANTOR_DURABILITY_CYCLES` makes it longer.

mod cluster;
mod load;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::database::{self, Place};
use crate::support::server::{Server, ends, free_port, grantor};
use crate::support::test_app::Shared;
use crate::support::{Browser, Database, until};
use cluster::Cluster;
use load::{Ended, Journal, Load, pair};

const CYCLES: u64 = 6;
const WORKERS: usize = 6;

fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(story);
}

/// A client in front of this server, with a browser whose user said yes once.
async fn load_on(server: &Server) -> Load {
    let (client_id, client_secret, redirect_uri) = server.client("web");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    let mut load = Load {
        issuer: server.issuer.clone(),
        client_id,
        client_secret,
        redirect_uri,
        cookies: String::new(),
        http: http.expect("an HTTP client"),
        journal: Default::default(),
        in_flight: Default::default(),
    };
    let browser = Browser::new(&Arc::new(Shared::new(&server.issuer)));
    let page = browser.get(&load.authorize_url()).await;
    let user = &server.ready["users"][0];
    let text = |member: &str| user[member].as_str().expect("a demo user");
    let typed = [("username", text("login")), ("password", text("password"))];
    let after = browser.submit(&page, "login-submit", &typed).await;
    let answer = browser.allow(browser.get(after.location()).await).await;
    assert!(answer.location().starts_with(&load.redirect_uri), "{}", answer.location());
    let pairs: Vec<String> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    load.cookies = pairs.join("; ");
    load
}

/// D3 row 1, on one database.
async fn nothing_acknowledged_is_lost(data: &Path, database: Option<&str>) {
    let port = free_port();
    let mut server = Server::start(data, port, database);
    let mut load = load_on(&server).await;
    let cycles = std::env::var("GRANTOR_DURABILITY_CYCLES").map_or(CYCLES, |text| text.parse().expect("a number"));
    let mut acknowledged = 0;
    for cycle in 0..cycles {
        let work = join_all((0..WORKERS).map(|_| load.work()));
        let kill = async {
            tokio::time::sleep(Duration::from_millis(20 + cycle * 97 % 281)).await;
            server.kill();
        };
        let (ended, ()) = tokio::join!(work, kill);
        for ended in ended {
            if let Ended::Wrong(answer) = ended {
                panic!("an answer that is none of ours: {answer}");
            }
        }
        server = Server::start(data, port, database);
        let journal = std::mem::take(load.journal.get_mut().expect("no worker panicked"));
        acknowledged += journal.given.len() + journal.revoked.len() + journal.unused.len();
        check(&load, journal).await;
        if database.is_none() {
            assert_eq!(integrity(data), "ok");
        }
    }
    println!("{cycles} kills, {acknowledged} acknowledged writes");
    assert!(acknowledged > 0);
}

async fn check(load: &Load, journal: Journal) {
    for token in journal.given.iter().chain(&journal.unused) {
        assert!(load.is_active(token).await, "an acknowledged token is lost");
    }
    for token in &journal.revoked {
        assert!(!load.is_active(token).await, "a revoked token lives again");
    }
    for token in &journal.unsure_refreshes {
        // Whether or not the use was stored, the retry is answered, and the next one the same.
        let first = pair(&load.refresh(token).await.expect("the lost answer")).expect("a pair");
        let again = pair(&load.refresh(token).await.expect("the lost answer")).expect("a pair");
        assert_eq!(first, again);
    }
    for code in &journal.redeemed {
        assert!(load.redeem(code).await.is_err(), "a code was good twice");
    }
    for code in &journal.unsure_codes {
        let good = [load.redeem(code).await.is_ok(), load.redeem(code).await.is_ok()];
        assert!(!good[1], "a code was good twice");
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

fn integrity(data: &Path) -> String {
    let path = data.join("grantor.db");
    let mut conn = crate::support::database::sqlite(path.to_str().expect("a path"));
    let lines: Vec<Line> = diesel::sql_query("PRAGMA integrity_check").load(&mut conn).expect("a verdict");
    lines.into_iter().map(|line| line.integrity_check).collect::<Vec<_>>().join("\n")
}

/// D3 rows 1 and 27.
#[test]
fn killed_while_issuing_on_sqlite_it_loses_nothing_acknowledged() {
    let data = tempfile::tempdir().expect("a folder");
    run(nothing_acknowledged_is_lost(data.path(), None));
}

/// D3 rows 1 and 27.
#[test]
fn killed_while_issuing_on_postgresql_it_loses_nothing_acknowledged() {
    if database::postgres_is_skipped() {
        return;
    }
    let (data, cluster) = (tempfile::tempdir().expect("a folder"), Cluster::start());
    run(nothing_acknowledged_is_lost(data.path(), Some(&cluster.url())));
}

/// D3 row 18: SIGTERM while requests are half sent and others come in.
async fn requests_in_flight_are_finished(data: &Path, database: Option<&str>) {
    let mut server = Server::start(data, free_port(), database);
    let load = load_on(&server).await;
    let (stopping, under_way) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut half_sent = join_all((0..4).map(|_| half_a_request(&load))).await;

    let worker = async || {
        loop {
            let early = !stopping.load(Ordering::SeqCst);
            under_way.fetch_add(usize::from(early), Ordering::SeqCst);
            let ended = load.client_credentials().await;
            under_way.fetch_sub(usize::from(early), Ordering::SeqCst);
            match ended {
                Ok(_) => {}
                Err(Ended::Gone(error)) if !early && !error.is_body() && !error.is_decode() => return,
                Err(ended) => panic!("early {early}: {ended:?}"),
            }
        }
    };
    let stop = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stopping.store(true, Ordering::SeqCst);
        // Whether the server has seen what was sent a moment ago nobody can tell: only what is half sent, and has been for
        // long, is under way for sure.
        until(|| under_way.load(Ordering::SeqCst) == 0).await;
        let finish = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            join_all(half_sent.iter_mut().map(|(stream, rest)| finish(stream, rest))).await
        };
        tokio::join!(tokio::time::timeout(Duration::from_secs(30), server.terminate()), finish)
    };
    let (_, (status, answers)) = tokio::join!(join_all((0..WORKERS).map(|_| worker())), stop);
    assert_eq!(status.expect("it ends within half a minute").code(), Some(0));
    for answer in answers {
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    }
}

/// A token request whose last bytes are still to come.
async fn half_a_request(load: &Load) -> (tokio::net::TcpStream, &'static str) {
    let (body, rest) = ("grant_type=client_", "credentials");
    let basic = crate::support::relying_party::basic(&load.client_id, &load.client_secret);
    let address = load.issuer.trim_start_matches("http://");
    let head = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {address}\r\nAuthorization: {basic}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len() + rest.len()
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("half a request");
    (stream, rest)
}

async fn finish(stream: &mut tokio::net::TcpStream, rest: &str) -> String {
    let mut answer = String::new();
    stream.write_all(rest.as_bytes()).await.expect("the other half");
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[test]
fn asked_to_stop_on_sqlite_it_finishes_what_is_in_flight() {
    let data = tempfile::tempdir().expect("a folder");
    run(requests_in_flight_are_finished(data.path(), None));
}

#[test]
fn asked_to_stop_on_postgresql_it_finishes_what_is_in_flight() {
    if database::postgres_is_skipped() {
        return;
    }
    let (data, place) = (tempfile::tempdir().expect("a folder"), Place::empty(Database::Postgres));
    run(requests_in_flight_are_finished(data.path(), Some(&place.url())));
}

/// What a start that must fail says.
fn refuses_to_serve(database: &str, master_key: Option<&str>) -> String {
    let mut command = grantor();
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", database]);
    command.env("GRANTOR__OPERATIONS__ENABLED", "false");
    if let Some(key) = master_key {
        command.env("GRANTOR__SECRETS__MASTER_KEY", key);
    }
    let output = ends(&mut command);
    assert!(!output.status.success());
    assert_ne!(output.status.code(), Some(101), "a panic: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// D3 row 28.
fn a_wrong_master_key_changes_nothing(place: &Place, data: &Path, database: Option<&str>) {
    drop(Server::start(data, free_port(), database));
    // A lease of a node number is no change of anything.
    let rows = || {
        let dump = place.dump();
        dump.lines().filter(|line| !line.starts_with("node_leases")).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = rows();
    let said = refuses_to_serve(&place.url(), Some("YW5vdGhlciBrZXk6IDMyIGJ5dGVzIG9mIGl0IC4uLi4="));
    assert!(said.contains("master key") && said.contains("nothing was changed"), "{said}");
    assert!(before.len() > 10 && rows() == before);
}

#[test]
fn a_wrong_master_key_changes_nothing_on_sqlite() {
    let place = Place::empty(Database::Sqlite);
    let Place::File(folder) = &place else { unreachable!("a file") };
    a_wrong_master_key_changes_nothing(&place, folder.path(), None);
}

#[test]
fn a_wrong_master_key_changes_nothing_on_postgresql() {
    if database::postgres_is_skipped() {
        return;
    }
    let (data, place) = (tempfile::tempdir().expect("a folder"), Place::empty(Database::Postgres));
    a_wrong_master_key_changes_nothing(&place, data.path(), Some(&place.url()));
}

/// One writer process a file.
#[test]
fn a_second_server_on_the_same_file_is_refused_and_the_first_goes_on() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), free_port(), None);
    let said = refuses_to_serve(&format!("sqlite:{}", data.path().join("grantor.db").display()), None);
    assert!(said.contains("another grantor process uses this database"), "{said}");
    run(async {
        let load = load_on(&server).await;
        assert!(load.is_active(&load.client_credentials().await.expect("a token")).await);
    });
}

/// D3 row 6.
#[test]
fn a_database_it_cannot_use_is_named() {
    for url in ["mysql://root@localhost/grantor", "grantor.db", "", "sqlite:", "sqlite:/nowhere/at/all/grantor.db"] {
        let said = refuses_to_serve(url, Some("YW5vdGhlciBrZXk6IDMyIGJ5dGVzIG9mIGl0IC4uLi4="));
        assert!(said.contains("database") && !said.contains("panicked"), "{url:?}: {said}");
    }
}
