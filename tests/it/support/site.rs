//! A small site of a client's: it gives documents by path and counts who comes for them.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// Ends with the story that started it.
pub struct Site {
    pub origin: String,
    shared: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    documents: HashMap<String, (u16, String)>,
    dripping: HashSet<String>,
    visits: Vec<String>,
}

impl Site {
    pub fn start() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let (shared, stop) = (Arc::new(Mutex::new(State::default())), Arc::new(AtomicBool::new(false)));
        let (state, stopped) = (Arc::clone(&shared), Arc::clone(&stop));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), state) = (stream, Arc::clone(&state)) else { continue };
                std::thread::spawn(move || answer(stream, &state));
            }
        });
        Site { origin, shared, stop }
    }

    /// What stands at the path from now on; its URL.
    pub fn gives(&self, path: &str, document: &Value) -> String {
        self.answers(path, 200, &document.to_string())
    }

    pub fn answers(&self, path: &str, status: u16, body: &str) -> String {
        self.state().documents.insert(path.to_owned(), (status, body.to_owned()));
        format!("{}{path}", self.origin)
    }

    /// A byte now and then without end, for as long as somebody listens; its URL.
    pub fn drips(&self, path: &str) -> String {
        self.state().dripping.insert(path.to_owned());
        format!("{}{path}", self.origin)
    }

    /// How often the path was asked for.
    pub fn visits(&self, path: &str) -> usize {
        self.state().visits.iter().filter(|visit| *visit == path).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.origin.trim_start_matches("http://"));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = {
        let mut state = lock(state);
        state.visits.push(path.clone());
        if state.dripping.contains(&path) {
            drop(state);
            return drip(stream);
        }
        state.documents.get(&path).cloned().unwrap_or((404, "{}".to_owned()))
    };
    // For status 302 the body says where to.
    let location = if status == 302 { format!("location: {body}\r\n") } else { String::new() };
    let length = body.len();
    let _sent = stream.write_all(
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{location}content-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        )
        .as_bytes(),
    );
}

fn drip(mut stream: TcpStream) {
    let head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 10000\r\nconnection: close\r\n\r\n";
    let mut sent = stream.write_all(head.as_bytes());
    while sent.is_ok() {
        std::thread::sleep(Duration::from_millis(100));
        sent = stream.write_all(b" ");
    }
}
