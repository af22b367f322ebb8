use super::*;

const SMALL: PasswordParams =
    PasswordParams { memory_kib: 8, iterations: 1, parallelism: 1, max_concurrent: 2, max_waiting: 8 };
const WRONG: Verdict = Verdict { ok: false, needs_rehash: false };
const RIGHT: Verdict = Verdict { ok: true, needs_rehash: false };

fn hasher(params: PasswordParams) -> PasswordHasher {
    PasswordHasher::new(params).expect("usable parameters")
}

async fn verify(hasher: &PasswordHasher, password: &str, hash: &str) -> Verdict {
    hasher.verify(password.to_owned(), Some(hash.to_owned())).await.expect("not overloaded")
}

#[tokio::test]
async fn the_right_password_passes_and_another_does_not() {
    let hasher = hasher(SMALL);
    let hash = hasher.hash("correct horse".to_owned()).await.expect("not overloaded");
    assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
    assert_eq!(verify(&hasher, "correct horse", &hash).await, RIGHT);
    assert_eq!(verify(&hasher, "correct horsf", &hash).await, WRONG);
    assert_eq!(verify(&hasher, "", &hash).await, WRONG);
}

#[tokio::test]
async fn the_same_password_hashes_differently_each_time() {
    let hasher = hasher(SMALL);
    let first = hasher.hash("correct horse".to_owned()).await;
    assert_ne!(first, hasher.hash("correct horse".to_owned()).await);
}

/// ASVS 6.2.8: no trim, no case folding, no Unicode folding, no 72-byte cut, no end at NUL.
#[tokio::test]
async fn a_password_counts_exactly_as_typed() {
    let hasher = hasher(SMALL);
    let long = "x".repeat(200);
    let pairs = [
        (" Secret ", "Secret"),
        ("Secret", "secret"),
        ("caf\u{e9}", "cafe\u{301}"),
        (&format!("{long}a"), &format!("{long}b")),
        ("nul\0one", "nul\0two"),
    ];
    for (typed, near) in pairs {
        let hash = hasher.hash(typed.to_owned()).await.expect("not overloaded");
        assert_eq!(verify(&hasher, typed, &hash).await, RIGHT);
        assert_eq!(verify(&hasher, near, &hash).await, WRONG, "{typed:?} {near:?}");
    }
}

/// C50: a user without a password is nobody's.
#[tokio::test]
async fn no_hash_or_an_unreadable_one_is_never_right() {
    let hasher = hasher(SMALL);
    for password in ["", "null", "password"] {
        assert_eq!(hasher.verify(password.to_owned(), None).await, Ok(WRONG));
        let unreadable = ["", "password", "*", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1", "$2b$12$abc", "$scrypt$x"];
        for hash in unreadable {
            assert_eq!(verify(&hasher, password, hash).await, WRONG, "{hash}");
        }
    }
}

/// Until its owner comes by; a wrong password costs what an unknown name costs on top, a right one is hashed anew.
#[tokio::test]
async fn an_imported_hash_opens_once_and_asks_to_be_replaced() {
    let hasher = hasher(SMALL);
    let hash = "pbkdf2_sha256$12000$bZ8sDf3kQ0aH$5EgJfeuxKqXfgrpHgABfimpTriNvIAocLlPHo8fCfyQ=";
    let before = hasher.done();
    assert_eq!(verify(&hasher, "violin gravel otter parade", hash).await, Verdict { ok: true, needs_rehash: true });
    assert_eq!(hasher.done() - before, 0);
    assert_eq!(verify(&hasher, "violin gravel otter parada", hash).await, WRONG);
    assert_eq!(hasher.done() - before, 1);
    let foreign = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    assert_eq!(verify(&hasher, "password", foreign).await, Verdict { ok: true, needs_rehash: true });
    let old = "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8";
    assert_eq!(verify(&hasher, "password", old).await, Verdict { ok: true, needs_rehash: true });
}

/// The bounds of an import hold at sign-in too, where the row may have come another way.
#[tokio::test]
async fn a_stored_hash_that_costs_too_much_is_not_computed() {
    let hasher = hasher(SMALL);
    for hash in [
        "$2b$31$abcdefghijklmnopqrstuuiXY0jHh5NIsDlTda4lF6DJSmN/Gkr.6",
        "$scrypt$ln=40,r=8,p=1$yMnKy8zNzs/Q0dLT1NXW1w$c35EMuBiwfAB+R2Pzz6fWQXNS8MWrqEO17bd/gLq4Ik",
        "$argon2id$v=19$m=4194304,t=4294967295,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ] {
        let before = hasher.done();
        assert_eq!(verify(&hasher, "violin gravel otter parade", hash).await, WRONG, "{hash}");
        assert_eq!(hasher.done() - before, 1, "the work of a name nobody has");
    }
}

/// A33 for people: a user nobody knows costs the same argon2 as one somebody knows.
#[tokio::test]
async fn an_unknown_user_costs_a_hash_of_the_same_parameters() {
    let hasher = hasher(SMALL);
    let dummy = PasswordHash::new(&hasher.0.dummy).expect("a PHC string");
    assert!(hasher.0.is_current(&dummy));
    assert!(is_argon2(&dummy));
}

#[tokio::test]
async fn a_right_password_under_old_parameters_asks_for_a_new_hash() {
    let before = hasher(SMALL);
    let hash = before.hash("correct horse".to_owned()).await.expect("not overloaded");
    for after in [PasswordParams { memory_kib: 16, ..SMALL }, PasswordParams { iterations: 2, ..SMALL }] {
        let after = hasher(after);
        assert_eq!(verify(&after, "correct horse", &hash).await, Verdict { ok: true, needs_rehash: true });
        assert_eq!(verify(&after, "wrong", &hash).await, WRONG);
    }
}

#[tokio::test]
async fn callers_beyond_the_queue_are_turned_away_and_the_rest_served() {
    let hasher = hasher(PasswordParams { max_concurrent: 1, max_waiting: 2, ..SMALL });
    let busy = Arc::clone(&hasher.0.slots).try_acquire_owned().expect("free");
    assert_eq!(hasher.running(), 1);
    let patient: Vec<_> = (0..2)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.hash("correct horse".to_owned()).await })
        })
        .collect();
    while hasher.waiting() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(hasher.hash("one too many".to_owned()).await, Err(Overloaded));
    assert_eq!(hasher.verify("one too many".to_owned(), None).await, Err(Overloaded));
    assert_eq!(hasher.waiting(), 2);
    drop(busy);
    for caller in patient {
        assert!(caller.await.expect("no panic").is_ok());
    }
    assert_eq!((hasher.waiting(), hasher.running()), (0, 0));
}

