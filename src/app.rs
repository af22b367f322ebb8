//! All a request may reach.
