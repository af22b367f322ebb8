//! The playground: a real client of this server, in slow motion. Development only.

mod calls;
mod exchange;
mod runs;
mod view;
mod words;
