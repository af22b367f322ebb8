//! What is said in one room only, and how long a file is.

use super::sources;

/// Words, and the paths below `src/` that may say them.
const SAID_ONLY_IN: [(&str, &[&str]); 10] = [
    ("diesel::", &["store/"]),
    ("diesel_migrations", &["store/"]),
    ("actix_web", &["http/"]),
    ("reqwest", &["outbound/"]),
    ("lettre::", &["outbound/"]),
    ("SysRng", &["crypto/random.rs"]),
    ("OsRng", &["crypto/random.rs"]),
    ("SystemTime::now", &["clock.rs"]),
    ("Instant::now", &["clock.rs"]),
    // One helper compares secrets (C33); PKCE has the other, because protocol uses nothing of ours.
    ("verify_slices_are_equal", &["crypto/constant_time.rs", "protocol/pkce.rs"]),
];

#[test]
fn some_words_are_said_in_one_room_only() {
    let mut broken = Vec::new();
    for source in sources::all().iter().filter(|source| !source.is_test()) {
        for (word, rooms) in SAID_ONLY_IN {
            if source.code.contains(word) && !rooms.iter().any(|room| source.path.starts_with(room)) {
                broken.push(format!("{} says {word}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A08: 307 and 308 would send a posted password on to wherever the redirect leads.
#[test]
fn no_answer_repeats_a_post_elsewhere() {
    for source in sources::all() {
        for word in ["TEMPORARY_REDIRECT", "PERMANENT_REDIRECT", "TemporaryRedirect", "PermanentRedirect"] {
            assert!(!source.code.contains(word), "{} says {word}", source.path);
        }
    }
}

#[test]
fn no_file_is_longer_than_a_person_reads_at_once() {
    let mut lengths: Vec<(usize, String)> =
        sources::all().into_iter().map(|source| (source.text.lines().count(), source.path)).collect();
    lengths.sort();
    let longest: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > 400).collect();
    assert!(longest.is_empty(), "over 400 lines: {longest:?}");
    let median = lengths[lengths.len() / 2].0;
    assert!(median <= 120, "the median file has {median} lines");
}

#[test]
fn the_thin_binary_stays_thin() {
    let main = sources::all().into_iter().find(|source| source.path == "main.rs").expect("main.rs");
    assert!(main.text.lines().count() <= 60);
}

/// The code is read by strangers: it names no machine it was written on.
#[test]
fn nothing_names_the_place_it_was_written_in() {
    for source in sources::all() {
        for (number, line) in source.text.lines().enumerate() {
            for word in ["/root/", "/home/", "/Users/"] {
                assert!(!line.contains(word), "{}:{} says {word}", source.path, number + 1);
            }
        }
    }
}
