//! Public documents of others (discovery, keys, request objects), kept for a while: one visit at a time, none to where
//! there was nothing a moment ago, and for an unknown key one more a minute, however many tokens name it (C30).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::OnceCell;

use super::upstream::Upstream;
use super::{OutboundError, Request};

/// How long a document is believed.
const KEPT: Duration = Duration::from_secs(600);
/// Between two fetches of the same document, and how long a client's failure is remembered.
const BETWEEN: Duration = Duration::from_secs(60);
/// Documents of providers.
const CAPACITY: usize = 1024;
/// Bytes of all documents, for each that may be kept; most are shorter.
const BYTES_EACH: u64 = 16 * 1024;

/// Documents by URL. A fragment, which no server sees, tells versions of one document apart.
pub struct Documents {
    kept: Cache<String, Kept, Bytes>,
    /// By URL without fragment.
    failed: Cache<String, Failure>,
    flights: Flights,
    accept: &'static str,
    /// How long a failure is remembered.
    spared: Duration,
}

#[derive(Clone)]
struct Kept {
    /// None while the first visit is on its way.
    text: Option<Arc<str>>,
    fetched: Duration,
    /// When it was last fetched because something in it was missing.
    missed: Option<Duration>,
}

#[derive(Clone)]
struct Failure {
    at: Duration,
    error: DocumentError,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Kept> for Bytes {
    fn weight(&self, url: &String, kept: &Kept) -> u64 {
        let bytes = url.len() + kept.text.as_ref().map_or(0, |text| text.len());
        u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(256)
    }
}

type Outcome = Result<Arc<str>, DocumentError>;
type Flights = Mutex<HashMap<String, Arc<OnceCell<Outcome>>>>;

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// There is no answer.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The answer is another than 200; redirects are not followed.
    #[error("it answered with status {0}")]
    Status(u16),
}

impl Default for Documents {
    /// Of providers, whom people of their organization mend and try again: their failures are not remembered.
    fn default() -> Self {
        Documents::new("application/json", CAPACITY, Duration::ZERO)
    }
}

impl Documents {
    /// At most `capacity` documents of the media types in `accept`, at addresses that clients name.
    pub fn of_clients(accept: &'static str, capacity: usize) -> Documents {
        Documents::new(accept, capacity, BETWEEN)
    }

    fn new(accept: &'static str, capacity: usize, spared: Duration) -> Documents {
        let bytes = BYTES_EACH.saturating_mul(u64::try_from(capacity).unwrap_or(u64::MAX));
        Documents {
            kept: Cache::with_weighter(capacity, bytes, Bytes),
            failed: Cache::new(capacity),
            flights: Flights::default(),
            accept,
            spared,
        }
    }

    /// The document as it is now.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn anew(&self, upstream: &Upstream, url: &str, now: Duration) -> Outcome {
        self.fetch(upstream, url, now, true).await
    }

    /// The document, from memory if it is young enough. `now` is monotonic.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn get(&self, upstream: &Upstream, url: &str, now: Duration) -> Outcome {
        match self.kept(url, now) {
            Some(text) => Ok(text),
            None => self.fetch(upstream, url, now, false).await,
        }
    }

    /// The same from memory, or not at all.
    pub fn kept(&self, url: &str, now: Duration) -> Option<Arc<str>> {
        self.younger(url, now, KEPT)
    }

    /// What was fetched within the last minute.
    pub fn lately(&self, url: &str, now: Duration) -> Option<Arc<str>> {
        self.younger(url, now, BETWEEN)
    }

    /// Puts a document under another URL, too.
    pub fn keep(&self, url: &str, text: &Arc<str>, now: Duration) {
        let missed = self.kept.get(url).and_then(|kept| kept.missed);
        self.kept.insert(url.to_owned(), Kept { text: Some(Arc::clone(text)), fetched: now, missed });
    }

    /// The document again, because something in it was missing; `None` when that was so less than a minute ago, too.
    /// That it was fetched lately for itself is no hindrance: keys change whenever they like.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn again(
        &self,
        upstream: &Upstream,
        url: &str,
        now: Duration,
    ) -> Result<Option<Arc<str>>, DocumentError> {
        if !self.may_miss(url, now) {
            return Ok(None);
        }
        self.fetch(upstream, url, now, true).await.map(Some)
    }

    /// Taken before the fetch, so that whoever comes meanwhile does not fetch too.
    fn may_miss(&self, url: &str, now: Duration) -> bool {
        let _one_at_a_time = lock(&self.flights);
        let kept = self.kept.get(url).unwrap_or(Kept { text: None, fetched: now, missed: None });
        if kept.missed.is_some_and(|missed| now.saturating_sub(missed) < BETWEEN) {
            return false;
        }
        self.kept.insert(url.to_owned(), Kept { missed: Some(now), ..kept });
        true
    }

    fn younger(&self, url: &str, now: Duration, than: Duration) -> Option<Arc<str>> {
        let kept = self.kept.get(url)?;
        kept.text.filter(|_| now.saturating_sub(kept.fetched) < than)
    }

    async fn fetch(&self, upstream: &Upstream, url: &str, now: Duration, anew: bool) -> Outcome {
        let flight = Flight::join(&self.flights, url);
        let visit = || async {
            // A flight may have ended between the look into memory and here.
            if let Some(text) = self.kept(url, now).filter(|_| !anew) {
                return Ok(text);
            }
            let place = url.split('#').next().unwrap_or(url);
            let failed = self.failed.get(place).filter(|failed| now.saturating_sub(failed.at) < self.spared);
            if let Some(failed) = failed {
                return Err(failed.error);
            }
            let outcome = self.visit(upstream, url).await;
            match &outcome {
                Ok(text) => {
                    self.keep(url, text, now);
                    self.failed.remove(place);
                }
                Err(error) => self.failed.insert(place.to_owned(), Failure { at: now, error: error.clone() }),
            }
            outcome
        };
        flight.cell().get_or_init(visit).await.clone()
    }

    async fn visit(&self, upstream: &Upstream, url: &str) -> Outcome {
        let headers = vec![("accept".to_owned(), self.accept.to_owned())];
        let request = Request { method: "GET", url: url.to_owned(), headers, body: String::new() };
        let answer = upstream.send(request).await?;
        match answer.status {
            200 => Ok(answer.body.into()),
            status => Err(DocumentError::Status(status)),
        }
    }
}

/// A visit that is on its way, shared by all who want the same: if who began it gives up, another goes on.
struct Flight<'a> {
    flights: &'a Flights,
    url: &'a str,
    cell: Option<Arc<OnceCell<Outcome>>>,
}

impl<'a> Flight<'a> {
    fn join(flights: &'a Flights, url: &'a str) -> Flight<'a> {
        let cell = Arc::clone(lock(flights).entry(url.to_owned()).or_default());
        Flight { flights, url, cell: Some(cell) }
    }

    fn cell(&self) -> Arc<OnceCell<Outcome>> {
        self.cell.clone().unwrap_or_default()
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut flights = lock(self.flights);
        let Some(own) = self.cell.take() else { return };
        // Whoever comes after an end begins a flight of their own; and one that nobody waits for ends here.
        let over = own.initialized() || Arc::strong_count(&own) == 2;
        if over && flights.get(self.url).is_some_and(|cell| Arc::ptr_eq(cell, &own)) {
            flights.remove(self.url);
        }
    }
}

fn lock(flights: &Flights) -> MutexGuard<'_, HashMap<String, Arc<OnceCell<Outcome>>>> {
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "documents_tests.rs"]
mod tests;
