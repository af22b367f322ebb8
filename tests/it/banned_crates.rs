//! Cargo.lock holds no crate that is banned here. `deny.toml` says the same to those who have cargo-deny.

use std::fs;

/// One `[[package]]` of Cargo.lock.
struct Package {
    name: String,
    version: (u64, u64, u64),
}

fn locked(name: &str) -> Vec<Package> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock");
    let text = fs::read_to_string(path).expect("Cargo.lock is readable");
    packages(&text).into_iter().filter(|package| package.name == name).collect()
}

fn packages(lock: &str) -> Vec<Package> {
    let lock: toml::Table = lock.parse().expect("Cargo.lock is TOML");
    let listed = lock["package"].as_array().expect("Cargo.lock lists packages");
    let text = |package: &toml::Value, key: &str| package[key].as_str().expect("a text").to_owned();
    listed.iter().map(|p| Package { name: text(p, "name"), version: numbers(&text(p, "version")) }).collect()
}

/// `1.2.3-rc.1+build` as (1, 2, 3): a pre-release counts as the release it precedes.
fn numbers(version: &str) -> (u64, u64, u64) {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let mut parts = release.split('.').map(|part| part.parse().expect("a number"));
    let mut part = || parts.next().unwrap_or(0);
    (part(), part(), part())
}

fn absent(name: &str, reason: &str) {
    assert!(locked(name).is_empty(), "{name} is in Cargo.lock: {reason}");
}

fn at_least(name: &str, minimum: (u64, u64, u64), reason: &str) {
    for Package { version, .. } in locked(name) {
        assert!(version >= minimum, "{name} {version:?} is in Cargo.lock, below {minimum:?}: {reason}");
    }
}

/// C34.
#[test]
fn no_rsa_arithmetic_that_leaks_its_timing_is_linked() {
    absent("rsa", "RUSTSEC-2023-0071 has no fix; RSA is done by aws-lc-rs");
}

#[test]
fn there_is_one_tls_stack_and_it_is_rustls() {
    absent("native-tls", "TLS is rustls");
    absent("openssl", "TLS is rustls; only libpq may use OpenSSL, through the feature postgres-tls");
}

/// C75.
#[test]
fn diesel_has_its_memory_and_encoding_fixes() {
    at_least("diesel", (2, 3, 10), "use after free, and text handling on SQLite and in COPY");
}

/// C75.
#[test]
fn idna_refuses_labels_that_decode_to_plain_ascii() {
    at_least("idna", (1, 0, 3), "RUSTSEC-2024-0421: two spellings of one host name");
}

/// C75.
#[test]
fn no_http2_that_queues_empty_frames_without_limit_is_linked() {
    at_least("h2", (0, 4, 16), "RUSTSEC-2026-0258, never fixed in 0.3: memory without bound");
}

/// C76.
#[test]
fn the_sqlite_inside_has_the_wal_reset_fix() {
    assert!(!locked("libsqlite3-sys").is_empty(), "SQLite is part of the binary");
    at_least("libsqlite3-sys", (0, 38, 0), "it must bundle SQLite 3.51.3 or newer: the WAL could be lost at a reset");
}

#[test]
fn a_banned_version_in_a_lock_file_would_be_seen() {
    let lock =
        "[[package]]\nname = \"h2\"\nversion = \"0.4.15\"\n\n[[package]]\nname = \"rsa\"\nversion = \"0.9.8-rc.1\"\n";
    let found: Vec<_> = packages(lock).into_iter().map(|p| (p.name, p.version)).collect();
    assert_eq!(found, [("h2".to_owned(), (0, 4, 15)), ("rsa".to_owned(), (0, 9, 8))]);
}
