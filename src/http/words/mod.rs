//! Words for people: when something was.

pub mod moment;
