//! The catalogue of scopes this server knows: sets of levels, each of which implies the lower ones of its set.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::identity_scopes;
use super::reference_catalogue;
use super::scope::{ScopeError, ScopeList, check_scope_token};
use super::text;

/// Scopes about one thing, weakest first: `org:read`, `org:write`, `org:admin`. A single scope is a set of one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeSet {
    /// The set's name, which a resource server names to own it.
    pub name: String,
    /// The levels, weakest first.
    pub levels: Vec<Level>,
}

/// One scope of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The scope token.
    pub scope: String,
    /// What the consent page says it lets a client do.
    pub text: String,
}

/// The scopes this server knows, in the order the consent page shows them. In configuration: `{ sets = [..] }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Source", into = "Source")]
pub struct Catalogue {
    sets: Vec<ScopeSet>,
    places: BTreeMap<String, Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    set: usize,
    level: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    sets: Vec<ScopeSet>,
}

/// One line of the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentLine<'a> {
    /// The set's name.
    pub set: &'a str,
    /// The strongest scope asked of the set.
    pub scope: &'a str,
    /// That scope's text.
    pub text: &'a str,
}

/// Why sets are not a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// A scope is in the catalogue twice.
    #[error("the scope {0:?} is in the catalogue twice")]
    DuplicateScope(String),
    /// Two sets have the same name.
    #[error("two scope sets are named {0:?}")]
    DuplicateSet(String),
    /// A set without a name or without levels.
    #[error("the scope set {0:?} needs a name and at least one level")]
    EmptySet(String),
    /// A scope outside the grammar.
    #[error("{scope:?} is not a scope: {error}")]
    BadToken {
        /// The scope.
        scope: String,
        /// What is wrong with it.
        error: ScopeError,
    },
    /// A scope without a text, which the consent page could not show, or with one that could mislead there.
    #[error("the scope {0:?} needs a text of visible characters")]
    BadText(String),
}

/// A scope that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scope {scope} is not known here")]
pub struct UnknownScope {
    /// The scope.
    pub scope: String,
}

impl Catalogue {
    /// A catalogue of these sets, in this order.
    ///
    /// # Errors
    /// See [`CatalogueError`].
    pub fn new(sets: Vec<ScopeSet>) -> Result<Self, CatalogueError> {
        let mut places = BTreeMap::new();
        let mut names = BTreeSet::new();
        for (set_index, set) in sets.iter().enumerate() {
            if set.name.is_empty() || set.levels.is_empty() {
                return Err(CatalogueError::EmptySet(set.name.clone()));
            }
            if !names.insert(set.name.as_str()) {
                return Err(CatalogueError::DuplicateSet(set.name.clone()));
            }
            for (level_index, Level { scope, text }) in set.levels.iter().enumerate() {
                check_scope_token(scope).map_err(|error| CatalogueError::BadToken { scope: scope.clone(), error })?;
                if text.trim().is_empty() || !text::is_safe_to_display(text) {
                    return Err(CatalogueError::BadText(scope.clone()));
                }
                if places.insert(scope.clone(), Place { set: set_index, level: level_index }).is_some() {
                    return Err(CatalogueError::DuplicateScope(scope.clone()));
                }
            }
        }
        Ok(Self { sets, places })
    }

    /// The default: twenty scopes about organizations, members, teams, projects, releases, events, accounts and the server.
    pub fn reference() -> Self {
        Self::new(reference_catalogue::sets()).expect("a test builds the reference catalogue")
    }

    /// This catalogue, and after it the scopes every OpenID Provider knows.
    ///
    /// # Errors
    /// See [`CatalogueError`]: one that defines such a scope itself.
    pub fn with_identity_scopes(self) -> Result<Self, CatalogueError> {
        Self::new(self.sets.into_iter().chain(identity_scopes::sets()).collect())
    }

    /// The sets in order.
    pub fn sets(&self) -> &[ScopeSet] {
        &self.sets
    }

