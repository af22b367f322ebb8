use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use super::*;
use crate::clock::Clock;
use crate::config::Config;

/// A server over a fresh database on a free port.
async fn server(directory: &tempfile::TempDir) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}", directory.path().join("test.db").display());
    config.server.issuer = format!("http://{}/as", listener.local_addr().unwrap());
    config.server.workers = 1;
    config.server.max_body_bytes = 1000;
    config.passwords.memory = 64;
    let started = crate::app::start::start(config, Clock::system()).await.unwrap();
    serve(started.app, listener).unwrap()
}

/// The answer to these bytes, line by line, in lower case where it is a header.
async fn answer(address: SocketAddr, request: String) -> String {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    })
    .await
    .unwrap()
}

async fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: evil\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
    answer(address, head + body).await
}

/// A30, A31, A32, A33, A61, A62, D3 row 22.
#[tokio::test]
async fn clients_are_answered_by_the_book() {
    let directory = tempfile::tempdir().unwrap();
    let server = server(&directory).await;
    let at = server.address();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";

    for path in ["/.well-known/oauth-authorization-server/as", "/as/.well-known/oauth-authorization-server"] {
        let get = format!("GET {path} HTTP/1.1\r\nHost: evil\r\nX-Forwarded-Host: evil\r\nConnection: close\r\n\r\n");
        let text = answer(at, get).await;
        assert!(text.starts_with("HTTP/1.1 200") && text.contains(&format!("\"issuer\":\"http://{at}/as\"")), "{text}");
        assert!(!text.contains("evil") && text.contains("access-control-allow-origin: *"), "{text}");
    }
    let get = "GET /as/oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned();
    let text = answer(at, get).await.to_lowercase();
    assert!(text.starts_with("http/1.1 405") && text.contains("allow: post"), "{text}");

    for (headers, body, status, code) in [
        ("Content-Type: application/json\r\n", "{}", 400, "invalid_request"),
        ("Content-Type: multipart/form-data; boundary=x\r\n", "--x--", 400, "invalid_request"),
        ("", "grant_type=x", 400, "invalid_request"),
        (form, "grant_type=client_credentials&client_id=a&a=%zz", 400, "invalid_request"),
        (form, "grant_type=client_credentials&client_id=nobody", 401, "invalid_client"),
        (form, &"a=1&".repeat(300), 413, "invalid_request"),
    ] {
        let text = post(at, "/as/oauth/token", headers, body).await;
        assert!(text.starts_with(&format!("HTTP/1.1 {status}")), "{text}");
        assert!(text.contains(&format!("\"error\":\"{code}\"")) && text.contains("(reference R"), "{text}");
        assert!(text.contains("cache-control: no-store") && text.contains("pragma: no-cache"), "{text}");
        assert_eq!(text.contains("www-authenticate: Basic"), status == 401, "{text}");
    }
    let twice = format!("{form}Authorization: Basic YTpi\r\nAuthorization: Basic YTpi\r\n");
    let text = post(at, "/as/oauth/token", &twice, "grant_type=client_credentials").await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
    let text = post(at, "/as/oauth/token?client_secret=x", form, "grant_type=client_credentials").await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
    server.stop().await.unwrap();
}

/// D3 row 18, in process: the listener is gone, the operations listener answered until then.
#[tokio::test]
async fn a_server_goes_down_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}", directory.path().join("test.db").display());
    (config.server.listen, config.operations.listen) = ("127.0.0.1:0".to_owned(), "127.0.0.1:0".to_owned());
    config.server.workers = 1;
    config.server.shutdown_timeout = 300;
    config.passwords.memory = 64;
    let listeners = crate::Listeners::bind(&config).unwrap();
    let (public, operations) =
        (listeners.public.local_addr().unwrap(), listeners.operations.as_ref().unwrap().local_addr().unwrap());
    let started = crate::app::start::start(config, Clock::system()).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(crate::run(started, listeners, async { drop(stopped.await) }));

    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer(operations, get("/health/ready")).await.starts_with("HTTP/1.1 200"));
    assert!(answer(public, get("/nowhere")).await.starts_with("HTTP/1.1 404"));
    let metrics = answer(operations, get("/metrics")).await;
    assert!(
        metrics.contains("grantor_http_requests_total{endpoint=\"unmatched\",method=\"GET\",status=\"404\"} 1"),
        "{metrics}"
    );
    assert!(metrics.contains("grantor_write_batches_total"), "{metrics}");

    stop.send(()).unwrap();
    // There is nothing to wait for: it does not sit its time out.
    tokio::time::timeout(Duration::from_secs(60), running).await.expect("an end").unwrap().unwrap();
    assert!(TcpStream::connect(public).is_err() && TcpStream::connect(operations).is_err());
}
