//! A look at configuration, keys and database by somebody who has seen them go wrong.

use serde::Serialize;

use super::migrate;
use super::signing_keys::{self, SigningKeyState};
use crate::app::App;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::{Backend, StoreError, diagnosis, logout_tokens, mails};

/// How a thing looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Works, but will bite.
    Warning,
    /// Does not work.
    Wrong,
}

/// One thing looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How it looks.
    pub verdict: Verdict,
    /// What was looked at.
    pub about: &'static str,
    /// What there is to say.
    pub says: String,
}

/// Looks at everything. That an app is there proves configuration, master key and schema already.
///
/// # Errors
/// The store's.
pub async fn examine(app: &App) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut add = |verdict, about, says: String| findings.push(Finding { verdict, about, says });
    issuer(app, &mut add);
    master_key(app, &mut add);
    let config = app.config.clone();
    let pending = tokio::task::spawn_blocking(move || migrate::pending(&config)).await;
    match pending.map_err(|error| StoreError::Internal(error.to_string()))?? {
        pending if pending.is_empty() => add(Verdict::Fine, "tables", "up to date".to_owned()),
        pending => add(Verdict::Wrong, "tables", format!("pending: {}; run `grantor migrate`", pending.join(", "))),
    }
    keys(app, &mut add).await?;
    mail(app, &mut add).await?;
    logouts(app, &mut add).await?;
    let seen = app.store.read(diagnosis::look).await?;
    add(Verdict::Fine, "database", seen.version);
    if app.store.backend() == Backend::Postgres {
        match seen.pooled_by_transaction || app.config.database.url.contains(":6432") {
            true => add(
                Verdict::Warning,
                "connections",
                "a pooler seems to stand before PostgreSQL: it must pool by session, not by transaction, or prepared \
                 statements and locks break"
                    .to_owned(),
            ),
            false => add(Verdict::Fine, "connections", "straight to PostgreSQL".to_owned()),
        }
        let skew = app.store.skew_millis().abs();
        match skew > 2000 {
            true => add(Verdict::Wrong, "clock", format!("{skew} ms off the database's: check NTP")),
            false => add(Verdict::Fine, "clock", format!("{skew} ms off the database's")),
        }
    }
    Ok(findings)
}

fn issuer(app: &App, add: &mut impl FnMut(Verdict, &'static str, String)) {
    let server = &app.config.server;
    let issuer = app.issuer.as_str();
    match app.issuer.is_secure() {
        true => add(Verdict::Fine, "issuer", issuer.to_owned()),
        false => add(Verdict::Warning, "issuer", format!("{issuer} is for this machine only; the world needs https")),
    }
    if app.issuer.is_secure() && server.tls_certificate.is_none() && server.trusted_proxies.is_empty() {
        add(
            Verdict::Warning,
            "proxy",
            "neither TLS here (server.tls_certificate) nor a proxy that is believed (server.trusted_proxies): every \
             visitor will have the proxy's address, and limits hit all at once"
                .to_owned(),
        );
    }
}

/// Asks the mail server too: a wrong password there is found out before somebody waits for a link.
async fn mail(app: &App, add: &mut impl FnMut(Verdict, &'static str, String)) -> Result<(), StoreError> {
    let now = app.clock.now();
    let waiting = app.store.read(move |conn| mails::waiting(conn, now - 24 * 3600)).await?;
    let queue = match (waiting.count, waiting.since) {
        (0, _) | (_, None) => "no mail waits".to_owned(),
        (count, Some(since)) => format!("{count} wait, the oldest for {} minutes", (now - since) / 60),
    };
    let Some(mailer) = &app.mailer else {
        add(
            Verdict::Warning,
            "mail",
            format!(
                "no mail server (mail.host): nobody can reset a password or confirm an address, and invitations stay \
                 here; {queue}"
            ),
        );
        return Ok(());
    };
    match mailer.probe().await {
        Ok(()) if waiting.given_up > 0 => {
            let given_up = waiting.given_up;
            add(Verdict::Warning, "mail", format!("{given_up} mails were given up since yesterday; {queue}"));
        }
        Ok(()) => add(Verdict::Fine, "mail", format!("{} takes mail; {queue}", mailer.place())),
        Err(error) => add(Verdict::Wrong, "mail", format!("{}: {error}; {queue}", mailer.place())),
    }
    Ok(())
}

/// Clients that are to be told of logouts.
async fn logouts(app: &App, add: &mut impl FnMut(Verdict, &'static str, String)) -> Result<(), StoreError> {
    let now = app.clock.now();
    let waiting = app.store.read(move |conn| logout_tokens::waiting(conn, now - 24 * 3600)).await?;
    let queue = match (waiting.count, waiting.since) {
        (0, _) | (_, None) => "no application waits to be told of a logout".to_owned(),
        (count, Some(since)) => format!("{count} logout tokens wait, the oldest for {} minutes", (now - since) / 60),
    };
    match waiting.given_up {
        0 => add(Verdict::Fine, "logout", queue),
        given_up => add(
            Verdict::Warning,
            "logout",
            format!("{given_up} were given up since yesterday, see the events logout.untold; {queue}"),
        ),
    }
    Ok(())
}

async fn keys(app: &App, add: &mut impl FnMut(Verdict, &'static str, String)) -> Result<(), StoreError> {
    let (keys, now) = (signing_keys::list(app).await?, app.clock.now());
    let signing = |algorithm: &SigningAlgorithm| {
        keys.iter().any(|key| key.algorithm == algorithm.as_str() && key.state == SigningKeyState::Signing)
    };
    let (sign, missing): (Vec<_>, Vec<_>) = SigningAlgorithm::ALL.into_iter().partition(signing);
    let names = |of: &[SigningAlgorithm]| of.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
    let signs = keys.iter().filter(|key| key.state == SigningKeyState::Signing);
    let overdue = signs.filter_map(|key| key.next_rotation).any(|next| next < now);
    match (missing.is_empty(), overdue) {
        (false, _) => add(
            Verdict::Warning,
            "signing keys",
            format!("nothing signs {}: the server makes missing keys when it starts", names(&missing)),
        ),
        (true, true) => add(
            Verdict::Warning,
            "signing keys",
            "rotation is overdue: is a server running, and what does its log say?".to_owned(),
        ),
        (true, false) => add(Verdict::Fine, "signing keys", format!("{} sign", names(&sign))),
    }
    Ok(())
}

fn master_key(app: &App, add: &mut impl FnMut(Verdict, &'static str, String)) {
    let secrets = &app.config.secrets;
    let place = match (&secrets.master_key, &secrets.master_key_file) {
        (Some(_), _) => "the environment".to_owned(),
        (None, Some(path)) => path.display().to_string(),
        (None, None) => "the file beside the database".to_owned(),
    };
    let says = format!(
        "opens this database; it comes from {place} and is NOT in a backup of the database: keep a copy apart, without \
         it the server does not start on a restored one"
    );
    add(Verdict::Fine, "master key", says);
}
