//! The playground: a real client of this server, in slow motion. Development only.

mod act;
mod answer;
mod calls;
mod exchange;
pub mod pages;
pub mod runs;
mod start;
mod view;
mod words;
