//! One change of an organization: its row is held, and whoever acts is judged by the role they have at that moment, not
//! by the one they had when the page was shown.

use super::OrganizationRefusal;
use crate::app::App;
use crate::flows::api::StillGood;
use crate::flows::api::credential::Acting;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::protocol::NumericDate;
use crate::protocol::roles::Roles;
use crate::protocol::scope::ScopeList;
use crate::store::audit_events::AuditEventRow;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, QueryResult, StoreError, Write, organization_members};

/// What a closure under [`change`] makes: a refusal is committed too, having changed nothing.
pub(in crate::flows) type Outcome<T> = QueryResult<Result<T, OrganizationRefusal>>;

/// Who acts on an organization.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// The operator at the command line, whom no role bounds.
    Operator,
    /// A person at a page.
    Person(&'a UserRow, &'a Caller),
    /// A credential at the API, bounded by its scopes besides.
    Api(&'a Acting<'a>),
}

impl<'a> By<'a> {
    pub(in crate::flows) fn actor(self) -> Actor<'a> {
        match self {
            By::Operator => Actor::Operator,
            By::Person(user, _) => Actor::User(user),
            By::Api(acting) => acting.credential.actor(),
        }
    }

    pub(in crate::flows) fn caller(self) -> Option<&'a Caller> {
        match self {
            By::Operator => None,
            By::Person(_, caller) => Some(caller),
            By::Api(acting) => Some(acting.caller),
        }
    }

    /// The person, if one acts.
    pub(in crate::flows) fn user(self) -> Option<&'a UserRow> {
        match self {
            By::Operator => None,
            By::Person(user, _) => Some(user),
            By::Api(acting) => acting.credential.user().map(|user| &**user),
        }
    }

    pub(in crate::flows) fn user_id(self) -> Option<i64> {
        self.user().map(|user| user.id)
    }

    /// The organization's key, if one acts.
    pub(in crate::flows) fn key_id(self) -> Option<i64> {
        match self {
            By::Api(acting) => acting.credential.key().map(|key| key.id),
            By::Operator | By::Person(..) => None,
        }
    }

    /// The same as a value that a transaction may hold.
    pub(in crate::flows) fn standing(self, now: NumericDate) -> Power {
        match self {
            By::Operator => Power::Operator,
            By::Person(user, caller) => {
                Power::Person { id: user.id, ceiling: None, administrator: false, by: caller.still_good(now) }
            }
            By::Api(Acting { credential, caller, scopes, administrator }) => {
                let by = caller.still_good(now).unwrap_or_else(|| StillGood::of(credential, now));
                match credential.user() {
                    Some(user) => Power::Person {
                        id: user.id,
                        ceiling: scopes.clone(),
                        administrator: *administrator,
                        by: Some(by),
                    },
                    None => Power::Key {
                        organization_id: credential.bound_to().unwrap_or_default(),
                        scopes: scopes.clone().unwrap_or_else(ScopeList::empty),
                        by,
                    },
                }
            }
        }
    }
}

/// What whoever acts brings along; the role is looked up in the transaction.
#[derive(Clone)]
pub(in crate::flows) enum Power {
    Operator,
    Person { id: i64, ceiling: Option<ScopeList>, administrator: bool, by: Option<StillGood> },
    Key { organization_id: i64, scopes: ScopeList, by: StillGood },
}

