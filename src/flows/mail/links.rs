//! Links sent by mail: 256 random bits, kept as a digest, bound to a person and an address, good once and for an hour,
//! and only as long as the password stands that stood when they were made (C60, C62, C64).

use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind, TokenText};
use crate::store::mail_links::{self, MailLinkRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, Conn, QueryResult, StoreError, Write, email_addresses};

/// Seconds a link works.
pub const LIFETIME: i64 = 3600;

/// What a link is for; one made for one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The address is the account's, and is proven.
    VerifyEmail,
    /// The address becomes the account's main one.
    ChangeEmail,
    /// The address becomes a further one of the account.
    AddEmail,
    /// A new password.
    ResetPassword,
    /// A first password.
    SetPassword,
}

impl LinkKind {
    /// Those that set a password.
    pub const OF_PASSWORDS: [LinkKind; 2] = [LinkKind::ResetPassword, LinkKind::SetPassword];
    /// Those that prove an address.
    pub const OF_ADDRESSES: [LinkKind; 3] = [LinkKind::VerifyEmail, LinkKind::ChangeEmail, LinkKind::AddEmail];

    /// As the column has it.
    pub fn name(self) -> &'static str {
        match self {
            LinkKind::VerifyEmail => "verify_email",
            LinkKind::ChangeEmail => "change_email",
            LinkKind::AddEmail => "add_email",
            LinkKind::ResetPassword => "reset_password",
            LinkKind::SetPassword => "set_password",
        }
    }

    /// The page the link opens, below the issuer.
    pub fn path(self) -> &'static str {
        match self {
            LinkKind::VerifyEmail | LinkKind::ChangeEmail | LinkKind::AddEmail => "/account/email/confirm",
            LinkKind::ResetPassword | LinkKind::SetPassword => "/recover/new",
        }
    }
}

/// A link that works now.
pub struct GoodLink {
    /// Its row.
    pub row: MailLinkRow,
    /// Whose it is.
    pub user: UserRow,
    /// What it is for.
    pub kind: LinkKind,
}

/// The row of a new link, and its address.
pub(super) fn make(app: &App, kind: LinkKind, user_id: i64, email: &str) -> Result<(MailLinkRow, String), StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let token = PlainToken::new(TokenKind::MailLink, id, random::secret().expose());
    let row = MailLinkRow {
        id,
        kind: kind.name().to_owned(),
        user_id,
        email: email.to_owned(),
        digest: token.digest().as_bytes().to_vec(),
        created_at: now,
        expires_at: now + LIFETIME,
        used_at: None,
    };
    Ok((row, app.issuer.endpoint(&format!("{}?token={}", kind.path(), token.expose()))))
}

/// The link a token opens, if it works now for one of these purposes. Looking uses nothing up, so that a mail scanner
/// cannot.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, kinds: &'static [LinkKind], token: &str) -> Result<Option<GoodLink>, StoreError> {
    let Ok(parsed) = TokenText::parse(TokenKind::MailLink, token) else { return Ok(None) };
    let (id, now) = (parsed.id, app.clock.now());
    let found = app
        .store
        .read(move |conn| {
            let Some(row) = mail_links::find(conn, id)? else { return Ok(None) };
            let Some(kind) = kinds.iter().copied().find(|kind| kind.name() == row.kind) else { return Ok(None) };
            let Some(user) = UserRow::load(conn, row.user_id)? else { return Ok(None) };
            Ok(is_honoured(conn, &row, kind, &user)?.then_some(GoodLink { row, user, kind }))
        })
        .await?;
    let good = |link: &GoodLink| {
        parsed.digest.matches(&link.row.digest)
            && link.row.used_at.is_none()
            && now < link.row.expires_at
            && link.row.id >= app.keys.epoch
    };
    Ok(found.filter(good))
}

/// Uses the link within a transaction that holds the person's row: the person as they are now, or none when the link
/// works no more. With one that sets a password every other link of theirs is void, with one that proves an address every
/// other one that was sent there.
///
/// # Errors
/// The database's.
pub fn use_up(write: &mut Write<'_>, row: &MailLinkRow, kind: LinkKind, now: i64) -> QueryResult<Option<UserRow>> {
    if mail_links::use_up(write, row.id, now)? == 0 {
        return Ok(None);
    }
    let Some(user) = UserRow::load(write, row.user_id)? else { return Ok(None) };
    if !is_honoured(write, row, kind, &user)? {
        return Ok(None);
    }
    match LinkKind::OF_PASSWORDS.contains(&kind) {
        true => mail_links::void_all(write, row.user_id, now)?,
        false => mail_links::void_at(write, row.user_id, &row.email, now)?,
    };
    Ok(Some(user))
}

/// A password change or a sign-out everywhere voids what was sent before; an address that is no more the account's voids
/// what was sent to it; and an organization's account has no password and no address of its own.
fn is_honoured(conn: &mut Conn, row: &MailLinkRow, kind: LinkKind, user: &UserRow) -> QueryResult<bool> {
    if !user.still_honours(row.id) || user.managed_by.is_some() {
        return Ok(false);
    }
    let main = user.email.as_ref() == Some(&row.email);
    match kind {
        LinkKind::ChangeEmail | LinkKind::AddEmail => Ok(true),
        LinkKind::VerifyEmail => Ok(main),
        LinkKind::ResetPassword | LinkKind::SetPassword if main => Ok(true),
        LinkKind::ResetPassword | LinkKind::SetPassword => {
            let further = email_addresses::find_of_user(conn, user.id, &spelling_key(&row.email))?;
            Ok(further.is_some_and(|further| further.email == row.email))
        }
    }
}
