//! The mail server, over SMTP (RFC 5321): one connection a mail, TLS as configured and never less, a time limit over all
//! of it. Heads are written by lettre, which encodes what it is given (ASVS 1.3.11).

use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::{Mailbox, MultiPart, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as Transport, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::config::mail::{Mail, Tls};
use crate::protocol::NumericDate;

/// Characters of a mail server's complaint that are kept.
const COMPLAINT: usize = 300;

/// RFC 5321 section 4.5.3.1.3, less the angle brackets.
const MAXIMUM_ADDRESS: usize = 254;

/// One mail.
pub struct Outgoing {
    /// Recipient.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// The same at every attempt, so that a mail that came twice can be told (RFC 5322 section 3.6.4).
    pub message_id: String,
    /// When it was written.
    pub date: NumericDate,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// Why it was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// This mail will never be taken.
    #[error("{0}")]
    Never(String),
    /// It may be taken later.
    #[error("{0}")]
    NotNow(String),
}

/// The configured mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    place: String,
    limit: Duration,
}

/// The address as it is written into envelopes, if the text is one and nothing but one: no name, no angle brackets, no
/// line end, one `@` that separates (C48).
pub fn address(text: &str) -> Option<String> {
    let plain = text.len() <= MAXIMUM_ADDRESS
        && !text.chars().any(|character| {
            character.is_control() || character.is_whitespace() || "\"<>()[],;:\\".contains(character)
        });
    let address: Address = Some(text).filter(|_| plain)?.parse().ok()?;
    (!address.user().contains('@')).then(|| address.to_string())
}

impl Mailer {
    /// The server of the configuration, or none if it names none. `own_name` is what this server calls itself there.
    ///
    /// # Errors
    /// What is wrong with `[mail]`, in words.
    pub fn new(config: &Mail, own_name: &str) -> Result<Option<Mailer>, String> {
        let Some(host) = config.host.as_deref().filter(|host| !host.is_empty()) else { return Ok(None) };
        let from = config.from.as_deref().unwrap_or_default();
        let from: Mailbox = from
            .parse()
            .map_err(|_| format!("mail.from: {from:?} is no sender such as \"grantor <no-reply@example.com>\""))?;
        let parameters = || parameters(config, host);
        let (tls, usual) = match config.tls {
            Tls::Starttls => (Transport::Required(parameters()?), 587),
            Tls::Tls => (Transport::Wrapper(parameters()?), 465),
            Tls::None if is_this_machine(host) => (Transport::None, 25),
            Tls::None => return Err(format!("mail.tls = \"none\" is for a mail server on this machine, not {host}")),
        };
        let (port, limit) = (config.port.unwrap_or(usual), Duration::from_secs(config.timeout.max(1)));
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(limit))
            .hello_name(hello(own_name));
        if let Some(name) = &config.username {
            builder = builder.credentials(Credentials::new(name.clone(), password(config)?));
        }
        Ok(Some(Mailer { transport: builder.build(), from, place: format!("{host}:{port}"), limit }))
    }

    /// `host:port`, for people.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Connecting, greeting, signing in and handing over: what takes longer is no answer.
    pub fn time_limit(&self) -> Duration {
        self.limit
    }

    /// Hands the mail over. After `Ok` the mail server answers for it.
    ///
    /// # Errors
    /// [`Unsent`]; after a time limit it may have been taken all the same.
    pub async fn send(&self, mail: &Outgoing) -> Result<(), Unsent> {
        let message = self.message(mail).map_err(Unsent::Never)?;
        let sent = tokio::time::timeout(self.limit, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_accepted)) => Ok(()),
            Ok(Err(error)) => {
                let code = error.status().map(u16::from);
                let text = complaint(&error);
                // What is said about the recipient is final; everything else may be about us, and be put right.
                if matches!(code, Some(550 | 551 | 553)) { Err(Unsent::Never(text)) } else { Err(Unsent::NotNow(text)) }
            }
            Err(_elapsed) => Err(Unsent::NotNow(format!("no answer within {} seconds", self.limit.as_secs()))),
        }
    }

    /// Whether the mail server would take mail: connects, greets, signs in, and leaves.
    ///
    /// # Errors
    /// What it said.
    pub async fn probe(&self) -> Result<(), String> {
        match tokio::time::timeout(self.limit, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("it does not answer".to_owned()),
            Ok(Err(error)) => Err(complaint(&error)),
            Err(_elapsed) => Err(format!("no answer within {} seconds", self.limit.as_secs())),
        }
    }

    fn message(&self, mail: &Outgoing) -> Result<Message, String> {
        let to: Address = mail.to.parse().map_err(|_| "the recipient is no address".to_owned())?;
        let written = UNIX_EPOCH + Duration::from_secs(mail.date.max(0).unsigned_abs());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.as_str())
            .date(written)
            .message_id(Some(mail.message_id.clone()))
            // Nobody's holiday notice comes back (RFC 3834 section 5).
            .raw_header(header::HeaderValue::new(
                header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| error.to_string())
    }
}

/// Whom to believe that the server is `host`: the system's authorities, and those of `mail.ca_file`.
fn parameters(config: &Mail, host: &str) -> Result<TlsParameters, String> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = &config.ca_file {
        let said = |what: &dyn std::fmt::Display| format!("mail.ca_file {}: {what}", path.display());
        let pem = std::fs::read(path).map_err(|error| said(&error))?;
        if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(said(&"there is no certificate in it"));
        }
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| said(&error))?);
    }
    parameters.build_rustls().map_err(|error| format!("mail.host: {error}"))
}

fn is_this_machine(host: &str) -> bool {
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    host == "localhost" || literal.is_some_and(|address| address.is_loopback())
}

fn hello(own_name: &str) -> ClientId {
    match own_name.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(own_name.to_owned()),
    }
}

fn password(config: &Mail) -> Result<String, String> {
    match (&config.password, &config.password_file) {
        (Some(password), _) => Ok(password.clone()),
        (None, Some(path)) => {
            let text =
                std::fs::read_to_string(path).map_err(|e| format!("mail.password_file {}: {e}", path.display()))?;
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        (None, None) => Err("mail.username needs mail.password_file or GRANTOR__MAIL__PASSWORD".to_owned()),
    }
}

/// What went wrong in one line: it ends up in a column and in the log.
fn complaint(error: &lettre::transport::smtp::Error) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    let text = format!("{error}{source}");
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(COMPLAINT).collect()
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
