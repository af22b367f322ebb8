//! Public documents of upstream providers (discovery, keys), kept for a while; an unknown key makes one more fetch a
//! minute and no more, however many tokens name it (C30).

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use super::upstream::Upstream;
use super::{OutboundError, Request};

/// How long a document is believed.
const KEPT: Duration = Duration::from_secs(600);
/// Between two fetches of the same document.
const BETWEEN: Duration = Duration::from_secs(60);
/// Documents kept.
const CAPACITY: usize = 1024;

/// Documents by URL. A fragment, which no server sees, tells versions of one document apart.
pub struct Documents(Cache<String, Kept>, &'static str);

#[derive(Clone)]
struct Kept {
    text: Arc<str>,
    fetched: Duration,
    /// When it was last fetched because something in it was missing.
    missed: Option<Duration>,
}

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
    fn default() -> Self {
        Documents(Cache::new(CAPACITY), "application/json")
    }
}

impl Documents {
    /// At most `capacity` documents of the media types in `accept`.
    pub fn of_type(accept: &'static str, capacity: usize) -> Documents {
        Documents(Cache::new(capacity), accept)
    }

    /// The document as it is now.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn anew(&self, upstream: &Upstream, url: &str, now: Duration) -> Result<Arc<str>, DocumentError> {
        self.fetch(upstream, url, now, None).await
    }

    /// The document, from memory if it is young enough. `now` is monotonic.
    ///
    /// # Errors
    /// [`DocumentError`]; failures are not kept.
    pub async fn get(&self, upstream: &Upstream, url: &str, now: Duration) -> Result<Arc<str>, DocumentError> {
        match self.0.get(url).filter(|kept| now.saturating_sub(kept.fetched) < KEPT) {
            Some(kept) => Ok(kept.text),
            None => self.fetch(upstream, url, now, None).await,
        }
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
        let kept = self.0.get(url);
        if kept.as_ref().and_then(|kept| kept.missed).is_some_and(|missed| now.saturating_sub(missed) < BETWEEN) {
            return Ok(None);
        }
        if let Some(kept) = kept {
            // Taken before the fetch, so that whoever comes meanwhile does not fetch too.
            self.0.insert(url.to_owned(), Kept { missed: Some(now), ..kept });
        }
        self.fetch(upstream, url, now, Some(now)).await.map(Some)
    }

    async fn fetch(
        &self,
        upstream: &Upstream,
        url: &str,
        now: Duration,
        missed: Option<Duration>,
    ) -> Result<Arc<str>, DocumentError> {
        let headers = vec![("accept".to_owned(), self.1.to_owned())];
        let request = Request { method: "GET", url: url.to_owned(), headers, body: String::new() };
        let answer = upstream.send(request).await?;
        if answer.status != 200 {
            return Err(DocumentError::Status(answer.status));
        }
        let text: Arc<str> = answer.body.into();
        self.0.insert(url.to_owned(), Kept { text: Arc::clone(&text), fetched: now, missed });
        Ok(text)
    }
}
