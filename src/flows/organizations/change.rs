//! One change of an organization: its row is held, and whoever acts is judged by the role they have at that moment, not
//! by the one they had when the page was shown.

use super::OrganizationRefusal;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::protocol::roles::Roles;
use crate::store::audit_events::AuditEventRow;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, QueryResult, StoreError, Write, organization_members};

/// What a closure under [`change`] makes: a refusal is committed too, having changed nothing.
pub(super) type Outcome<T> = QueryResult<Result<T, OrganizationRefusal>>;

/// Who acts on an organization.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// The operator at the command line, whom no role bounds.
    Operator,
    /// A person at a page.
    Person(&'a UserRow, &'a Caller),
}

impl<'a> By<'a> {
    pub(super) fn actor(self) -> Actor<'a> {
        match self {
            By::Operator => Actor::Operator,
            By::Person(user, _) => Actor::User(user),
        }
    }

    pub(super) fn caller(self) -> Option<&'a Caller> {
        match self {
            By::Operator => None,
            By::Person(_, caller) => Some(caller),
        }
    }

    pub(super) fn user_id(self) -> Option<i64> {
        match self {
            By::Operator => None,
            By::Person(user, _) => Some(user.id),
        }
    }
}

/// An event for the organization's log.
pub(super) fn event(
    app: &App,
    by: By<'_>,
    organization_id: i64,
    name: &'static str,
    target: Target<'_>,
    data: serde_json::Value,
) -> Result<AuditEventRow, StoreError> {
    let event = audit::draft(app, by.caller(), name, by.actor(), target, data)?;
    Ok(audit::of_organization(event, organization_id))
}

/// What whoever acts may do, as of this transaction.
pub(super) enum Authority {
    Operator,
    Member { id: i64, role: String },
}

impl Authority {
    /// Their role carries `scope`.
    pub fn allows(&self, roles: &Roles, scope: &'static str) -> Result<(), OrganizationRefusal> {
        match self {
            Authority::Operator => Ok(()),
            Authority::Member { role, .. } if roles.allows(role, scope) => Ok(()),
            Authority::Member { role, .. } => Err(OrganizationRefusal::NotAllowed { mine: role.clone(), needs: scope }),
        }
    }

    /// They may give and take `asked`.
    pub fn reaches(&self, roles: &Roles, asked: &str) -> Result<(), OrganizationRefusal> {
        match self {
            Authority::Operator => Ok(()),
            Authority::Member { role, .. } if roles.reaches(role, asked) => Ok(()),
            Authority::Member { role, .. } => {
                Err(OrganizationRefusal::RoleTooHigh { mine: role.clone(), asked: asked.to_owned() })
            }
        }
    }

    /// They are this member.
    pub fn is(&self, member: i64) -> bool {
        matches!(self, Authority::Member { id, .. } if *id == member)
    }
}

/// Runs `f` with the organization held, for whoever acts if their role carries `scope`. Whoever is no member is told
/// that there is no such organization.
pub(super) async fn change<T, F>(
    app: &App,
    organization_id: i64,
    by: By<'_>,
    scope: Option<&'static str>,
    f: F,
) -> Result<T, OrganizationRefusal>
where
    F: Fn(&mut Write<'_>, &OrganizationRow, &Authority) -> Outcome<T> + Send + 'static,
    T: Send + 'static,
{
    let (user_id, roles) = (by.user_id(), app.roles.clone());
    let judged = app.store.write(move |write| {
        let Some(organization) = organizations::hold(write, organization_id)? else {
            return Ok(Err(OrganizationRefusal::NotFound));
        };
        let Some(authority) = authority(write, organization_id, user_id)? else {
            return Ok(Err(OrganizationRefusal::NotFound));
        };
        if organization.status != "active" {
            return Ok(Err(OrganizationRefusal::PendingDeletion));
        }
        if let Some(Err(refusal)) = scope.map(|scope| authority.allows(&roles, scope)) {
            return Ok(Err(refusal));
        }
        f(write, &organization, &authority)
    });
    judged.await?
}

pub(super) fn authority(
    write: &mut Write<'_>,
    organization_id: i64,
    user_id: Option<i64>,
) -> QueryResult<Option<Authority>> {
    let Some(user_id) = user_id else { return Ok(Some(Authority::Operator)) };
    let member = organization_members::find_of_user(write, organization_id, user_id)?;
    let member = member.filter(|member| member.status == "active");
    // Shut out since the page was asked for: nothing goes on in their name.
    if !UserRow::load(write, user_id)?.is_some_and(|user| user.is_active()) {
        return Ok(None);
    }
    Ok(member.map(|member| Authority::Member { id: member.id, role: member.role }))
}
