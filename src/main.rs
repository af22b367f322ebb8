//! argv -> Config -> grantor::run

fn main() {}
