//! What would have to be done: a pure comparison of what a file declares and what there is.

use std::fmt;

use serde::Serialize;

/// One thing to do, or to leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Step {
    /// Register a client.
    CreateClient {
        /// The file's key.
        key: String,
    },
    /// Change members of a client.
    UpdateClient {
        /// The file's key.
        key: String,
        /// Its identifier.
        client_id: String,
        /// The members.
        changed: Vec<String>,
    },
    /// Import the secret that the file refers to; older ones end after the overlap.
    ImportSecret {
        /// The file's key.
        key: String,
        /// Its identifier.
        client_id: String,
    },
    /// A client that is as declared.
    KeepClient {
        /// The file's key.
        key: String,
        /// Its identifier.
        client_id: String,
    },
    /// Delete a client that left the file, after the configured delay.
    PruneClient {
        /// The key it had.
        key: String,
        /// Its identifier.
        client_id: String,
    },
    /// Leave a client that left the file.
    LeaveClient {
        /// The key it had.
        key: String,
        /// Its identifier.
        client_id: String,
    },
    /// Register a resource server.
    CreateResourceServer {
        /// Its identifier.
        identifier: String,
    },
    /// Change a resource server.
    UpdateResourceServer {
        /// Its identifier.
        identifier: String,
    },
    /// A resource server that is as declared.
    KeepResourceServer {
        /// Its identifier.
        identifier: String,
    },
    /// Remove a resource server that left the file.
    PruneResourceServer {
        /// Its identifier.
        identifier: String,
    },
    /// Leave a resource server that left the file.
    LeaveResourceServer {
        /// Its identifier.
        identifier: String,
    },
}

impl Step {
    /// Whether it changes anything.
    pub fn is_change(&self) -> bool {
        !matches!(
            self,
            Step::KeepClient { .. }
                | Step::LeaveClient { .. }
                | Step::KeepResourceServer { .. }
                | Step::LeaveResourceServer { .. }
        )
    }
}

/// A declared client beside the one there is.
#[derive(Clone, Debug)]
pub struct ClientState {
    /// The file's key.
    pub key: String,
    /// The one there is: identifier, members that differ, whether the secret referred to is not among its live ones.
    pub present: Option<(String, Vec<String>, bool)>,
}

/// A declared resource server beside the one there is.
#[derive(Clone, Debug)]
pub struct ResourceServerState {
    /// Its identifier.
    pub identifier: String,
    /// The one there is: whether it differs.
    pub differs: Option<bool>,
}

/// What left the file.
#[derive(Clone, Debug, Default)]
pub struct Undeclared {
    /// Key and identifier.
    pub clients: Vec<(String, String)>,
    /// Identifiers.
    pub resource_servers: Vec<String>,
}

/// Everything to do, in the order it is done: resource servers name clients, so clients come first and go last.
pub fn plan(
    clients: Vec<ClientState>,
    servers: Vec<ResourceServerState>,
    undeclared: Undeclared,
    prune: bool,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for ClientState { key, present } in clients {
        match present {
            None => steps.push(Step::CreateClient { key }),
            Some((client_id, changed, import)) => {
                if changed.is_empty() && !import {
                    steps.push(Step::KeepClient { key: key.clone(), client_id: client_id.clone() });
                }
                if !changed.is_empty() {
                    steps.push(Step::UpdateClient { key: key.clone(), client_id: client_id.clone(), changed });
                }
                if import {
                    steps.push(Step::ImportSecret { key, client_id });
                }
            }
        }
    }
    for ResourceServerState { identifier, differs } in servers {
        steps.push(match differs {
            None => Step::CreateResourceServer { identifier },
            Some(true) => Step::UpdateResourceServer { identifier },
            Some(false) => Step::KeepResourceServer { identifier },
        });
    }
    for identifier in undeclared.resource_servers {
        steps.push(match prune {
            true => Step::PruneResourceServer { identifier },
            false => Step::LeaveResourceServer { identifier },
        });
    }
    for (key, client_id) in undeclared.clients {
        steps.push(match prune {
            true => Step::PruneClient { key, client_id },
            false => Step::LeaveClient { key, client_id },
        });
    }
    steps
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::CreateClient { key } => write!(formatter, "+ client {key}: register"),
            Step::UpdateClient { key, client_id, changed } => {
                write!(formatter, "~ client {key} ({client_id}): change {}", changed.join(", "))
            }
            Step::ImportSecret { key, client_id } => {
                write!(
                    formatter,
                    "~ client {key} ({client_id}): import its new secret, older ones end after the overlap"
                )
            }
            Step::KeepClient { key, client_id } => write!(formatter, "= client {key} ({client_id})"),
            Step::PruneClient { key, client_id } => {
                write!(formatter, "- client {key} ({client_id}): not in the file, delete after the delay")
            }
            Step::LeaveClient { key, client_id } => {
                write!(formatter, "? client {key} ({client_id}): not in the file, left alone without --prune")
            }
            Step::CreateResourceServer { identifier } => write!(formatter, "+ resource server {identifier}: register"),
            Step::UpdateResourceServer { identifier } => write!(formatter, "~ resource server {identifier}: change"),
            Step::KeepResourceServer { identifier } => write!(formatter, "= resource server {identifier}"),
            Step::PruneResourceServer { identifier } => {
                write!(formatter, "- resource server {identifier}: not in the file, remove")
            }
            Step::LeaveResourceServer { identifier } => {
                write!(formatter, "? resource server {identifier}: not in the file, left alone without --prune")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(key: &str, present: Option<(&[&str], bool)>) -> ClientState {
        let present = present.map(|(changed, import)| {
            ("id".to_owned(), changed.iter().map(|member| (*member).to_owned()).collect(), import)
        });
        ClientState { key: key.to_owned(), present }
    }

    fn words(steps: &[Step]) -> Vec<String> {
        steps.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_missing_is_made_and_what_differs_is_changed() {
        let clients = vec![
            client("new", None),
            client("same", Some((&[], false))),
            client("other", Some((&["name", "scopes"], true))),
        ];
        let servers = vec![
            ResourceServerState { identifier: "a:1".into(), differs: None },
            ResourceServerState { identifier: "a:2".into(), differs: Some(true) },
            ResourceServerState { identifier: "a:3".into(), differs: Some(false) },
        ];
        assert_eq!(
            words(&plan(clients, servers, Undeclared::default(), true)),
            [
                "+ client new: register",
                "= client same (id)",
                "~ client other (id): change name, scopes",
                "~ client other (id): import its new secret, older ones end after the overlap",
                "+ resource server a:1: register",
                "~ resource server a:2: change",
                "= resource server a:3",
            ]
        );
    }

    #[test]
    fn what_left_the_file_goes_only_when_asked() {
        let left = || Undeclared { clients: vec![("old".into(), "id".into())], resource_servers: vec!["a:1".into()] };
        let kept = plan(Vec::new(), Vec::new(), left(), false);
        assert!(!kept.iter().any(Step::is_change));
        assert_eq!(kept.len(), 2);
        let gone = plan(Vec::new(), Vec::new(), left(), true);
        assert_eq!(
            words(&gone),
            [
                "- resource server a:1: not in the file, remove",
                "- client old (id): not in the file, delete after the delay",
            ]
        );
    }

    #[test]
    fn a_second_run_has_nothing_to_do() {
        let steps = plan(
            vec![client("same", Some((&[], false)))],
            vec![ResourceServerState { identifier: "a:1".into(), differs: Some(false) }],
            Undeclared::default(),
            true,
        );
        assert!(!steps.iter().any(Step::is_change));
    }
}
