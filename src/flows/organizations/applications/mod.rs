//! Applications that members let into the organization: which they are, the word on each where the organization wants to
//! be asked, and the end of what members allowed.

pub mod ask;
pub mod decide;
pub mod list;
pub mod revoke;

use crate::store::organization_clients;
use crate::store::organizations::OrganizationRow;
use crate::store::{Conn, QueryResult};

use super::settings::APPROVAL;

/// The word that lets members authorize an application.
pub const ALLOWED: &str = "allowed";
/// Somebody asked, nobody decided.
pub const ASKED: &str = "asked";
/// Members may not authorize it.
pub const REFUSED: &str = "refused";

/// What the organization says to a new consent with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Go on.
    Allowed,
    /// Nobody asked yet.
    Unasked,
    /// An owner was asked.
    Asked,
    /// No.
    Refused,
}

/// The organization's word; it governs new consents, not what members allowed before.
///
/// # Errors
/// The database's.
pub fn word(conn: &mut Conn, organization: &OrganizationRow, client: i64) -> QueryResult<Word> {
    if organization.application_policy != APPROVAL {
        return Ok(Word::Allowed);
    }
    let row = organization_clients::find(conn, organization.id, client)?;
    Ok(match row.as_ref().map(|row| row.status.as_str()) {
        Some(ALLOWED) => Word::Allowed,
        Some(ASKED) => Word::Asked,
        Some(_) => Word::Refused,
        None => Word::Unasked,
    })
}
