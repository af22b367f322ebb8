//! A mail server that keeps what it is given, or behaves as badly as it is told to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it behaves towards a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// Takes everything.
    Takes,
    /// Takes the connection and says nothing.
    Hangs,
    /// Takes a mail to its end and never says so.
    HangsAtTheEnd,
    /// Answers RCPT with this.
    Refuses(&'static str),
}

/// One mail as it came.
#[derive(Clone, Debug)]
pub struct Taken {
    pub recipients: Vec<String>,
    pub message: String,
}

pub struct MailServer {
    pub port: u16,
    manners: Arc<Mutex<Manners>>,
    taken: Arc<Mutex<Vec<Taken>>>,
    visits: Arc<AtomicUsize>,
}

impl MailServer {
    pub async fn start(manners: Manners) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let manners = Arc::new(Mutex::new(manners));
        let server = MailServer { port, manners, taken: Arc::default(), visits: Arc::default() };
        let (manners, taken) = (Arc::clone(&server.manners), Arc::clone(&server.taken));
        let visits = Arc::clone(&server.visits);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                visits.fetch_add(1, Ordering::SeqCst);
                let manners = *manners.lock().unwrap_or_else(PoisonError::into_inner);
                let taken = Arc::clone(&taken);
                tokio::spawn(async move {
                    let _gone = talk(stream, manners, &taken).await;
                });
            }
        });
        server
    }

    pub fn now(&self, manners: Manners) {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner) = manners;
    }

    /// Connections so far.
    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn talk(stream: TcpStream, manners: Manners, taken: &Mutex<Vec<Taken>>) -> std::io::Result<()> {
    if manners == Manners::Hangs {
        std::future::pending::<()>().await;
    }
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test ESMTP\r\n").await?;
    let mut recipients = Vec::new();
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split(' ').next().unwrap_or_default() {
            "EHLO" => "250-test\r\n250 8BITMIME",
            "RCPT" => match manners {
                Manners::Refuses(answer) => answer,
                _ => {
                    recipients.push(line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned());
                    "250 ok"
                }
            },
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut message = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.push_str("\r\n");
                }
                let mail = Taken { recipients: std::mem::take(&mut recipients), message };
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                if manners == Manners::HangsAtTheEnd {
                    std::future::pending::<()>().await;
                }
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

impl Taken {
    /// The message's head, unfolded: name and value of each line.
    pub fn head(&self) -> Vec<(String, String)> {
        let (head, _) = self.message.split_once("\r\n\r\n").expect("a head and a body");
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        unfolded.split("\r\n").filter_map(pair).collect()
    }

    pub fn header(&self, name: &str) -> String {
        let found: Vec<String> =
            self.head().into_iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect();
        assert_eq!(found.len(), 1, "{name} in {}", self.message);
        found.into_iter().next().unwrap_or_default()
    }
}
