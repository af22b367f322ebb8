//! Which addresses are called, and what is done with odd answers.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;

fn get(url: String) -> Request {
    Request { method: "GET", url, headers: Vec::new(), body: String::new() }
}

/// Answers one connection with `answer` and gives its address.
fn once(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        if let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&answer);
        }
    });
    format!("http://{address}/")
}

/// ASVS 1.3.6.
#[test]
fn only_public_https_addresses_are_called() {
    for url in ["https://example.com/", "https://93.184.215.14/x", "https://[2606:2800:220:1::1]/"] {
        assert!(allowed(Reach::Public, url).is_ok(), "{url}");
    }
    for url in [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://user@example.com/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://[2002:7f00:1::]/",
        "https://0.0.0.0/",
        "nothing",
    ] {
        assert!(matches!(allowed(Reach::Public, url), Err(OutboundError::Forbidden(_))), "{url}");
    }
}

#[test]
fn a_development_server_calls_this_machine_only() {
    for url in ["http://127.0.0.1:8080/oauth/token", "http://[::1]:8080/", "http://localhost:1/"] {
        assert!(allowed(Reach::Loopback, url).is_ok(), "{url}");
    }
    for url in
        ["http://example.com/", "https://10.0.0.1/", "http://localhost.example.com/", "http://127.0.0.1@example.com/"]
    {
        assert!(allowed(Reach::Loopback, url).is_err(), "{url}");
    }
}

/// DNS rebinding: the resolver that the calls use has no private address to give.
#[tokio::test]
async fn a_name_for_this_machine_resolves_to_nothing() {
    let answer = send(Reach::Public, get("https://localhost:1/".to_owned())).await;
    let Err(OutboundError::NoAnswer(text)) = answer.map(|answer| answer.status) else { panic!("an answer") };
    assert!(!text.contains("refused"), "it tried to connect: {text}");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let url = once(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno".to_vec());
    let answer = send(Reach::Loopback, get(url)).await.map(|answer| (answer.status, answer.body));
    assert_eq!(answer, Ok((302, "no".to_owned())));
}

#[tokio::test]
async fn a_long_answer_is_dropped() {
    let mut long = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    long.resize(MAXIMUM_BODY + 100, b'x');
    let answer = send(Reach::Loopback, get(once(long))).await;
    assert_eq!(answer.map(|answer| answer.status), Err(OutboundError::TooLong));
}
