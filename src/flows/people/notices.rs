//! What a person should know about the security of their account: signs that somebody else holds a token of theirs.

use serde_json::Value;

use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::StoreError;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::users::UserRow;

/// Seconds a notice is shown.
const SHOWN_FOR: i64 = 30 * 24 * 3600;
/// Of each kind.
const AT_MOST: i64 = 5;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// An old refresh token came again: its family is revoked (RFC 9700 section 4.14.2).
    RefreshTokenReused,
    /// An authorization code came twice: its tokens are revoked (RFC 9700 section 4.2.4).
    CodeReplayed,
}

impl NoticeKind {
    const ALL: [NoticeKind; 2] = [NoticeKind::RefreshTokenReused, NoticeKind::CodeReplayed];

    fn event(self) -> &'static str {
        match self {
            NoticeKind::RefreshTokenReused => "refresh_token.reused",
            NoticeKind::CodeReplayed => "code.replayed",
        }
    }
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// When.
    pub at: NumericDate,
    /// The client's name at the time.
    pub client: String,
    /// Where the request came from.
    pub address: String,
}

/// The newest notices of the last thirty days, newest first.
///
/// # Errors
/// The store's.
pub async fn of(app: &App, user: &UserRow) -> Result<Vec<Notice>, StoreError> {
    let (id, since) = (user.id, app.clock.now() - SHOWN_FOR);
    let mut notices = app
        .store
        .read(move |conn| {
            let mut notices = Vec::new();
            for kind in NoticeKind::ALL {
                let events = audit_events::newest_of_kind(conn, "user", id, kind.event(), since, AT_MOST)?;
                notices.extend(events.iter().map(|event| notice(kind, event)));
            }
            Ok(notices)
        })
        .await?;
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.at));
    Ok(notices)
}

fn notice(kind: NoticeKind, event: &AuditEventRow) -> Notice {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let client = data["client"].as_str().unwrap_or(&event.actor_label).to_owned();
    Notice { kind, at: event.at, client, address: event.address.clone() }
}
