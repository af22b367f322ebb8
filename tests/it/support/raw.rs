//! Requests to the byte, for what no client library sends.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::TestApp;

/// Sends bytes as they are; the whole answer, empty if the server only hung up.
pub async fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address()).await.expect("the server listens");
    // The server may hang up before all is sent.
    let _sent = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _read = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends bytes as they are; the first answer. The server keeps a connection open for a while when it has not read all that
/// was sent, and whoever expects no more need not wait for that.
pub async fn first_answer(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address()).await.expect("the server listens");
    let _sent = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = async { while !is_whole(&answer) && stream.read_buf(&mut answer).await.is_ok_and(|count| count > 0) {} };
    tokio::time::timeout(Duration::from_secs(60), read).await.expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Whether everything has come that the head announces; without a length only the end of the connection tells.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = header(head, "content-length").and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= head.len() + 4 + length)
}

pub fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

/// A header of the answer.
pub fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
