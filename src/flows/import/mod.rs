//! What other servers leave behind, brought in: people from a list, and a whole installation from its export. Every row
//! is checked and written by itself, a second run changes nothing, and what was plain in the file is hashed here.

mod remembered;
pub mod report;
pub mod sentry;
pub mod users;