/// Two checks of 16 KiB do not run at once where two of 8 KiB may, and one of more than there is runs alone.
#[tokio::test]
async fn a_dear_hash_takes_the_place_of_as_many_cheap_ones_as_it_weighs() {
    let hasher = hasher(PasswordParams { max_concurrent: 3, ..SMALL });
    let argon2 = |memory: u32| {
        let rest = "c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        format!("$argon2id$v=19$m={memory},t=2,p=1${rest}")
    };
    let scrypt = "$scrypt$ln=4,r=8,p=1$yMnKy8zNzs/Q0dLT1NXW1w$c35EMuBiwfAB+R2Pzz6fWQXNS8MWrqEO17bd/gLq4Ik";
    let pbkdf2 = "pbkdf2_sha256$12000$bZ8sDf3kQ0aH$5EgJfeuxKqXfgrpHgABfimpTriNvIAocLlPHo8fCfyQ=";
    let slots = |hash: &str| hasher.0.slots_of(Some(hash));
    assert_eq!((slots(&argon2(8)), slots(&argon2(9)), slots(&argon2(16)), slots(&argon2(256))), (1, 2, 2, 3));
    assert_eq!((slots(scrypt), slots(pbkdf2), slots("x"), hasher.0.slots_of(None)), (2, 1, 1, 1));
    let busy = Arc::clone(&hasher.0.slots).try_acquire_many_owned(2).expect("free");
    let dear = {
        let hasher = hasher.clone();
        tokio::spawn(async move { hasher.verify("password".to_owned(), Some(argon2(256))).await })
    };
    while hasher.waiting() < 1 {
        tokio::task::yield_now().await;
    }
    assert!(!dear.is_finished(), "it waits, though there is room for a cheap one");
    drop(busy);
    assert_eq!(dear.await.expect("no panic"), Ok(Verdict { ok: true, needs_rehash: true }));
    assert_eq!(hasher.running(), 0);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_the_queue() {
    let hasher = hasher(PasswordParams { max_concurrent: 1, max_waiting: 1, ..SMALL });
    let _busy = Arc::clone(&hasher.0.slots).try_acquire_owned().expect("free");
    let waiting = {
        let hasher = hasher.clone();
        tokio::spawn(async move { hasher.hash("correct horse".to_owned()).await })
    };
    while hasher.waiting() < 1 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    assert!(waiting.await.is_err());
    assert_eq!(hasher.waiting(), 0);
}

#[test]
fn parameters_that_cannot_work_are_refused() {
    for params in [
        PasswordParams { max_concurrent: 0, ..SMALL },
        PasswordParams { memory_kib: 7, ..SMALL },
        PasswordParams { iterations: 0, ..SMALL },
        PasswordParams { parallelism: 0, ..SMALL },
    ] {
        assert!(PasswordHasher::new(params).is_err(), "{params:?}");
    }
}

/// The figures of a production server, once (RFC 9106 section 4, OWASP).
#[tokio::test]
async fn a_hash_of_production_strength_verifies() {
    let hasher = hasher(PasswordParams { memory_kib: 19_456, iterations: 2, ..SMALL });
    let hash = hasher.hash("correct horse".to_owned()).await.expect("not overloaded");
    assert_eq!(verify(&hasher, "correct horse", &hash).await, RIGHT);
}
