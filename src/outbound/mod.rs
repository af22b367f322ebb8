//! The one HTTP client: https, no private addresses, no redirects, bounded in time and size (SSRF: ASVS 1.3.6).
//! Plain http, and addresses of this machine, only for a development server that calls itself.

mod addresses;
pub mod documents;
pub mod mail;
pub mod upstream;

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use reqwest::Url;
use reqwest::redirect::Policy;

use addresses::Addresses;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer's body that are read.
const MAXIMUM_BODY: usize = 256 * 1024;

/// Where requests may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// https to public addresses.
    Public,
    /// http to a literal loopback address of this machine: `grantor dev` talking to itself.
    Loopback,
}

/// One request. Has no `Debug`: header and body may hold secrets.
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// Name and value.
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    pub body: String,
}

/// Its answer, whatever the status. Has no `Debug`: it may hold secrets.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Name and value; values that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The address may not be called.
    #[error("this address may not be called: {0}")]
    Forbidden(&'static str),
    /// The other side cannot be reached, or is too slow.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is longer than is ever useful.
    #[error("the answer is longer than any useful one")]
    TooLong,
}

/// Sends one request and reads the whole answer. A redirect is an answer, never followed.
///
/// # Errors
/// [`OutboundError`].
pub async fn send(reach: Reach, request: Request) -> Result<Answer, OutboundError> {
    let url = allowed(reach, &request.url)?;
    exchange(client(reach)?, url, request, MAXIMUM_BODY).await
}

async fn exchange(
    client: &reqwest::Client,
    url: Url,
    request: Request,
    maximum: usize,
) -> Result<Answer, OutboundError> {
    let method = if request.method == "POST" { reqwest::Method::POST } else { reqwest::Method::GET };
    let mut builder = client.request(method, url);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    if !request.body.is_empty() {
        builder = builder.body(request.body);
    }
    let mut response = builder.send().await.map_err(no_answer)?;
    let status = response.status().as_u16();
    let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers = response.headers().iter().filter_map(text).collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > maximum {
            return Err(OutboundError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

/// A URL without user name, and its host where that is an address: a literal one never meets the resolver.
fn parsed(url: &str) -> Result<(Url, Option<IpAddr>), OutboundError> {
    let url = Url::parse(url).map_err(|_| OutboundError::Forbidden("it is not a URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OutboundError::Forbidden("it holds a user name"));
    }
    let host = url.host_str().ok_or(OutboundError::Forbidden("it has no host"))?;
    let literal = host.trim_matches(['[', ']']).parse().ok();
    Ok((url, literal))
}

fn allowed(reach: Reach, url: &str) -> Result<Url, OutboundError> {
    let (url, literal) = parsed(url)?;
    let host = url.host_str().unwrap_or_default();
    match (reach, url.scheme(), literal) {
        (Reach::Loopback, "http" | "https", Some(address)) if address.is_loopback() => Ok(url),
        (Reach::Loopback, "http" | "https", None) if host == "localhost" => Ok(url),
        (Reach::Loopback, ..) => Err(OutboundError::Forbidden("it is not on this machine")),
        (Reach::Public, "https", Some(address)) if !addresses::is_public(address) => {
            Err(OutboundError::Forbidden("it is a private address"))
        }
        (Reach::Public, "https", _) => Ok(url),
        (Reach::Public, ..) => Err(OutboundError::Forbidden("it is not https")),
    }
}

/// Made at first use: reading the machine's root certificates is not free, and most servers never call anybody.
fn client(reach: Reach) -> Result<&'static reqwest::Client, OutboundError> {
    static PUBLIC: LazyLock<Result<reqwest::Client, String>> = LazyLock::new(|| {
        build(reqwest::Client::builder().https_only(true).dns_resolver(Arc::new(Addresses::default())))
    });
    static LOOPBACK: LazyLock<Result<reqwest::Client, String>> = LazyLock::new(|| build(reqwest::Client::builder()));
    let client = match reach {
        Reach::Public => &*PUBLIC,
        Reach::Loopback => &*LOOPBACK,
    };
    client.as_ref().map_err(|error| OutboundError::NoAnswer(error.clone()))
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, String> {
    builder
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        // Every worker thread has a runtime of its own: a connection kept by one may die under another's request.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("grantor/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}

/// The URL is left out of the text: it may hold a secret.
fn no_answer(error: reqwest::Error) -> OutboundError {
    let error = error.without_url();
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    OutboundError::NoAnswer(format!("{error}{source}"))
}

#[cfg(test)]
#[path = "outbound_tests.rs"]
mod tests;
