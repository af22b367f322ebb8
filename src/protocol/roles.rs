//! Roles in an organization: ascending, each with the scopes it carries. The last is the top role, the owner's.

use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use super::identity_scopes::is_identity_scope;
use super::scope::{ScopeList, check_scope_token};

/// Stands for every scope there is.
const EVERYTHING: &str = "*";

/// What no organization has to give: a person's own account, and the server.
const OF_PEOPLE: [&str; 2] = ["account:", "admin:"];

/// What the pages of an organization ask for, weakest first in each subject; they ask it even of a server whose
/// catalogue has other scopes.
const MANAGEMENT: [[&str; 3]; 3] = [
    ["org:read", "org:write", "org:admin"],
    ["member:read", "member:write", "member:admin"],
    ["team:read", "team:write", "team:admin"],
];

/// Whether a scope is about a person's own account or the server: nothing an organization could give to anybody.
pub fn is_of_people(scope: &str) -> bool {
    OF_PEOPLE.iter().any(|begin| scope.starts_with(begin)) || is_identity_scope(scope)
}

/// A role as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// One lower-case word.
    pub name: String,
    /// What it carries, besides what that implies; `*` is everything.
    pub scopes: Vec<String>,
}

/// The roles there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(Vec<Held>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    name: String,
    /// Of the catalogue: what tokens may carry.
    scopes: ScopeList,
    /// The same, and what pages ask for.
    may: ScopeList,
}

/// Why roles cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RolesError {
    /// The top role is never given by default, so there must be another one.
    #[error("there must be at least two roles, the last one for owners")]
    TooFew,
    /// Not one lower-case word.
    #[error("{0:?} is no name for a role: use 1 to 32 lower-case letters, digits, - and _")]
    BadName(String),
    /// Two roles of one name.
    #[error("the role {0} is there twice")]
    Twice(String),
    /// A scope nobody knows.
    #[error("the role {role} has the scope {scope:?}, which is not in the catalogue")]
    UnknownScope {
        /// The role.
        role: String,
        /// The scope.
        scope: String,
    },
    /// Whoever has a role may give it and all below it, so none may carry what the next one lacks.
    #[error("the role {role} lacks {scope}, which the role below it has: roles are listed weakest first")]
    NotAscending {
        /// The role.
        role: String,
        /// What it lacks.
        scope: String,
    },
}

impl Roles {
    /// These roles, weakest first. With `strict`, every scope must be known; otherwise unknown ones carry nothing.
    ///
    /// # Errors
    /// See [`RolesError`].
    pub fn new(roles: &[Role], catalogue: &Catalogue, strict: bool) -> Result<Roles, RolesError> {
        if roles.len() < 2 {
            return Err(RolesError::TooFew);
        }
        let mut held: Vec<Held> = Vec::with_capacity(roles.len());
        for role in roles {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
            if !(1..=32).contains(&role.name.len()) || !role.name.bytes().all(plain) {
                return Err(RolesError::BadName(role.name.clone()));
            }
            if held.iter().any(|known| known.name == role.name) {
                return Err(RolesError::Twice(role.name.clone()));
            }
            let next = carried(role, catalogue, strict)?;
            if let Some(below) = held.last()
                && let Some(scope) = below.may.difference(&next.may).iter().next()
            {
                return Err(RolesError::NotAscending { role: role.name.clone(), scope: scope.to_owned() });
            }
            held.push(next);
        }
        Ok(Roles(held))
    }

    /// Names, weakest first.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().map(|role| role.name.as_str())
    }

    /// The owner's role.
    pub fn top(&self) -> &str {
        self.0.last().map_or("", |role| &role.name)
    }

    /// The weakest role: what a new organization gives by default.
    pub fn lowest(&self) -> &str {
        self.0.first().map_or("", |role| &role.name)
    }

    /// Whether there is such a role.
    pub fn knows(&self, name: &str) -> bool {
        self.rank(name).is_some()
    }

    /// Scopes of the catalogue a role carries, with all they imply; none for a role that is no more.
    pub fn scopes_of(&self, name: &str) -> ScopeList {
        self.find(name).map_or_else(ScopeList::empty, |role| role.scopes.clone())
    }

    /// Whether a role carries a scope that pages ask for.
    pub fn allows(&self, name: &str, scope: &str) -> bool {
        self.find(name).is_some_and(|role| role.may.contains(scope))
    }

    /// Whether whoever has `actor` may manage whoever has `target`: equal or lower. A role that is no more can be managed
    /// by every other and manages nobody.
    pub fn reaches(&self, actor: &str, target: &str) -> bool {
        self.rank(actor).is_some_and(|actor| self.rank(target).is_none_or(|target| target <= actor))
    }

    /// Whether a credential with these scopes could do itself whatever the role may do with organizations, members and
    /// teams: with less it must not give the role away.
    pub fn manages_within(&self, name: &str, scopes: &ScopeList) -> bool {
        let managing = MANAGEMENT.as_flattened().iter().filter(|scope| self.allows(name, scope));
        managing.into_iter().all(|scope| scopes.contains(scope))
    }

    fn rank(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|role| role.name == name)
    }

    fn find(&self, name: &str) -> Option<&Held> {
        self.0.iter().find(|role| role.name == name)
    }
}

