//! Words for people: when something was, and with what.

pub mod device;
pub mod moment;
