//! The mutex of the cache, named here so that a model checker can put its own in the same place.

pub(super) use std::sync::Mutex;
