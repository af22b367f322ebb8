//! The database URL: two schemes are known, everything else is refused with the reason.

use super::error::StoreError;

/// Where the database is.
#[derive(Clone)]
pub(super) enum Address {
    Sqlite { path: String },
    Postgres { url: String },
}

impl Address {
    /// Reads `sqlite:PATH`, `sqlite://PATH`, `postgres://...` or `postgresql://...`.
    pub(super) fn parse(url: &str) -> Result<Address, StoreError> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        match scheme {
            Some("sqlite") => sqlite(&url["sqlite:".len()..]),
            Some("postgres" | "postgresql") => postgres(url),
            // The URL may hold a password: only its scheme is repeated.
            Some(other) => refuse(format!("unknown database scheme \"{other}:\"; use sqlite:PATH or postgres://...")),
            None => refuse("the database URL has no scheme; use sqlite:PATH or postgres://...".to_owned()),
        }
    }
}

fn sqlite(rest: &str) -> Result<Address, StoreError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() {
        return refuse("sqlite: needs the path of a file".to_owned());
    }
    if path == ":memory:" || path.starts_with("file:") || path.contains('?') {
        return refuse("sqlite: takes a plain path; in-memory databases and URI options are not supported".to_owned());
    }
    Ok(Address::Sqlite { path: path.to_owned() })
}

/// The file a `sqlite:` URL names, for what stands beside it; none for every other URL.
pub fn sqlite_path(url: &str) -> Option<String> {
    match Address::parse(url) {
        Ok(Address::Sqlite { path }) => Some(path),
        _ => None,
    }
}

fn postgres(url: &str) -> Result<Address, StoreError> {
    let wants_tls = url.split_once('?').is_some_and(|(_, query)| {
        query.split('&').any(|pair| matches!(pair, "sslmode=require" | "sslmode=verify-ca" | "sslmode=verify-full"))
    });
    if wants_tls && !cfg!(feature = "postgres-tls") {
        return refuse(
            "this build has no TLS to PostgreSQL: remove sslmode, or build with --features postgres-tls".to_owned(),
        );
    }
    Ok(Address::Postgres { url: with_timeouts(url) })
}

/// libpq waits for a silent network for hours unless told otherwise; what the URL says already stays.
fn with_timeouts(url: &str) -> String {
    const TIMEOUTS: [(&str, u32); 5] = [
        ("connect_timeout", 5),
        ("keepalives_idle", 10),
        ("keepalives_interval", 5),
        ("keepalives_count", 3),
        ("tcp_user_timeout", 20_000),
    ];
    let mut url = url.to_owned();
    for (name, value) in TIMEOUTS {
        if !url.contains(&format!("{name}=")) {
            let separator = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{separator}{name}={value}"));
        }
    }
    url
}

fn refuse(reason: String) -> Result<Address, StoreError> {
    Err(StoreError::Internal(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        Address::parse(url).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_unknown_scheme_is_refused_and_never_becomes_a_file() {
        assert!(refusal("mysql://u:secret@h/d").starts_with("unknown database scheme \"mysql:\""));
        assert!(!refusal("mysql://u:secret@h/d").contains("secret"));
        assert!(refusal("grantor.db").contains("no scheme"));
        assert!(refusal("sqlite:").contains("path"));
        assert!(refusal("sqlite::memory:").contains("in-memory"));
    }

    #[test]
    fn both_spellings_of_a_sqlite_path_are_read() {
        for url in ["sqlite:/data/g.db", "sqlite:///data/g.db"] {
            assert!(matches!(Address::parse(url), Ok(Address::Sqlite { path }) if path == "/data/g.db"));
        }
    }

    #[test]
    fn a_silent_network_is_given_up_unless_the_url_says_when() {
        let Ok(Address::Postgres { url }) = Address::parse("postgres://h/d?connect_timeout=3") else {
            panic!("refused")
        };
        assert!(url.starts_with("postgres://h/d?connect_timeout=3&keepalives_idle=10&"), "{url}");
        assert!(url.ends_with("&tcp_user_timeout=20000"), "{url}");
    }

    #[cfg(not(feature = "postgres-tls"))]
    #[test]
    fn tls_is_refused_by_a_build_that_has_none() {
        assert!(refusal("postgres://h/d?connect_timeout=3&sslmode=require").contains("postgres-tls"));
        assert!(Address::parse("postgres://h/d?sslmode=disable").is_ok());
    }
}
