//! Sending what is queued. Any node may: a guarded update gives each mail to one of them for as long as an attempt can
//! last. The mail server's acceptance and our note of it cannot be one step: a node that dies in between leaves a claim
//! that ends, and the mail goes out once more, with the same Message-ID.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::Body;
use super::links;
use crate::app::App;
use crate::outbound::mail::{Mailer, Outgoing, Unsent};
use crate::protocol::NumericDate;
use crate::store::StoreError;
use crate::store::mails::{self, MailRow};

/// Between two looks at the queue.
const PERIOD: Duration = Duration::from_secs(3);

/// Mails on their way at once from one node.
const BATCH: i64 = 8;

/// Seconds a mail is tried.
const DAY: i64 = 24 * 3600;

/// Seconds between two attempts, at first and at most.
const FIRST_WAIT: i64 = 60;
const LONGEST_WAIT: i64 = 3600;

/// Seconds a claim outlasts the attempt, for the note of its end.
const CLAIM_MARGIN: i64 = 60;

/// Sends until `stop` turns true; an attempt under way is not broken off here.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    if !super::is_on(&app) {
        tracing::warn!("no mail server is configured ([mail] host): no mail goes out, and nobody can reset a password");
    }
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            // The answer holds a lock, which must not live on into the other arm.
            () = async { drop(stop.wait_for(|stopped| *stopped).await) } => break,
        }
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "the mail queue cannot be read; trying again");
        }
    }
}

/// Sends what is due and gives up what nobody could send for too long; the count of mails sent.
///
/// # Errors
/// The store's; what was sent until then is noted.
pub async fn round(app: &App) -> Result<usize, StoreError> {
    give_up_overdue(app).await?;
    let Some(mailer) = &app.mailer else { return Ok(0) };
    let mut sent = 0;
    loop {
        let (claimed_until, mails) = claim(app, mailer).await?;
        let attempts = join_all(mails.iter().map(|mail| attempt(app, mailer, mail, claimed_until))).await;
        let taken = attempts.iter().filter(|taken| **taken).count();
        sent += taken;
        // A mail server that takes nothing now is left alone until the next look.
        if taken == 0 {
            return Ok(sent);
        }
    }
}

/// Takes a batch for this node. The attempt counts from here on, so that a mail that kills its node is not tried for ever.
async fn claim(app: &App, mailer: &Mailer) -> Result<(NumericDate, Vec<MailRow>), StoreError> {
    let now = app.clock.now();
    let until = now + i64::try_from(mailer.time_limit().as_secs()).unwrap_or(DAY) + CLAIM_MARGIN;
    let due = app.store.read(move |conn| mails::due(conn, now, BATCH)).await?;
    if due.is_empty() {
        return Ok((until, due));
    }
    let claimed = app.store.write(move |write| {
        let mut claimed = Vec::new();
        for mail in &due {
            if mails::claim(write, mail.id, now, until)? == 1 {
                claimed.push(MailRow { attempts: mail.attempts + 1, ..mail.clone() });
            }
        }
        Ok(claimed)
    });
    Ok((until, claimed.await?))
}

/// One mail, to whatever end; whether it was sent.
async fn attempt(app: &App, mailer: &Mailer, mail: &MailRow, claimed_until: NumericDate) -> bool {
    let outcome = match Body::open(app, mail) {
        _ if app.clock.now() >= worthless_at(mail) => Err(Unsent::Never("it came to its end unsent".to_owned())),
        None => Err(Unsent::Never("its body does not open under this master key".to_owned())),
        Some(body) => {
            let outgoing = Outgoing {
                to: mail.recipient.clone(),
                subject: mail.subject.clone(),
                message_id: message_id(app, &body.name),
                date: mail.created_at,
                text: body.text,
                html: body.html,
            };
            mailer.send(&outgoing).await
        }
    };
    let noted = match &outcome {
        Ok(()) => note_sent(app, mail.id).await,
        Err(unsent) => note_unsent(app, mail, claimed_until, unsent).await,
    };
    if let Err(error) = noted {
        tracing::error!(%error, kind = mail.kind, "what became of a mail could not be noted; it is tried again later");
    }
    outcome.is_ok()
}

/// Worth some patience: without this note the mail goes out once more.
async fn note_sent(app: &App, id: i64) -> Result<(), StoreError> {
    app.metrics.event("mail_sent");
    let mut tries = 0;
    loop {
        let now = app.clock.now();
        match app.store.write(move |write| mails::sent(write, id, now)).await {
            Ok(_) => return Ok(()),
            Err(error) if tries == 5 => return Err(error),
            Err(_) => tries += 1,
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn note_unsent(app: &App, mail: &MailRow, claimed_until: NumericDate, unsent: &Unsent) -> Result<(), StoreError> {
    let (id, now, text) = (mail.id, app.clock.now(), unsent.to_string());
    let next = now + wait(mail.attempts);
    let hopeless = matches!(unsent, Unsent::Never(_)) || next >= worthless_at(mail);
    // The address is not logged: it is a person's.
    if hopeless {
        app.metrics.event("mail_given_up");
        tracing::warn!(kind = mail.kind, attempts = mail.attempts, reason = text, "a mail is given up");
        app.store.write(move |write| mails::give_up(write, id, now, &text)).await?;
    } else {
        app.metrics.event("mail_postponed");
        tracing::warn!(kind = mail.kind, attempts = mail.attempts, reason = text, "a mail could not be sent yet");
        app.store.write(move |write| mails::postpone(write, id, claimed_until, next, &text)).await?;
    }
    Ok(())
}

/// One minute, two, four .. an hour.
fn wait(attempts: i64) -> i64 {
    let doubled = u32::try_from(attempts.clamp(1, 10) - 1).map_or(LONGEST_WAIT, |doublings| FIRST_WAIT << doublings);
    doubled.min(LONGEST_WAIT)
}

/// After that nobody wants it: a day, or the end of the link that is all it is about.
fn worthless_at(mail: &MailRow) -> NumericDate {
    let only_a_link = matches!(&*mail.kind, "password_reset" | "set_password" | "verify_email" | "change_email");
    mail.created_at + if only_a_link { links::LIFETIME } else { DAY }
}

/// Whether or not there is a mail server: bodies do not lie about for ever.
async fn give_up_overdue(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let overdue = app.store.read(move |conn| mails::overdue(conn, now, now - DAY, 100)).await?;
    for mail in overdue {
        app.metrics.event("mail_given_up");
        tracing::warn!(
            kind = mail.kind,
            attempts = mail.attempts,
            "a mail is given up: nobody could send it for a day"
        );
        let text = mail.last_error.unwrap_or_else(|| "no mail server is configured".to_owned());
        app.store.write(move |write| mails::give_up(write, mail.id, now, &text)).await?;
    }
    Ok(())
}

fn message_id(app: &App, name: &str) -> String {
    // The brackets of an IPv6 address would be a domain literal of another syntax.
    let host = app.issuer.host().trim_matches(['[', ']']).replace(':', "-");
    format!("<{name}@{host}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_become_rarer_up_to_an_hour() {
        let waits: Vec<i64> = (0..9).map(wait).collect();
        assert_eq!(waits, [60, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }
}
