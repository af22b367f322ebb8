//! Tests of the engine on both databases.
