//! `grantor doctor`: what an operator would want to know before users find out.

use clap::Args;
use serde::Serialize;

use super::output::{Failure, Output};
use crate::app::App;
use crate::flows::examine::{self, Finding, Verdict};

#[derive(Args)]
#[command(after_help = "Ends with 1 when something is wrong; warnings do not count.")]
pub struct DoctorArgs {}

#[derive(Serialize)]
struct Report<'a> {
    well: bool,
    findings: &'a [Finding],
}

pub(super) async fn run(app: &App, _args: &DoctorArgs, output: &mut Output) -> Result<(), Failure> {
    let findings = examine::examine(app).await?;
    let wrong = findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count();
    output.show(&Report { well: wrong == 0, findings: &findings }, || {
        let line = |finding: &Finding| {
            let mark = match finding.verdict {
                Verdict::Fine => "ok     ",
                Verdict::Warning => "warning",
                Verdict::Wrong => "WRONG  ",
            };
            format!("{mark}  {}: {}\n", finding.about, finding.says)
        };
        findings.iter().map(line).collect()
    })?;
    if wrong == 0 { Ok(()) } else { Err(Failure::new("something is wrong, see above")) }
}
