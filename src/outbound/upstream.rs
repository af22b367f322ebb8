//! Calls to organizations' upstream providers, and to addresses that clients name: they come from people, so each is
//! judged (ASVS 1.3.6), and what they send back is short or dropped.

use std::sync::{Arc, OnceLock};

use ipnet::IpNet;

use super::addresses::Addresses;
use super::{Answer, OutboundError, Request, build, exchange, parsed};

/// The text is no PEM file with certificates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it holds no PEM certificate that can be read")]
pub struct NotCertificates;

/// Bytes of an upstream's answer that are read.
pub const MAXIMUM_DOCUMENT: usize = 64 * 1024;

/// The way to upstream providers, or to what clients name.
pub struct Upstream {
    addresses: Addresses,
    authorities: Vec<reqwest::Certificate>,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl Upstream {
    /// https to public addresses and the networks in `allowed`; with `loopback`, which is for development, plain http to
    /// this machine too.
    pub fn new(allowed: Vec<IpNet>, loopback: bool) -> Upstream {
        Upstream { addresses: Addresses { allowed, loopback }, authorities: Vec::new(), client: OnceLock::new() }
    }

    /// The same, believing these certificate authorities besides the machine's.
    ///
    /// # Errors
    /// [`NotCertificates`].
    pub fn trusting(self, pem: &[u8]) -> Result<Upstream, NotCertificates> {
        let authorities = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| NotCertificates)?;
        match authorities.is_empty() {
            true => Err(NotCertificates),
            false => Ok(Upstream { authorities, ..self }),
        }
    }

    /// Whether a URL may be called at all, before anybody calls it.
    ///
    /// # Errors
    /// [`OutboundError::Forbidden`].
    pub fn check(&self, url: &str) -> Result<(), OutboundError> {
        let (url, literal) = parsed(url)?;
        let this_machine = literal.is_some_and(|address| address.is_loopback()) || url.host_str() == Some("localhost");
        match (url.scheme(), literal) {
            ("https", Some(address)) if !self.addresses.allow(address) => {
                Err(OutboundError::Forbidden("it is a private address"))
            }
            ("https", _) => Ok(()),
            ("http", _) if this_machine && self.addresses.loopback => Ok(()),
            _ => Err(OutboundError::Forbidden("it is not https")),
        }
    }

    /// Sends one request. A redirect is an answer, never followed.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn send(&self, request: Request) -> Result<Answer, OutboundError> {
        self.check(&request.url)?;
        let (url, _) = parsed(&request.url)?;
        let client = self.client.get_or_init(|| {
            let builder = reqwest::Client::builder().dns_resolver(Arc::new(self.addresses.clone()));
            build(builder.tls_certs_merge(self.authorities.iter().cloned()))
        });
        let client = client.as_ref().map_err(|error| OutboundError::NoAnswer(error.clone()))?;
        exchange(client, url, request, MAXIMUM_DOCUMENT).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_not_taken_for_one() {
        for text in ["", "hello", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            assert_eq!(
                Upstream::new(Vec::new(), false).trusting(text.as_bytes()).err(),
                Some(NotCertificates),
                "{text}"
            );
        }
    }

    /// A60: a name is judged by where it leads when it is called, whatever it led to before (DNS rebinding).
    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_followed() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let url = format!("https://localhost:{port}/");
        let get = |url: &str| Request { method: "GET", url: url.to_owned(), headers: Vec::new(), body: String::new() };
        let inside = || vec!["127.0.0.0/8".parse().expect("a network")];
        for (upstream, comes) in [(Upstream::new(Vec::new(), false), false), (Upstream::new(inside(), false), true)] {
            assert_eq!(upstream.check(&url), Ok(()), "nothing is known of a name");
            // Nobody speaks TLS there; that somebody comes is enough.
            let came = async {
                while listener.accept().is_err() {
                    tokio::task::yield_now().await;
                }
            };
            let came = tokio::select! {
                answer = upstream.send(get(&url)) => { assert!(answer.is_err()); false }
                () = came => true,
            };
            assert_eq!(came, comes);
        }
    }

    /// A60, ASVS 1.3.6.
    #[test]
    fn an_upstream_is_public_or_on_a_network_the_operator_named() {
        let public = Upstream::new(Vec::new(), false);
        let inside = Upstream::new(vec!["10.20.0.0/16".parse().expect("a network")], false);
        let development = Upstream::new(Vec::new(), true);
        for (url, expected) in [
            ("https://id.example.com/x", [true, true, true]),
            ("https://10.20.3.4/", [false, true, false]),
            ("https://10.21.3.4/", [false, false, false]),
            ("https://[::ffff:10.20.3.4]/", [false, true, false]),
            ("https://127.0.0.1/", [false, false, true]),
            ("http://127.0.0.1:9/", [false, false, true]),
            ("http://localhost:9/", [false, false, true]),
            ("http://10.20.3.4/", [false, false, false]),
            ("http://id.example.com/", [false, false, false]),
            ("https://user@id.example.com/", [false, false, false]),
            ("https://169.254.169.254/latest", [false, false, false]),
            ("file:///etc/passwd", [false, false, false]),
        ] {
            let found = [&public, &inside, &development].map(|upstream| upstream.check(url).is_ok());
            assert_eq!(found, expected, "{url}");
        }
    }
}
