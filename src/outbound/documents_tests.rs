//! How often a document is fetched, whatever is asked.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use futures_util::future::join_all;

use super::*;

const NOW: Duration = Duration::from_secs(1_000_000);

/// A site on this machine that always gives the same answer, and how many came.
fn site(answer: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/document", listener.local_addr().expect("an address"));
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _read = stream.read(&mut [0; 4096]);
            counted.fetch_add(1, Ordering::SeqCst);
            let _sent = stream.write_all(answer.as_bytes());
        }
    });
    (url, visits)
}

fn says(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn here() -> Upstream {
    Upstream::new(Vec::new(), true)
}

/// C30: however many want it at once.
#[tokio::test]
async fn parallel_misses_are_one_visit() {
    let (upstream, keys) = (here(), Documents::of_clients("application/json", 16));
    for (answer, good) in [(says("200 OK", "{}"), true), (says("500 X", ""), false)] {
        let (url, visits) = site(answer);
        let asked = join_all((0..20).map(|_| keys.get(&upstream, &url, NOW))).await;
        assert!(asked.iter().all(|outcome| outcome.is_ok() == good), "{asked:?}");
        assert_eq!(visits.load(Ordering::SeqCst), 1);
    }
    let (url, visits) = site(says("200 OK", "{}"));
    let asked = join_all((0..20).map(|_| keys.again(&upstream, &url, NOW))).await;
    assert_eq!(asked.into_iter().filter(|outcome| matches!(outcome, Ok(Some(_)))).count(), 1, "the others fetch none");
    assert_eq!(visits.load(Ordering::SeqCst), 1);
    assert!(lock(&keys.flights).is_empty(), "nothing is left of a flight");
}

/// Whoever began a flight may give up; the next one has an answer.
#[tokio::test]
async fn a_flight_goes_on_without_who_began_it() {
    let (upstream, keys, (url, visits)) = (here(), Documents::default(), site(says("200 OK", "{}")));
    {
        let mut first = std::pin::pin!(keys.get(&upstream, &url, NOW));
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(lock(&keys.flights).len(), 1);
    }
    assert!(lock(&keys.flights).is_empty(), "given up by all");
    assert!(keys.get(&upstream, &url, NOW).await.is_ok());
    assert!(visits.load(Ordering::SeqCst) >= 1);
}

/// What a client's address did not give is not asked for again for a minute, under whatever fragment.
#[tokio::test]
async fn failures_of_clients_are_remembered_for_a_minute() {
    let (upstream, requests) = (here(), Documents::of_clients("application/jwt", 16));
    let (url, visits) = site(says("404 X", ""));
    let later = |seconds| NOW + Duration::from_secs(seconds);
    for (seconds, fragment, seen) in [(0, "", 1), (1, "", 1), (30, "#one", 1), (59, "#two", 1), (60, "", 2)] {
        let outcome = requests.get(&upstream, &format!("{url}{fragment}"), later(seconds)).await;
        assert_eq!(outcome, Err(DocumentError::Status(404)));
        assert_eq!(visits.load(Ordering::SeqCst), seen, "{seconds} {fragment}");
    }
    assert_eq!(requests.anew(&upstream, &url, later(61)).await, Err(DocumentError::Status(404)));
    assert_eq!(requests.again(&upstream, &url, later(62)).await, Err(DocumentError::Status(404)));
    assert_eq!(visits.load(Ordering::SeqCst), 2, "asked for in another way");
    let providers = Documents::default();
    for _ in 0..2 {
        assert!(providers.get(&upstream, &url, NOW).await.is_err());
    }
    assert_eq!(visits.load(Ordering::SeqCst), 4, "a provider is mended and tried again");
}

/// Memory is bounded in entries and in bytes, whoever names how many documents.
#[test]
fn what_is_kept_is_bounded() {
    let documents = Documents::of_clients("application/json", 64);
    let long: Arc<str> = "x".repeat(crate::outbound::upstream::MAXIMUM_DOCUMENT).into();
    for count in 0..1000 {
        documents.keep(&format!("https://client.example/{count}"), &long, NOW);
    }
    assert!(documents.kept.weight() <= 64 * BYTES_EACH, "{} bytes", documents.kept.weight());
    assert!(documents.kept.len() > 4, "but something is kept");
    documents.keep("https://client.example/last", &long, NOW);
    assert!(documents.kept("https://client.example/last", NOW).is_some(), "the newest");
    for count in 0..100_000 {
        documents.keep(&count.to_string(), &"".into(), NOW);
    }
    assert!(documents.kept.len() < 5_000, "{} entries", documents.kept.len());
}
