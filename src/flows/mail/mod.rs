//! Mail: drafted before a transaction, queued within it, sent later by whichever node claims it. No request waits for a
//! mail server, and no mail is queued for a change that did not happen.
//!
//! ```ignore
//! let Some(to) = Recipient::of(user) else { .. };
//! let draft = mail::draft(app, &Mail::PasswordChanged, &to)?;
//! app.store.write(move |write| { ..; mail::queue(write, &draft) }).await?;
//! ```

mod message;
mod recipient;

pub use message::Mail;
pub use recipient::Recipient;

use serde_json::json;

use crate::app::App;
use crate::store::mail_links::{self, MailLinkRow};
use crate::store::mails::{self, MailRow};
use crate::store::{QueryResult, StoreError, Write};

/// A mail ready to be queued, with the row of the link it carries, if it carries one. Has no `Debug`: somebody may get
/// in with it.
#[derive(Clone)]
pub struct Draft {
    mail: MailRow,
    link: Option<MailLinkRow>,
}

/// Seals under [`crate::crypto::master_key::MasterKey::seal`] are bound to this name and the mail's row id.
fn purpose(id: i64) -> String {
    format!("mails/{id}")
}

/// Writes the mail, and makes the link it carries; nothing is stored before [`queue`].
///
/// # Errors
/// The store's, when this node may not make ids.
pub fn draft(app: &App, mail: &Mail, to: &Recipient) -> Result<Draft, StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let body = json!({ "text": "", "html": "" }).to_string();
    let row = MailRow {
        id,
        kind: mail.kind().to_owned(),
        recipient: to.address().to_owned(),
        subject: String::new(),
        sealed: Some(app.keys.master.seal(&purpose(id), body.as_bytes())),
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
    Ok(Draft { mail: row, link: None })
}

/// Puts the mail into the queue, in the transaction of the change it tells of.
///
/// # Errors
/// The database's.
pub fn queue(write: &mut Write<'_>, draft: &Draft) -> QueryResult<()> {
    if let Some(link) = &draft.link {
        mail_links::insert(write, link)?;
    }
    mails::insert(write, &draft.mail)?;
    Ok(())
}