fn carried(role: &Role, catalogue: &Catalogue, strict: bool) -> Result<Held, RolesError> {
    let mut named = Vec::new();
    let mut may = Vec::new();
    for scope in &role.scopes {
        if scope == EVERYTHING {
            named.extend(catalogue.scopes().filter(|scope| !is_of_people(scope)).map(str::to_owned));
            may.extend(MANAGEMENT.as_flattened().iter().map(|scope| (*scope).to_owned()));
            continue;
        }
        let level = MANAGEMENT
            .iter()
            .find_map(|levels| levels.iter().position(|level| level == scope).map(|position| &levels[..=position]));
        let known = catalogue.knows(scope) || level.is_some();
        if strict && (!known || check_scope_token(scope).is_err()) {
            return Err(RolesError::UnknownScope { role: role.name.clone(), scope: scope.clone() });
        }
        may.extend(level.into_iter().flatten().map(|scope| (*scope).to_owned()));
        named.push(scope.clone());
    }
    let scopes = catalogue.closure(&ScopeList::from(named));
    Ok(Held { name: role.name.clone(), may: scopes.union(&ScopeList::from(may)), scopes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str, scopes: &[&str]) -> Role {
        Role { name: name.to_owned(), scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect() }
    }

    fn three() -> Roles {
        let roles = [role("member", &["org:read"]), role("admin", &["org:write", "team:admin"]), role("owner", &["*"])];
        Roles::new(&roles, &Catalogue::reference(), true).unwrap()
    }

    #[test]
    fn a_role_carries_its_scopes_and_what_they_imply() {
        let roles = three();
        assert_eq!(roles.scopes_of("admin").to_string(), "org:read org:write team:admin team:read team:write");
        let of_people = ["account:read", "account:write", "admin:read", "admin:write"];
        assert_eq!(roles.scopes_of("owner").len(), Catalogue::reference().scopes().count() - of_people.len());
        assert!(of_people.iter().all(|scope| !roles.allows("owner", scope)));
        assert!(roles.scopes_of("gone").is_empty());
        assert!(roles.allows("admin", "team:write") && !roles.allows("admin", "org:admin"));
        assert!(roles.allows("owner", "member:admin") && !roles.allows("gone", "org:read"));
        assert_eq!((roles.lowest(), roles.top()), ("member", "owner"));
    }

    #[test]
    fn one_manages_equal_or_lower_roles() {
        let roles = three();
        for (actor, target, expected) in [
            ("admin", "member", true),
            ("admin", "admin", true),
            ("admin", "owner", false),
            ("owner", "owner", true),
            ("member", "gone", true),
            ("gone", "member", false),
            ("gone", "gone", false),
        ] {
            assert_eq!(roles.reaches(actor, target), expected, "{actor} {target}");
        }
    }

    #[test]
    fn roles_that_would_let_somebody_rise_are_refused() {
        let catalogue = Catalogue::reference();
        let made = |roles: &[Role]| Roles::new(roles, &catalogue, true).map(|_| ());
        let lacking = [role("member", &["org:write"]), role("owner", &["org:read"])];
        let lacks = RolesError::NotAscending { role: "owner".to_owned(), scope: "org:write".to_owned() };
        assert_eq!(made(&lacking), Err(lacks));
        assert_eq!(made(&[role("owner", &["*"])]), Err(RolesError::TooFew));
        assert_eq!(made(&[role("a", &[]), role("a", &[])]), Err(RolesError::Twice("a".to_owned())));
        assert_eq!(made(&[role("A", &[]), role("b", &[])]), Err(RolesError::BadName("A".to_owned())));
        let unknown = [role("a", &["org:wirte"]), role("b", &["*"])];
        assert!(matches!(made(&unknown), Err(RolesError::UnknownScope { .. })));
        assert!(Roles::new(&unknown, &catalogue, false).is_ok());
    }

    /// The pages work on a server whose catalogue is about other things.
    #[test]
    fn another_catalogue_keeps_the_pages_working() {
        let sets = vec![super::super::catalogue::ScopeSet {
            name: "mail".to_owned(),
            levels: vec![super::super::catalogue::Level { scope: "mail".to_owned(), text: "Mail".to_owned() }],
        }];
        let catalogue = Catalogue::new(sets).unwrap();
        let roles = [role("member", &["org:read", "mail"]), role("owner", &["*"])];
        let roles = Roles::new(&roles, &catalogue, true).unwrap();
        assert_eq!(roles.scopes_of("owner").to_string(), "mail");
        assert!(roles.allows("owner", "org:admin") && roles.allows("member", "org:read"));
    }
}
