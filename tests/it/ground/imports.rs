//! Which room may use which: DESIGN in one table.

use std::collections::BTreeSet;

use super::sources::{self, Source};

/// Room, and the rooms of ours it may use besides itself.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("protocol", &[]),
    ("clock", &["protocol"]),
    ("crypto", &["protocol"]),
    ("store", &["protocol", "clock"]),
    ("config", &["protocol"]),
    ("outbound", &["protocol", "config"]),
    ("app", &["config", "crypto", "outbound", "store", "clock", "protocol"]),
    ("flows", &["app", "config", "crypto", "outbound", "store", "clock", "protocol"]),
    ("http", &["flows", "protocol", "app", "config", "crypto", "outbound", "clock"]),
    ("cli", &["flows", "app", "http", "config", "protocol", "crypto", "clock"]),
    ("main", &["cli"]),
];

fn used_by(source: &Source) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for prefix in ["crate::", "grantor::"] {
        for (at, _) in source.code.match_indices(prefix) {
            let rest = &source.code[at + prefix.len()..];
            let word = |text: &str| -> String {
                text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
            };
            match rest.strip_prefix('{') {
                Some(group) => {
                    let group = group.split('}').next().unwrap_or_default();
                    used.extend(group.split(',').map(|part| word(part.trim())));
                }
                None => {
                    used.insert(word(rest));
                }
            }
        }
    }
    used.remove("");
    used
}

#[test]
fn every_room_uses_only_the_rooms_it_may() {
    let mut broken = Vec::new();
    for source in sources::all().iter().filter(|source| !source.is_test() && source.room() != "lib") {
        let Some((_, allowed)) = MAY_USE.iter().find(|(room, _)| *room == source.room()) else {
            broken.push(format!("{} stands in no room", source.path));
            continue;
        };
        for used in used_by(source) {
            let known = MAY_USE.iter().any(|(room, _)| *room == used);
            if known && used != source.room() && !allowed.contains(&used.as_str()) {
                broken.push(format!("{} uses {used}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_reader_of_imports_sees_a_forbidden_one() {
    let code = "use crate::{store, flows::x};\nlet y = crate::store::users::find();".to_owned();
    let source = Source { path: "protocol/x.rs".to_owned(), text: String::new(), code };
    assert_eq!(used_by(&source).into_iter().collect::<Vec<_>>(), ["flows", "store"]);
}
