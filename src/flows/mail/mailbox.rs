//! What a development server would have sent, for its page: there bodies stay in the queue for a day.

use super::Body;
use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::{StoreError, mails};

/// Mails shown.
const NEWEST: i64 = 50;

/// One mail, opened. Has no `Debug`: links in it let somebody in.
pub struct ShownMail {
    /// Random name.
    pub name: String,
    /// Which mail.
    pub kind: String,
    /// Recipient.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// When it was written.
    pub at: NumericDate,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// The newest mails whose bodies are still there, newest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App) -> Result<Vec<ShownMail>, StoreError> {
    let rows = app.store.read(|conn| mails::newest(conn, NEWEST)).await?;
    let open = |row: mails::MailRow| {
        let body = Body::open(app, &row)?;
        Some(ShownMail {
            name: body.name,
            kind: row.kind,
            to: row.recipient,
            subject: row.subject,
            at: row.created_at,
            text: body.text,
            html: body.html,
        })
    };
    Ok(rows.into_iter().filter_map(open).collect())
}

/// The one of this name.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, name: &str) -> Result<Option<ShownMail>, StoreError> {
    Ok(list(app).await?.into_iter().find(|mail| mail.name == name))
}
