//! A PostgreSQL cluster that keeps its promises (`fsync=on`), run by an unprivileged user, gone at the end.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::Connection as _;

use crate::support::server::{free_port, signal};

pub struct Cluster {
    child: Child,
    port: u16,
    _home: tempfile::TempDir,
}

impl Cluster {
    pub fn start() -> Cluster {
        let bin = programs();
        let home = tempfile::Builder::new().prefix("grantor-durable").tempdir().expect("a folder");
        let runs_as = unprivileged(home.path());
        let data = home.path().join("data");
        let made = as_user(&runs_as, &bin.join("initdb"), home.path())
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=grantor", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let child = as_user(&runs_as, &bin.join("postgres"), home.path())
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "fsync=on", "-c", "listen_addresses=127.0.0.1", "-c"])
            .arg(format!("unix_socket_directories={}", home.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres runs");
        let cluster = Cluster { child, port, _home: home };
        for _ in 0..1200 {
            if diesel::PgConnection::establish(&cluster.url()).is_ok() {
                return cluster;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgreSQL does not answer");
    }

    pub fn url(&self) -> String {
        format!("postgres://grantor@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        signal(&self.child, "INT");
        let _ended = self.child.wait();
    }
}

/// The newest server's folder, or the one that is named.
fn programs() -> PathBuf {
    if let Some(named) = std::env::var_os("GRANTOR_TEST_POSTGRES_BIN") {
        return named.into();
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    found.sort();
    found.pop().expect("GRANTOR_TEST_POSTGRES_BIN names the folder of initdb and postgres")
}

/// PostgreSQL refuses to run as root: then its own user, or nobody, gets the folder. None for whoever is not root.
fn unprivileged(home: &Path) -> Option<&'static str> {
    if std::fs::metadata(home).expect("the folder").uid() != 0 {
        return None;
    }
    let user = ["postgres", "nobody"].into_iter().find(|user| number("-u", user).is_some()).expect("a plain user");
    chown(home, number("-u", user), number("-g", user)).expect("the folder changes hands");
    Some(user)
}

fn number(which: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([which, user]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// `setpriv` becomes the program, so that the child's id is the program's.
fn as_user(user: &Option<&'static str>, program: &Path, home: &Path) -> Command {
    let mut command = match user {
        None => Command::new(program),
        Some(user) => {
            let group = number("-g", user).expect("its group");
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--init-groups", "--reset-env"]);
            command.arg(program);
            command
        }
    };
    command.current_dir(home);
    command
}
