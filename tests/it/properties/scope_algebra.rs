//! Scope lists are sets, and the catalogue's closure is one.

use grantor::protocol::catalogue::Catalogue;
use grantor::protocol::scope::ScopeList;
use proptest::prelude::*;

use super::config;

/// Scopes of the reference, and two that are not in it.
fn scopes() -> impl Strategy<Value = ScopeList> {
    let mut names: Vec<String> = Catalogue::reference().scopes().map(str::to_owned).collect();
    names.extend(["gone:read".to_owned(), "x".to_owned()]);
    prop::collection::vec(prop::sample::select(names), 0..10).prop_map(ScopeList::from)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lists_are_sets(a in scopes(), b in scopes(), c in scopes()) {
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
        prop_assert_eq!(a.union(&a), a.clone());
        prop_assert!(a.is_subset_of(&a.union(&b)) && a.intersection(&b).is_subset_of(&a));
        prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a.clone());
        prop_assert!(ScopeList::parse(&a.to_string()).is_ok_and(|read| read == a));
        prop_assert!(a.as_slice().is_sorted_by(|one, next| one < next));
    }

    /// S12: holding more never allows less, and closing twice is closing once.
    #[test]
    fn the_closure_is_a_closure(a in scopes(), b in scopes(), c in scopes()) {
        let catalogue = Catalogue::reference();
        let closed = catalogue.closure(&a);
        prop_assert_eq!(catalogue.closure(&closed), closed.clone());
        prop_assert!(closed.is_subset_of(&catalogue.closure(&a.union(&b))));
        prop_assert_eq!(catalogue.closure(&a.union(&b)), closed.union(&catalogue.closure(&b)));
        let known = a.iter().filter(|scope| catalogue.knows(scope)).map(str::to_owned).collect::<Vec<_>>();
        let known = ScopeList::from(known);
        prop_assert!(known.is_subset_of(&closed) && catalogue.covers(&a, &known));
        prop_assert_eq!(catalogue.covers(&a, &a), catalogue.check(&a).is_ok());
        if catalogue.covers(&a, &b) && catalogue.covers(&b, &c) {
            prop_assert!(catalogue.covers(&a, &c));
        }
    }
}
