//! `[mail]`: the mail server, and whom people ask when there is none.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How the connection to the mail server is protected. Never by chance: what is asked for must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// TLS after a STARTTLS that must succeed (RFC 3207), usually port 587.
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314), usually port 465.
    Tls,
    /// None; only to a mail server on this machine.
    None,
}

/// Mail goes out over one server. Without `host` it waits in the queue for a day and is dropped then.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The mail server's name.
    pub host: Option<String>,
    /// Its port; the usual one for `tls` when unset.
    pub port: Option<u16>,
    /// `starttls`, `tls` or `none`.
    pub tls: Tls,
    /// Account there, if it asks for one.
    pub username: Option<String>,
    /// Its password; meant for `GRANTOR__MAIL__PASSWORD`.
    #[serde(skip_serializing)]
    pub password: Option<String>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
    /// A file with certificates, in PEM, of authorities to trust there besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Seconds one mail may take, from connecting to being accepted.
    pub timeout: u64,
    /// Sender, such as `grantor <no-reply@example.com>`.
    pub from: Option<String>,
    /// Whom people ask who cannot be helped by mail, as the pages say it: a name, an address, a telephone number.
    pub contact: Option<String>,
}

impl Default for Mail {
    fn default() -> Self {
        Mail {
            host: None,
            port: None,
            tls: Tls::Starttls,
            username: None,
            password: None,
            password_file: None,
            ca_file: None,
            timeout: 30,
            from: None,
            contact: None,
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}
