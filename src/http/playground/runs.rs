//! The runs of the playground: what its client remembers between two steps. In memory, for one browser each, bounded in
//! number and time: development only.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::exchange::Exchange;
use crate::config::dev::DevClient;
use crate::protocol::NumericDate;

const MAXIMUM_RUNS: usize = 200;
const LIFETIME: i64 = 3600;
/// Steps of one run; a longer one starts over.
pub const MAXIMUM_STEPS: usize = 40;

/// One authorization from request to revocation, as its client sees it.
#[derive(Clone)]
pub struct Run {
    /// Names it in page addresses.
    pub id: String,
    /// The browser it belongs to.
    pub browser: String,
    /// Until it is forgotten.
    pub started_at: NumericDate,
    /// The client that is played.
    pub client: Option<DevClient>,
    /// Parameters of the authorization request, in order.
    pub request: Vec<(&'static str, String)>,
    /// Comes back with the answer.
    pub state: String,
    /// PKCE (RFC 7636 section 4.1).
    pub code_verifier: String,
    /// The answer has come; it is taken once.
    pub answered: bool,
    /// Everything that crossed the wire.
    pub exchanges: Vec<Exchange>,
    /// The code.
    pub code: Option<Held>,
    /// The newest access token.
    pub access_token: Option<Held>,
    /// The newest refresh token.
    pub refresh_token: Option<Held>,
    /// The refresh token before it.
    pub spent_refresh_token: Option<String>,
}

/// A code or token in the client's hands, and what the client knows of it.
#[derive(Clone)]
pub struct Held {
    /// Whole.
    pub text: String,
    /// When it expires, if the answer said so.
    pub expires_at: Option<NumericDate>,
    /// Why it is of no more use.
    pub gone: Option<&'static str>,
}

impl Held {
    /// Just received.
    pub fn new(text: impl Into<String>, expires_at: Option<NumericDate>) -> Held {
        Held { text: text.into(), expires_at, gone: None }
    }

    /// Whether the client has no reason to think it dead.
    pub fn is_usable(&self, now: NumericDate) -> bool {
        self.gone.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

impl Run {
    /// A run that nothing has happened in.
    pub fn new(browser: &str, now: NumericDate, id: String, state: String, code_verifier: String) -> Run {
        Run {
            id,
            browser: browser.to_owned(),
            started_at: now,
            client: None,
            request: Vec::new(),
            state,
            code_verifier,
            answered: false,
            exchanges: Vec::new(),
            code: None,
            access_token: None,
            refresh_token: None,
            spent_refresh_token: None,
        }
    }

    /// A parameter of the authorization request.
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.request.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

/// All runs of this server.
#[derive(Default)]
pub struct Runs(Mutex<HashMap<String, Run>>);

impl Runs {
    /// Keeps a new run; the oldest ones make room.
    pub fn insert(&self, run: Run) {
        let mut runs = self.lock();
        let now = run.started_at;
        runs.retain(|_, run| now - run.started_at < LIFETIME);
        while runs.len() >= MAXIMUM_RUNS {
            let Some(oldest) = runs.values().min_by_key(|run| run.started_at).map(|run| run.id.clone()) else { break };
            runs.remove(&oldest);
        }
        runs.insert(run.id.clone(), run);
    }

    /// The browser's run with this id.
    pub fn find(&self, browser: &str, id: &str) -> Option<Run> {
        self.lock().get(id).filter(|run| run.browser == browser).cloned()
    }

    /// The browser's run that waits for an answer with this state; another browser's is not found, so nobody can make
    /// this one finish a run that it did not start.
    pub fn awaiting(&self, browser: &str, state: &str) -> Option<Run> {
        let runs = self.lock();
        let mut found =
            runs.values().filter(|run| run.browser == browser && run.state == state && run.client.is_some());
        found.next().cloned()
    }

    /// Writes a run back, unless it was forgotten.
    pub fn replace(&self, run: Run) {
        if let Some(held) = self.lock().get_mut(&run.id) {
            *held = run;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(browser: &str, id: &str, at: NumericDate) -> Run {
        let client = DevClient {
            name: String::new(),
            client_id: String::new(),
            client_secret: None,
            scopes: Vec::new(),
            redirect_uri: String::new(),
            kind: String::new(),
        };
        Run { client: Some(client), ..Run::new(browser, at, id.to_owned(), format!("state-{id}"), String::new()) }
    }

    #[test]
    fn a_run_is_found_by_its_own_browser_only() {
        let runs = Runs::default();
        runs.insert(run("here", "1", 0));
        assert!(runs.find("here", "1").is_some() && runs.awaiting("here", "state-1").is_some());
        assert!(runs.find("there", "1").is_none() && runs.awaiting("there", "state-1").is_none());
        assert!(runs.awaiting("here", "state-2").is_none());
    }

    #[test]
    fn runs_are_bounded_in_number_and_time() {
        let runs = Runs::default();
        for n in 0..300 {
            runs.insert(run("here", &n.to_string(), n));
        }
        assert_eq!(runs.lock().len(), MAXIMUM_RUNS);
        assert!(runs.find("here", "99").is_none() && runs.find("here", "100").is_some());
        runs.insert(run("here", "late", 299 + LIFETIME));
        assert_eq!(runs.lock().len(), 1);
    }
}
