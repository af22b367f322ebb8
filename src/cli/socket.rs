//! The running server's own door for the operator: on SQLite one process holds the database, so commands are carried to
//! it over a unix socket only its user may open (0600, and the peer's user is checked). One JSON line each way.

use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::inputs::{Inputs, MAX_IMPORT};
use super::output::{Failure, Output};
use super::{Cli, run_command};
use crate::app::App;
use crate::app::start::{beside_database, database_file};

/// Bytes of one question: a file to import, each character of which may be escaped.
const MAX_LINE: u64 = 2 * MAX_IMPORT + 1024 * 1024;
/// How long the asker may take to ask.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the operator's process asks for.
#[derive(Serialize, Deserialize)]
struct Question {
    /// As typed.
    arguments: Vec<String>,
    /// What only that process could read.
    inputs: Inputs,
    /// The file the command is about.
    database: Identity,
}

/// Device and number of a file, whatever its path is called by either side.
type Identity = (u64, u64);

/// What the server said.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    /// For standard output.
    pub output: String,
    /// Why it was not done.
    pub failure: Option<String>,
}

/// The socket beside an SQLite database; none beside PostgreSQL, where commands just connect.
fn path(database_url: &str) -> Option<PathBuf> {
    beside_database(database_url, ".sock")
}

fn identity(database_url: &str) -> Option<Identity> {
    let found = std::fs::metadata(database_file(database_url)?).ok()?;
    Some((found.dev(), found.ino()))
}

/// Asks the server that holds the database; `None` when nobody listens.
pub(super) async fn ask(database_url: &str, arguments: &[String], inputs: &Inputs) -> Result<Option<Answer>, Failure> {
    let Some(path) = path(database_url) else { return Ok(None) };
    let Ok(mut stream) = UnixStream::connect(&path).await else { return Ok(None) };
    let database = identity(database_url).ok_or_else(|| Failure::new(foreign(&path)))?;
    let question = Question { arguments: arguments.to_vec(), inputs: inputs.clone(), database };
    let mut line = serde_json::to_string(&question)?;
    line.push('\n');
    let lost = |error: io::Error| Failure::new(format!("the server went away: {error}"));
    stream.write_all(line.as_bytes()).await.map_err(lost)?;
    let mut answer = String::new();
    // From our own server, as long as a list of all users is.
    stream.read_to_string(&mut answer).await.map_err(lost)?;
    match answer.is_empty() {
        true => Err(Failure::new(format!(
            "the server at {} did not answer: it runs as another user, or is another release",
            path.display()
        ))),
        false => Ok(Some(serde_json::from_str(&answer)?)),
    }
}

fn foreign(path: &Path) -> String {
    format!("the server at {} holds another database: nothing was changed", path.display())
}

/// A listening socket; its file goes when this is dropped.
pub struct Listening {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
        let _gone = std::fs::remove_file(&self.path);
    }
}

/// Listens beside the app's SQLite database, which this process holds the lock of; `None` on PostgreSQL.
///
/// # Errors
/// The system's, such as a path longer than sockets may have.
pub fn listen(app: Arc<App>) -> io::Result<Option<Listening>> {
    let Some(path) = path(&app.config.database.url) else { return Ok(None) };
    if path.exists() {
        std::fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let owner = std::fs::metadata(&path)?.uid();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Between bind and chmod others could connect, so the peer itself is asked for.
            let peer = stream.peer_cred().map(|peer| peer.uid());
            if peer.is_ok_and(|user| user == owner || user == 0) {
                tokio::spawn(serve(Arc::clone(&app), stream));
            }
        }
    });
    Ok(Some(Listening { path, task }))
}

async fn serve(app: Arc<App>, stream: UnixStream) {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    let mut reader = BufReader::new(reading).take(MAX_LINE);
    let read = tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await;
    if !matches!(read, Ok(Ok(1..))) {
        return;
    }
    let answer = match serde_json::from_str::<Question>(&line) {
        Ok(question) => answer(&app, &question).await,
        Err(_) => return,
    };
    if let Ok(text) = serde_json::to_string(&answer) {
        let _asker_gone = writing.write_all(text.as_bytes()).await;
    }
}

async fn answer(app: &App, question: &Question) -> Answer {
    let refuse = |text: String| Answer { output: String::new(), failure: Some(text) };
    let url = &app.config.database.url;
    // A copied or linked data folder must not lead a command to the wrong server.
    if identity(url) != Some(question.database) {
        return refuse(foreign(&path(url).unwrap_or_default()));
    }
    let cli = match Cli::try_parse_from(&question.arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(error.to_string()),
    };
    let mut output = Output::new(cli.json);
    let done = run_command(app, &cli.command, &question.inputs, &mut output).await;
    Answer { output: output.text, failure: done.err().map(|failure| failure.text().to_owned()) }
}
