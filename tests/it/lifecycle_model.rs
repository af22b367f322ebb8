//! A state machine as a property: random sequences of everything that happens to codes, tokens, people and clients run
//! against a small model, on SQLite and on PostgreSQL. `GRANTOR_MODEL_CASES` and `GRANTOR_MODEL_SEED` make it longer
//! or different; a failure prints the shortest sequence found.

mod model;
mod moves;
mod play;
mod rules;
mod scopes;
mod step;
mod world;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::support::{Database, TestApp, database};
use rules::{MISTAKES, Rules, TRUTH};
use step::Step;

const CASES: u32 = 24;
const STEPS: usize = 25;

fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn runner(cases: u32, shrink: u32) -> TestRunner {
    let seed = number("GRANTOR_MODEL_SEED", 1);
    let seed: [u8; 32] = std::array::from_fn(|at| seed.to_le_bytes()[at % 4]);
    let config = Config { cases, max_shrink_iters: shrink, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// One sequence on a fresh app.
fn run(database: Database, steps: &[Step], rules: Rules, seen: &mut Vec<String>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let app = TestApp::start(database).await;
        let verdict = play::play(&app, steps, rules, seen).await;
        app.finish().await;
        verdict
    })
}

/// What the sequences must have met, or they show less than they seem to.
const MUST_BE_SEEN: [&str; 12] = [
    "Authorize: code, asked true",
    "Authorize: code, asked false",
    "Deny : Redirected(\"access_denied\")",
    "Redeem first: tokens",
    "Redeem again: Error(400, \"invalid_grant\")",
    "Refresh first: tokens",
    "Refresh first: another access token",
    "Refresh again: the same pair",
    "Refresh again: another access token",
    "Refresh again: Error(400, \"invalid_grant\")",
    "Refresh dead: Error(400, \"invalid_grant\")",
    "Restart : Done",
];

/// A23, A24, A53, A56, D4: whatever happens in whatever order, every token ever issued is exactly as good as it should
/// be, on both databases.
#[test]
fn introspection_of_every_token_is_the_models_after_every_step() {
    let result = runner(number("GRANTOR_MODEL_CASES", CASES), 60).run(&step::sequence(STEPS), |steps| {
        let mut all = Vec::new();
        for database in [Database::Sqlite, Database::Postgres] {
            if database == Database::Postgres && database::postgres_is_skipped() {
                continue;
            }
            run(database, &steps, TRUTH, &mut all).map_err(TestCaseError::fail)?;
        }
        SEEN.with_borrow_mut(|seen| seen.append(&mut all));
        Ok(())
    });
    if let Err(TestError::Fail(reason, steps)) = result {
        panic!("{reason}\n{steps:#?}");
    }
    let seen = SEEN.take();
    let mut kinds = std::collections::BTreeMap::new();
    seen.iter().for_each(|kind| *kinds.entry(kind).or_insert(0) += 1);
    println!("{kinds:#?}");
    let missing: Vec<_> = MUST_BE_SEEN.iter().filter(|kind| !seen.iter().any(|one| one == **kind)).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
}

thread_local! {
    static SEEN: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The comparison can fail: on each of these sequences the server keeps to the rules, and not to one mistake in them.
#[test]
fn every_mistake_in_the_rules_is_noticed() {
    for (mistake, steps) in MISTAKES {
        run(Database::Sqlite, steps, TRUTH, &mut Vec::new()).expect("the rules hold");
        let noticed = run(Database::Sqlite, steps, mistake, &mut Vec::new());
        assert!(noticed.is_err(), "nobody noticed {mistake:?}");
    }
}

/// Random sequences meet a mistake by themselves.
#[test]
fn random_sequences_find_a_mistake() {
    let result = runner(40, 0).run(&step::sequence(STEPS), |steps| {
        run(Database::Sqlite, &steps, MISTAKES[0].0, &mut Vec::new()).map_err(TestCaseError::fail)
    });
    assert!(matches!(result, Err(TestError::Fail(..))), "{result:?}");
}