    /// Every scope in catalogue order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.sets.iter().flat_map(|set| &set.levels).map(|level| level.scope.as_str())
    }

    /// Those that open something at a resource server: all but the ones about who a person is.
    pub fn resource_scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes().filter(|scope| !identity_scopes::is_identity_scope(scope))
    }

    /// Whether the scope is in the catalogue.
    pub fn knows(&self, scope: &str) -> bool {
        self.places.contains_key(scope)
    }

    /// The set a scope belongs to.
    pub fn set_of(&self, scope: &str) -> Option<&ScopeSet> {
        self.places.get(scope).map(|place| &self.sets[place.set])
    }

    /// Whether every scope is in the catalogue.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self, scopes: &ScopeList) -> Result<(), UnknownScope> {
        match scopes.iter().find(|scope| !self.knows(scope)) {
            Some(unknown) => Err(UnknownScope { scope: unknown.to_owned() }),
            None => Ok(()),
        }
    }

    /// The scopes with all they imply: write implies read, admin implies write. A scope that has left the catalogue
    /// since it was granted is not in the answer: taken out, it opens nothing.
    #[must_use]
    pub fn closure(&self, scopes: &ScopeList) -> ScopeList {
        let places = scopes.iter().filter_map(|scope| self.places.get(scope));
        places.flat_map(|place| &self.sets[place.set].levels[..=place.level]).map(|level| &level.scope).collect()
    }

    /// Whether holding `held` allows everything `requested` asks. A scope outside the catalogue is never covered.
    pub fn covers(&self, held: &ScopeList, requested: &ScopeList) -> bool {
        requested.is_subset_of(&self.closure(held))
    }

    /// What the consent page says: per set one line, the strongest level asked, in catalogue order (S13).
    pub fn strongest_lines(&self, scopes: &ScopeList) -> Vec<ConsentLine<'_>> {
        let strongest = |set: &ScopeSet| set.levels.iter().rposition(|level| scopes.contains(&level.scope));
        let lines = self.sets.iter().filter_map(|set| strongest(set).map(|level| (set, &set.levels[level])));
        lines.map(|(set, level)| ConsentLine { set: &set.name, scope: &level.scope, text: &level.text }).collect()
    }
}

impl TryFrom<Source> for Catalogue {
    type Error = CatalogueError;

    fn try_from(source: Source) -> Result<Self, CatalogueError> {
        Self::new(source.sets)
    }
}

