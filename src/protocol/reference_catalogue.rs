//! The scopes a server has that names none in its configuration.

use super::catalogue::{Level, ScopeSet};

/// The sets in the order of the consent page: org, member, team, project, project:releases, event, account, admin.
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
        ScopeSet {
            name: "account".to_owned(),
            levels: vec![
                level("account:read", "See your account here: profile, sessions, connected applications".to_owned()),
                level("account:write", "See and change your account here: applications, tokens, sessions".to_owned()),
            ],
        },
        ScopeSet {
            name: "admin".to_owned(),
            levels: vec![
                level("admin:read", "See everything on this server, as far as you may".to_owned()),
                level("admin:write", "See and change everything on this server, as far as you may".to_owned()),
            ],
        },
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
