//! Mail: drafted before a transaction, queued within it, sent later by whichever node claims it. No request waits for a
//! mail server, and no mail tells of a change that did not happen.
//!
//! ```ignore
//! let draft = Recipient::of(user).map(|to| mail::draft(app, &Mail::PasswordChanged, &to)).transpose()?;
//! app.store.write(move |write| { ..; mail::queue(write, &draft) }).await?;
//! ```

pub mod deliver;
mod letter;
pub mod links;
pub mod mailbox;
mod message;
mod recipient;
mod words;
mod words_of_addresses;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::crypto::random;
use crate::store::mail_links::{self, MailLinkRow};
use crate::store::mails::{self, MailRow};
use crate::store::{QueryResult, StoreError, Write};

pub use message::Mail;
pub use recipient::Recipient;
pub use words::contact;

/// A mail ready to be queued, with the row of the link it carries, if it carries one. Has no `Debug`: somebody may get
/// in with it.
#[derive(Clone)]
pub struct Draft {
    mail: MailRow,
    link: Option<MailLinkRow>,
}

/// What is sealed: links in it let somebody in.
#[derive(Serialize, Deserialize)]
struct Body {
    /// Random name of the mail, the left half of its Message-ID.
    name: String,
    text: String,
    html: String,
}

impl Body {
    /// Seals are bound to this name and the mail's row id.
    fn purpose(id: i64) -> String {
        format!("mails/{id}")
    }

    fn seal(&self, app: &App, id: i64) -> Vec<u8> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        app.keys.master.seal(&Body::purpose(id), &plain)
    }

    /// None for a mail that is done, or was sealed under another key.
    fn open(app: &App, row: &MailRow) -> Option<Body> {
        let plain = app.keys.master.open(&Body::purpose(row.id), row.sealed.as_deref()?).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

/// Whether mail reaches people: over a mail server, or as a page of a development server.
pub fn is_on(app: &App) -> bool {
    app.mailer.is_some() || app.config.dev
}

/// Whether this address may get another mail of this kind: a handful an hour, so that nobody's mailbox is filled from
/// here. Ask before drafting what a stranger can cause; each kind counts alone, so that one kind of mail cannot crowd out
/// a warning.
pub fn may_send(app: &App, mail: &Mail, to: &Recipient) -> bool {
    let may = app.throttles.mails.check(&format!("{}\n{}", mail.kind(), to.address().to_lowercase())).is_ok();
    if !may {
        app.metrics.event("mail_held_back");
    }
    may
}

/// Writes the mail, and makes the link it carries; nothing is stored before [`queue`].
///
/// # Errors
/// The store's, when this node may not make ids.
pub fn draft(app: &App, mail: &Mail, to: &Recipient) -> Result<Draft, StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let made = match (mail.link(), to.user_id()) {
        (Some(kind), Some(user_id)) => Some(links::make(app, kind, user_id, to.address())?),
        _ => None,
    };
    let (link, url) = made.unzip();
    let letter = words::letter(app, mail, to, url);
    let body = Body { name: random::url_safe_text(16), text: letter.text(), html: letter.html() };
    let mail = MailRow {
        id,
        kind: mail.kind().to_owned(),
        recipient: to.address().to_owned(),
        subject: letter.subject,
        sealed: Some(body.seal(app, id)),
        user_id: to.user_id(),
        organization_id: to.organization_id(),
        created_at: now,
        next_attempt_at: Some(now),
        claimed_until: None,
        attempts: 0,
        sent_at: None,
        failed_at: None,
        last_error: None,
    };
    Ok(Draft { mail, link })
}

/// Puts mails into the queue, in the transaction of the change they tell of: a draft, an `Option` of one, or many.
///
/// # Errors
/// The database's.
pub fn queue<'a>(write: &mut Write<'_>, drafts: impl IntoIterator<Item = &'a Draft>) -> QueryResult<()> {
    for draft in drafts {
        if let Some(link) = &draft.link {
            mail_links::insert(write, link)?;
        }
        mails::insert(write, &draft.mail)?;
    }
    Ok(())
}

impl<'a> IntoIterator for &'a Draft {
    type Item = &'a Draft;
    type IntoIter = std::iter::Once<&'a Draft>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}
