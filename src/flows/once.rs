//! Forms that make a secret are good once: sent again, by a reload or a second click, they make no second one.

use super::session::SignedIn;
use crate::app::App;
use crate::crypto::digest::sha256;
use crate::crypto::random;
use crate::store::{StoreError, used_marks};

/// Seconds a form is remembered; its session's token for forms is void by then.
const REMEMBERED: i64 = 7 * 86_400;

/// A name for a new form.
pub fn name() -> String {
    random::url_safe_text(16)
}

/// Whether the form of this name is sent for the first time in this session. Remembered before anything is made: of two
/// clicks at once one makes nothing. A form without a name is none of ours.
///
/// # Errors
/// The store's.
pub async fn first_use(app: &App, who: &SignedIn, name: &str) -> Result<bool, StoreError> {
    if name.is_empty() {
        return Ok(false);
    }
    let (mark, until) = (mark(who, name), app.clock.now() + REMEMBERED);
    app.store.write(move |write| used_marks::first_use(write, &mark, until)).await
}

/// Forgets a form that was refused, so that it may be sent again with better words in it.
///
/// # Errors
/// The store's.
pub async fn refused(app: &App, who: &SignedIn, name: &str) -> Result<(), StoreError> {
    let mark = mark(who, name);
    app.store.write(move |write| used_marks::forget(write, &mark)).await?;
    Ok(())
}

fn mark(who: &SignedIn, name: &str) -> [u8; 32] {
    sha256(&[b"grantor/form/v1", who.session.sid.as_bytes(), b"/", name.as_bytes()])
}
