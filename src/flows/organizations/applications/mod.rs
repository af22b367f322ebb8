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

/// The organization's word; it governs new consents, not what members allowed before. No is no under every policy.
///
/// # Errors
/// The database's.
pub fn word(conn: &mut Conn, organization: &OrganizationRow, client: i64) -> QueryResult<Word> {
    let row = organization_clients::find(conn, organization.id, client)?;
    let asks = organization.application_policy == APPROVAL;
    Ok(match row.as_ref().map(|row| row.status.as_str()) {
        Some(REFUSED) => Word::Refused,
        Some(ALLOWED) => Word::Allowed,
        _ if !asks => Word::Allowed,
        Some(_) => Word::Asked,
        None => Word::Unasked,
    })
}
