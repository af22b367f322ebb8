//! The scopes a server has that names none in its configuration.

use super::catalogue::{Level, ScopeSet};

/// The sets in the order of the consent page: org, member, team, project, project:releases, event.
pub fn sets() -> Vec<ScopeSet> {
    vec![
        three_levels("org", "organization details"),
        three_levels("member", "organization members"),
        three_levels("team", "teams"),
        three_levels("project", "projects"),
        ScopeSet {
            name: "project:releases".to_owned(),
            levels: vec![level("project:releases", "Read, write and admin access to project releases".to_owned())],
        },
        three_levels("event", "events"),
    ]
}

fn three_levels(name: &str, thing: &str) -> ScopeSet {
    let levels = vec![
        level(&format!("{name}:read"), format!("Read access to {thing}")),
        level(&format!("{name}:write"), format!("Read and write access to {thing}")),
        level(&format!("{name}:admin"), format!("Read, write and admin access to {thing}")),
    ];
    ScopeSet { name: name.to_owned(), levels }
}

fn level(scope: &str, text: String) -> Level {
    Level { scope: scope.to_owned(), text }
}
