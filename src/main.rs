//! argv -> Config -> grantor::run

use std::process::ExitCode;

fn main() -> ExitCode {
    grantor::cli::main(std::env::args().collect())
}
