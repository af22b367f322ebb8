//! A mail server that speaks TLS, by an authority made for one test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// When TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// After STARTTLS (RFC 3207).
    Starttls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Never: it offers no STARTTLS, or somebody in between took the offer away.
    Never,
}

/// An authority that nobody knows but who is told.
pub struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
pub struct Identity {
    certificate: Certificate,
    key: KeyPair,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut parameters = CertificateParams::new(Vec::new()).expect("parameters");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        Authority { certificate, issuer: Issuer::new(parameters, key) }
    }

    /// For `mail.ca_file`.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A certificate for these names, good until the end of that year.
    pub fn signs(&self, names: &[&str], until: i32) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = CertificateParams::new(names).expect("parameters");
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(until, 12, 31);
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        Identity { certificate, key }
    }
}

/// What came over the wire.
#[derive(Default)]
pub struct Seen {
    /// Commands that anybody in between could read.
    pub in_clear: Vec<String>,
    /// Mails, over TLS.
    pub taken: Vec<String>,
}

pub struct TlsMailServer {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl TlsMailServer {
    pub fn start(wire: Wire, identity: &Identity) -> TlsMailServer {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
        let chain = vec![identity.certificate.der().clone()];
        let config = config.expect("versions").with_no_client_auth().with_single_cert(chain, key);
        let config = Arc::new(config.expect("a certificate"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let kept = Arc::clone(&seen);
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, kept) = (Arc::clone(&config), Arc::clone(&kept));
                std::thread::spawn(move || {
                    let _limited = stream.set_read_timeout(Some(Duration::from_secs(60)));
                    serve(stream, wire, config, &kept)
                });
            }
        });
        TlsMailServer { port, seen }
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, wire: Wire, config: Arc<ServerConfig>, seen: &Mutex<Seen>) {
    if wire != Wire::Implicit {
        let offer = if wire == Wire::Starttls { "250-test\r\n250 STARTTLS" } else { "250 test" };
        let wanted = talk(&mut stream, true, offer, |command| lock(seen).in_clear.push(command), |_| {});
        if wanted != Some(()) {
            return;
        }
    }
    let Ok(connection) = ServerConnection::new(config) else { return };
    let mut tls = StreamOwned::new(connection, stream);
    talk(&mut tls, wire == Wire::Implicit, "250 test", |_| {}, |mail| lock(seen).taken.push(mail));
}

/// Until the other side leaves, or asks for TLS.
fn talk<S: Read + Write>(
    stream: &mut S,
    greets: bool,
    offer: &str,
    mut said: impl FnMut(String),
    mut mailed: impl FnMut(String),
) -> Option<()> {
    let say = |stream: &mut S, text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).ok();
    if greets {
        say(stream, "220 test ESMTP")?;
    }
    loop {
        let line = line(stream)?;
        said(line.clone());
        let answer = match line.split(' ').next().unwrap_or_default() {
            "STARTTLS" => return say(stream, "220 go on"),
            "EHLO" => offer,
            "QUIT" => "221 bye",
            "DATA" => {
                say(stream, "354 go on")?;
                let mut mail = String::new();
                loop {
                    match self::line(stream)?.as_str() {
                        "." => break,
                        text => mail.extend([text, "\r\n"]),
                    }
                }
                mailed(mail);
                "250 taken"
            }
            _ => "250 ok",
        };
        say(stream, answer)?;
    }
}

/// Byte by byte: what follows the line belongs to TLS.
fn line(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while bytes.last() != Some(&b'\n') {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
