//! A client's own server, which is told of logouts: it keeps what it is sent, or behaves as badly as it is told to.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// This status.
    Status(u16),
    /// A redirect to this address.
    Elsewhere(&'static str),
    /// 200, and ten megabytes.
    TenMegabytes,
    /// 200, after longer than is quick.
    Slowly,
    /// Nothing, for as long as anybody listens.
    Nothing,
}

pub struct Receiver {
    /// Where it takes logout tokens.
    pub url: String,
    says: Arc<Mutex<Says>>,
    got: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub async fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/signed-out", listener.local_addr().expect("an address"));
        let receiver = Receiver { url, says: Arc::new(Mutex::new(Says::Status(200))), got: Arc::default() };
        let (says, got) = (Arc::clone(&receiver.says), Arc::clone(&receiver.got));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let says = *says.lock().unwrap_or_else(PoisonError::into_inner);
                let got = Arc::clone(&got);
                tokio::spawn(async move {
                    let _gone = answer(stream, says, &got).await;
                });
            }
        });
        receiver
    }

    pub fn now(&self, says: Says) {
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = says;
    }

    /// The requests it got, heads and bodies.
    pub fn got(&self) -> Vec<String> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The logout tokens it got.
    pub fn tokens(&self) -> Vec<String> {
        let token = |request: &String| {
            let (_, body) = request.split_once("\r\n\r\n").expect("a body");
            let mut fields = url::form_urlencoded::parse(body.as_bytes());
            fields.find(|(name, _)| name == "logout_token").expect("a logout token").1.into_owned()
        };
        self.got().iter().map(token).collect()
    }
}

async fn answer(mut stream: TcpStream, says: Says, got: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).await?;
        read.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            body.len() >= length.unwrap_or(0_usize)
        });
        if whole {
            got.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            break;
        }
        if count == 0 {
            return Ok(());
        }
    }
    let head = |status: u16, rest: &str| format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{rest}\r\n");
    match says {
        Says::Status(status) => stream.write_all(head(status, "content-length: 0\r\n").as_bytes()).await?,
        Says::Elsewhere(url) => {
            let rest = format!("location: {url}\r\ncontent-length: 0\r\n");
            stream.write_all(head(302, &rest).as_bytes()).await?;
        }
        Says::TenMegabytes => {
            stream.write_all(head(200, "content-length: 10485760\r\n").as_bytes()).await?;
            for _ in 0..160 {
                stream.write_all(&[b'x'; 65536]).await?;
            }
        }
        Says::Slowly => {
            tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
            stream.write_all(head(200, "content-length: 0\r\n").as_bytes()).await?;
        }
        Says::Nothing => std::future::pending::<()>().await,
    }
    stream.shutdown().await
}
