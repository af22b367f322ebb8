//! An operator at the command line: the real binary, beside a running app. On SQLite its commands go through the app's
//! socket, on PostgreSQL they just connect.

use std::process::Command;

use grantor::cli::socket::{self, Listening};
use serde_json::Value;

use super::TestApp;
use super::server::{ends, grantor};

pub struct Operator<'a> {
    app: &'a TestApp,
    _door: Option<Listening>,
}

/// How a command ended.
pub struct Said {
    pub done: bool,
    pub output: String,
    pub error: String,
}

impl Said {
    /// The words of a command that did its work.
    pub fn words(self) -> String {
        assert!(self.done, "{}", self.error);
        self.output
    }

    /// The JSON of a command that did its work.
    pub fn json(self) -> Value {
        let words = self.words();
        serde_json::from_str(&words).unwrap_or_else(|error| panic!("no JSON ({error}): {words}"))
    }

    /// Why it was not done.
    pub fn failure(self) -> String {
        assert!(!self.done, "it was done: {}", self.output);
        assert!(!self.error.contains("panicked"), "{}", self.error);
        self.error
    }
}

impl<'a> Operator<'a> {
    pub fn of(app: &'a TestApp) -> Operator<'a> {
        Operator { app, _door: socket::listen(app.app()).expect("a socket") }
    }

    /// Runs `grantor ARGUMENTS` on the app's database.
    pub async fn says(&self, arguments: &[&str]) -> Said {
        self.says_with(arguments, &[]).await
    }

    /// The same, with variables in its environment.
    pub async fn says_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = grantor();
        let config = self.app.app().config.clone();
        command.args(["--database", &self.app.database_url()]).args(arguments);
        command.env("GRANTOR__SECRETS__MASTER_KEY", config.secrets.master_key.expect("a key"));
        command.env("GRANTOR__PASSWORDS__MEMORY", "8").env("GRANTOR__PASSWORDS__ITERATIONS", "1");
        command.envs(environment.iter().copied());
        let said = says(command).await;
        self.app.shared.secrets.saw_in(&said.output);
        said
    }
}

/// Runs a command to its end while the test's own tasks go on.
pub async fn says(mut command: Command) -> Said {
    let output = tokio::task::spawn_blocking(move || ends(&mut command)).await.expect("a command");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { done: output.status.success(), output: text(&output.stdout), error: text(&output.stderr) }
}