/// An event for the organization's log.
pub(in crate::flows) fn event(
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
pub(in crate::flows) enum Authority {
    Operator,
    /// An administrator of the server who is no member, within what their token may do.
    Administrator {
        ceiling: Option<ScopeList>,
    },
    Member {
        id: i64,
        role: String,
        ceiling: Option<ScopeList>,
        /// Whoever may administer the server is never worth less inside than outside (S64).
        administrator: bool,
    },
    Key(ScopeList),
}

impl Authority {
    /// Their role carries `scope`, and so does what they act with.
    pub fn allows(&self, roles: &Roles, scope: &'static str) -> Result<(), OrganizationRefusal> {
        if self.ceiling().is_some_and(|ceiling| !ceiling.contains(scope)) {
            return Err(OrganizationRefusal::ScopeMissing(scope));
        }
        match self {
            Authority::Member { role, administrator: false, .. } if !roles.allows(role, scope) => {
                Err(OrganizationRefusal::NotAllowed { mine: role.clone(), needs: scope })
            }
            _ => Ok(()),
        }
    }

    /// They may give and take `asked`: nothing above their own role, and with a token or key nothing that could do here
    /// what the token or key could not.
    pub fn reaches(&self, roles: &Roles, asked: &str) -> Result<(), OrganizationRefusal> {
        if self.ceiling().is_some_and(|ceiling| !roles.manages_within(asked, ceiling)) {
            return Err(OrganizationRefusal::RoleAboveCredential(asked.to_owned()));
        }
        match self {
            Authority::Member { role, administrator: false, .. } if !roles.reaches(role, asked) => {
                Err(OrganizationRefusal::RoleTooHigh { mine: role.clone(), asked: asked.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// They could put this scope into a key: their role carries it, and so does what they act with (C23). Nobody puts
    /// more into one than the top role has.
    pub fn hands_out(&self, roles: &Roles, scope: &str) -> bool {
        let role = match self {
            Authority::Member { role, administrator: false, .. } => role.as_str(),
            _ => roles.top(),
        };
        roles.scopes_of(role).contains(scope) && self.ceiling().is_none_or(|ceiling| ceiling.contains(scope))
    }

    /// Their membership, if they act as a member.
    pub fn member_id(&self) -> Option<i64> {
        match self {
            Authority::Member { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// They are this member.
    pub fn is(&self, member: i64) -> bool {
        matches!(self, Authority::Member { id, .. } if *id == member)
    }

    fn ceiling(&self) -> Option<&ScopeList> {
        match self {
            Authority::Operator => None,
            Authority::Administrator { ceiling } | Authority::Member { ceiling, .. } => ceiling.as_ref(),
            Authority::Key(scopes) => Some(scopes),
        }
    }
}

/// Runs `f` with the organization held, for whoever acts if their role carries `scope`. Whoever is no member is told
/// that there is no such organization.
pub(in crate::flows) async fn change<T, F>(
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
    let (power, roles) = (by.standing(app.clock.now()), app.roles.clone());
    let judged = app.store.write(move |write| {
        let Some(organization) = organizations::hold(write, organization_id)? else {
            return Ok(Err(OrganizationRefusal::NotFound));
        };
        let Some(authority) = authority(write, organization_id, &power)? else {
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

/// What whoever acts may do, seen in the transaction: whoever was shut out since the request came has no say, nor has a
/// token or key that was revoked, has ended or was changed since.
pub(in crate::flows) fn authority(
    write: &mut Write<'_>,
    organization_id: i64,
    power: &Power,
) -> QueryResult<Option<Authority>> {
    let (id, ceiling, administrator) = match power {
        Power::Operator => return Ok(Some(Authority::Operator)),
        Power::Key { organization_id: own, scopes, by } => {
            let still = *own == organization_id && by.check(write)?;
            return Ok(still.then(|| Authority::Key(scopes.clone())));
        }
        Power::Person { id, ceiling, administrator, by } => {
            if let Some(by) = by
                && !by.check(write)?
            {
                return Ok(None);
            }
            (*id, ceiling.clone(), *administrator)
        }
    };
    let Some(user) = UserRow::load(write, id)?.filter(UserRow::is_active) else { return Ok(None) };
    let member = organization_members::find_of_user(write, organization_id, id)?;
    Ok(match member.filter(|member| member.status == "active") {
        Some(member) => {
            let administrator = administrator && user.administrator;
            Some(Authority::Member { id: member.id, role: member.role, ceiling, administrator })
        }
        None if administrator && user.administrator => Some(Authority::Administrator { ceiling }),
        None => None,
    })
}
