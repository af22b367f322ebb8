//! The real binary as a child process, ended by its id in every way there is.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output};
use std::time::Duration;

use serde_json::Value;

/// A port nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// The binary with its first arguments, without the environment's settings.
pub fn grantor() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantor"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GRANTOR_")) {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end, which is to come soon; status and everything it wrote.
pub fn ends(command: &mut Command) -> Output {
    use std::process::Stdio;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    for _ in 0..1200 {
        if child.try_wait().expect("a child").is_some() {
            return child.wait_with_output().expect("its words");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().expect("a child");
    panic!("{command:?} went on: {:?}", child.wait_with_output());
}

/// `grantor dev` with a data folder of its own.
pub struct Server {
    child: Child,
    pub issuer: String,
    pub ready: Value,
}

impl Server {
    /// Starts it and waits until it accepts connections; `database` instead of the file in the folder.
    pub fn start(data: &Path, port: u16, database: Option<&str>) -> Server {
        let (ready, log) = (data.join("ready.json"), data.join("server.log"));
        let _was_there = std::fs::remove_file(&ready);
        let output = File::options().create(true).append(true).open(&log).expect("a log file");
        let mut command = grantor();
        command.arg("dev").args(["--listen", &format!("127.0.0.1:{port}")]).arg("--data").arg(data);
        command.arg("--ready-file").arg(&ready);
        // Longer than any story waits: a server that sits it out although nothing is under way is found out.
        command.env("GRANTOR__SERVER__SHUTDOWN_TIMEOUT", "300");
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.stdout(output.try_clone().expect("a second handle")).stderr(output);
        let mut child = command.spawn().expect("the binary runs");
        for _ in 0..2400 {
            let text = std::fs::read_to_string(&ready).unwrap_or_default();
            if let Ok(ready) = serde_json::from_str::<Value>(&text) {
                let issuer = ready["issuer"].as_str().expect("an issuer").to_owned();
                return Server { child, issuer, ready };
            }
            if let Some(status) = child.try_wait().expect("a child") {
                panic!("the server ended, {status}: {}", std::fs::read_to_string(&log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        child.kill().expect("a child");
        panic!("the server is not ready: {}", std::fs::read_to_string(&log).unwrap_or_default());
    }

    /// The demo client with this part: `web`, `spa` or `resource-server`.
    pub fn client(&self, part: &str) -> (String, String, String) {
        let clients = self.ready["clients"].as_array().expect("clients");
        let client = clients.iter().find(|client| client["use"] == part).expect("the demo client");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&client["client_id"]), text(&client["client_secret"]), text(&client["redirect_uris"][0]))
    }

    /// SIGKILL: no time for anything.
    pub fn kill(&mut self) {
        self.child.kill().expect("the child lives");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM, and how it ends.
    pub async fn terminate(&mut self) -> ExitStatus {
        signal(&self.child, "TERM");
        for _ in 0..2400 {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("SIGTERM did not end it");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Sends a signal to this child and nobody else.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}