impl From<Catalogue> for Source {
    fn from(catalogue: Catalogue) -> Self {
        Self { sets: catalogue.sets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> ScopeList {
        ScopeList::parse(text).unwrap()
    }

    fn set(name: &str, levels: &[(&str, &str)]) -> ScopeSet {
        let level = |(scope, text): &(&str, &str)| Level { scope: (*scope).to_owned(), text: (*text).to_owned() };
        ScopeSet { name: name.to_owned(), levels: levels.iter().map(level).collect() }
    }

    #[test]
    fn the_reference_has_twenty_scopes_in_the_order_of_the_consent_page() {
        let catalogue = Catalogue::reference();
        let scopes: Vec<_> = catalogue.scopes().collect();
        assert_eq!(scopes.len(), 20);
        assert_eq!(scopes[..4], ["org:read", "org:write", "org:admin", "member:read"]);
        let names: Vec<_> = catalogue.sets().iter().map(|set| set.name.as_str()).collect();
        assert_eq!(names, ["org", "member", "team", "project", "project:releases", "event", "account", "admin"]);
        assert_eq!(catalogue.set_of("project:releases").unwrap().levels.len(), 1);
    }

    #[test]
    fn a_level_implies_the_lower_ones_of_its_set_only() {
        let catalogue = Catalogue::reference();
        assert_eq!(
            catalogue.closure(&list("org:admin team:write")),
            list("org:admin org:read org:write team:read team:write")
        );
        assert_eq!(catalogue.closure(&list("project:admin")), list("project:admin project:read project:write"));
        assert_eq!(catalogue.closure(&list("project:releases")), list("project:releases"));
        let closed = catalogue.closure(&list("event:admin member:write"));
        assert_eq!(catalogue.closure(&closed), closed);
    }

    /// Decided differently from S12, where holding write did not cover read.
    #[test]
    fn write_covers_read_and_never_the_other_way_round() {
        let catalogue = Catalogue::reference();
        assert!(catalogue.covers(&list("org:write"), &list("org:read")));
        assert!(catalogue.covers(&list("org:admin"), &list("org:read org:write org:admin")));
        assert!(catalogue.covers(&list(""), &list("")));
        assert!(!catalogue.covers(&list("org:read"), &list("org:write")));
        assert!(!catalogue.covers(&list("org:admin"), &list("team:read")));
    }

    #[test]
    fn a_scope_that_left_the_catalogue_opens_nothing() {
        let catalogue = Catalogue::reference();
        assert_eq!(catalogue.closure(&list("gone:admin org:read")), list("org:read"));
        assert!(!catalogue.covers(&list("gone:admin"), &list("gone:admin")));
        assert_eq!(catalogue.check(&list("gone:admin org:read")).unwrap_err().scope, "gone:admin");
        assert_eq!(catalogue.strongest_lines(&list("gone:admin")), []);
        assert!(catalogue.set_of("gone:admin").is_none() && !catalogue.knows("gone:admin"));
    }

    /// S13, and the reference's crash on a write without its read.
    #[test]
    fn a_set_is_one_line_with_the_strongest_scope_asked() {
        let catalogue = Catalogue::reference();
        let lines = catalogue.strongest_lines(&list("event:read member:admin member:read org:write project:releases"));
        let shown: Vec<_> = lines.iter().map(|line| (line.set, line.scope, line.text)).collect();
        assert_eq!(
            shown,
            [
                ("org", "org:write", "Read and write access to organization details"),
                ("member", "member:admin", "Read, write and admin access to organization members"),
                ("project:releases", "project:releases", "Read, write and admin access to project releases"),
                ("event", "event:read", "Read access to events"),
            ]
        );
    }

    #[test]
    fn a_catalogue_that_could_mislead_is_refused() {
        use CatalogueError as E;
        let refusal = |sets| Catalogue::new(sets).unwrap_err();
        assert_eq!(refusal(vec![set("a", &[("x", "X")]), set("b", &[("x", "X")])]), E::DuplicateScope("x".to_owned()));
        assert_eq!(refusal(vec![set("a", &[("x", "X")]), set("a", &[("y", "Y")])]), E::DuplicateSet("a".to_owned()));
        assert_eq!(refusal(vec![set("a", &[])]), E::EmptySet("a".to_owned()));
        assert_eq!(refusal(vec![set("", &[("x", "X")])]), E::EmptySet(String::new()));
        assert_eq!(refusal(vec![set("a", &[("x", " ")])]), E::BadText("x".to_owned()));
        assert_eq!(refusal(vec![set("a", &[("x", "X\u{202e}Y")])]), E::BadText("x".to_owned()));
        assert!(matches!(refusal(vec![set("a", &[("x y", "X")])]), E::BadToken { .. }));
    }

    #[test]
    fn configuration_reads_the_sets_and_checks_them() {
        let text = r#"
            [[sets]]
            name = "files"
            levels = [{ scope = "files:read", text = "Read files" }, { scope = "files:write", text = "Change files" }]
        "#;
        let catalogue: Catalogue = toml::from_str(text).unwrap();
        assert!(catalogue.covers(&list("files:write"), &list("files:read")));
        assert_eq!(toml::from_str::<Catalogue>(&toml::to_string(&catalogue).unwrap()).unwrap(), catalogue);
        assert!(toml::from_str::<Catalogue>(&text.replace("files:write", "files:read")).is_err());
        assert!(toml::from_str::<Catalogue>(&text.replace("name", "nmae")).is_err());
    }
}
