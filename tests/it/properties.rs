//! Laws of the pure parts over random input: what must hold for any bytes a stranger sends. The redirect matcher's are
//! beside it.

mod basic_header;
mod parameters;
mod scope_algebra;
mod token_text;

use proptest::prelude::ProptestConfig;

/// The same inputs on every machine would need a seed; failures print the shortest input instead.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() }
}
