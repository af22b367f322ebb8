//! Who belongs to an organization: the list, and how people come in, change roles and go.

pub mod add;
mod find;
pub mod list;
pub mod remove;
pub mod role;

use crate::protocol::roles::Roles;
use crate::store::organization_members::{self, MemberRow};
use crate::store::{QueryResult, Write};

/// Whether the organization would be without an owner if this member were none any more.
pub(in crate::flows) fn is_last_owner(write: &mut Write<'_>, roles: &Roles, member: &MemberRow) -> QueryResult<bool> {
    let top = roles.top();
    Ok(member.role == top
        && organization_members::others_with_role(write, member.organization_id, top, member.id)? == 0)
}

/// A member's account.
pub use crate::store::users::UserRow as Account;
pub use find::by_sub;
