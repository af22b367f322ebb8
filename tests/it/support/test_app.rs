//! One app in this process, on a real port of its own, over a fresh database, with a clock the test moves.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use grantor::app::App;
use grantor::app::refusal_sink;
use grantor::app::start::start;
use grantor::clock::Clock;
use grantor::config::Config;
use grantor::http::server::{Running, serve};
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::database::{Database, Place};
use super::log;
use super::secrets::Secrets;
use super::signing_keys;

/// 2065-01-24T05:20:00Z: later than the machine's own clock, so that row ids follow the test's time.
pub const START: i64 = 3_000_000_000;

pub struct TestApp {
    pub database: Database,
    pub clock: Clock,
    pub shared: Arc<Shared>,
    address: SocketAddr,
    log_start: usize,
    playing: Mutex<Option<Playing>>,
    place: Place,
}

/// What actors need of the stage.
pub struct Shared {
    pub issuer: String,
    pub http: reqwest::Client,
    pub secrets: Secrets,
    names: Mutex<Vec<(String, String)>>,
}

struct Playing {
    app: Arc<App>,
    server: Running,
    drain: JoinHandle<()>,
}

impl Shared {
    /// For actors in front of any server that answers at this address.
    pub fn new(issuer: &str) -> Shared {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .build()
            .expect("an HTTP client");
        Shared { issuer: issuer.to_owned(), http, secrets: Secrets::default(), names: Mutex::default() }
    }

    /// In snapshots `value` reads `[name]`.
    pub fn name(&self, value: &str, name: &str) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).push((value.to_owned(), name.to_owned()));
    }

    pub fn names(&self) -> Vec<(String, String)> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn url(&self, path: &str) -> String {
        match path.starts_with('/') {
            true => format!("{}{path}", self.issuer),
            false => path.to_owned(),
        }
    }

    /// Sends, and reads the whole answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::read(self, request.send().await.expect("the server answers")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(self.url(path))).await
    }
}

impl TestApp {
    pub async fn start(database: Database) -> TestApp {
        let log_start = log::begin();
        let place = Place::migrated(database);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let clock = Clock::manual(START);
        let issuer = format!("http://{address}");
        let shared = Shared::new(&issuer);
        shared.name(&issuer, "issuer");
        shared.name(&url::form_urlencoded::byte_serialize(issuer.as_bytes()).collect::<String>(), "issuer");
        let playing = begin(test_config(&place, &issuer), clock.clone(), listener).await;
        let (shared, playing) = (Arc::new(shared), Mutex::new(Some(playing)));
        TestApp { database, clock, shared, address, log_start, playing, place }
    }

    /// The app behind the API, for `db_*` shortcuts.
    pub fn app(&self) -> Arc<App> {
        Arc::clone(&self.playing().as_ref().expect("the app is on").app)
    }

    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.shared.get(path).await
    }

    /// Ends the app and starts it again on the same database and port, with a changed configuration.
    pub async fn restart_with(&self, change: impl FnOnce(&mut Config)) {
        let Playing { app, server, drain } = self.playing().take().expect("the app is on");
        let mut config = app.config.clone();
        change(&mut config);
        server.stop_now().await.expect("the server ends");
        drain.abort();
        app.store.close().await;
        drop(app);
        let listener = TcpListener::bind(self.address).expect("the same port");
        let playing = begin(config, self.clock.clone(), listener).await;
        *self.playing() = Some(playing);
    }

    pub async fn restart(&self) {
        self.restart_with(|_| {}).await;
    }

    pub fn database_url(&self) -> String {
        self.place.url()
    }

    /// Everything in the database.
    pub fn dump(&self) -> String {
        self.place.dump()
    }

    /// Rows of one table.
    pub fn rows(&self, table: &str) -> usize {
        let begin = format!("{table}: ");
        self.dump().lines().filter(|line| line.starts_with(&begin)).count()
    }

    /// What was logged while this app was on (by its neighbours too).
    pub fn log(&self) -> String {
        log::since(self.log_start)
    }

    /// Secrets that stand where none may stand.
    pub fn leaks(&self) -> Vec<String> {
        self.shared.secrets.found_in(&self.dump(), &self.log())
    }

    /// Ends the app; every secret its actors saw must be nowhere in database and log.
    pub async fn finish(self) {
        let playing = self.playing().take();
        if let Some(Playing { app, server, drain }) = playing {
            app.last_used.flush(&app.store).await.expect("times of use are written");
            server.stop_now().await.expect("the server ends");
            drain.abort();
            app.store.close().await;
        }
        let leaks = self.leaks();
        assert!(leaks.is_empty(), "secrets leaked: {leaks:#?}");
    }

    fn playing(&self) -> MutexGuard<'_, Option<Playing>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn begin(config: Config, clock: Clock, listener: TcpListener) -> Playing {
    let started = start(config, clock).await.expect("the app starts");
    signing_keys::make(&started.app).await;
    let drain = tokio::spawn(refusal_sink::drain(started.app.store.clone(), started.refusals));
    let server = serve(Arc::clone(&started.app), listener).expect("the server starts");
    Playing { app: started.app, server, drain }
}

/// The defaults, but cheap hashing, small pools, and the patience a busy machine needs.
fn test_config(place: &Place, issuer: &str) -> Config {
    let mut config = Config::default();
    config.database.url = place.url();
    config.database.pool_size = 4;
    config.secrets.master_key = Some("dGVzdHMgb25seTogMzIgYnl0ZXMgb2Yga2V5IC4uLi4=".to_owned());
    config.server.issuer = issuer.to_owned();
    config.server.workers = 2;
    config.passwords.memory = 8;
    config.passwords.iterations = 1;
    config.server.request_timeout = 120;
    // Less than the fifteen seconds after which an answer counts as lost.
    config.database.statement_timeout = 12_000;
    config.mail.timeout = 60;
    // New keys take time: whoever tests the schedule switches it on.
    config.keys.rotation_interval = 0;
    config
}
