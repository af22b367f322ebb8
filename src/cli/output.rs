//! What a command says: text for people or one JSON value, kept until the end because it may travel over the socket.

use std::process::ExitCode;

use serde::Serialize;

/// Why a command did not do its work; the text says what to do.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure in words.
    pub fn new(text: impl Into<String>) -> Failure {
        Failure(text.into())
    }

    /// The words.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.to_string())
    }
}

/// Collected standard output.
pub struct Output {
    json: bool,
    /// So far.
    pub text: String,
}

impl Output {
    /// Empty; `json` chooses the form.
    pub fn new(json: bool) -> Output {
        Output { json, text: String::new() }
    }

    /// Says `value`, or in words what `words` makes of it.
    pub fn show<T: Serialize + ?Sized>(&mut self, value: &T, words: impl FnOnce() -> String) -> Result<(), Failure> {
        let said = match self.json {
            true => serde_json::to_string_pretty(value)?,
            false => words(),
        };
        if !said.is_empty() {
            self.text.push_str(said.trim_end());
            self.text.push('\n');
        }
        Ok(())
    }

    /// A failure in the form asked for.
    pub fn failure(&self, failure: &Failure) -> String {
        match self.json {
            true => serde_json::json!({ "error": failure.text() }).to_string(),
            false => format!("grantor: {}", failure.text().replace('\n', "\n  ")),
        }
    }

    /// Prints everything; 0 when done, 1 when not.
    pub fn finish(self, done: Result<(), Failure>) -> ExitCode {
        use std::io::Write as _;
        // A closed pipe is no failure of the command: `grantor client list | head -1`.
        let _closed = std::io::stdout().write_all(self.text.as_bytes());
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                let _closed = writeln!(std::io::stderr(), "{}", self.failure(&failure));
                ExitCode::FAILURE
            }
        }
    }
}

/// Rows under a heading, columns aligned.
pub fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|title| title.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(&mut heading.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// Names and values under each other, empty values left out.
pub fn members(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default() + 2;
    let shown = pairs.iter().filter(|(_, value)| !value.is_empty());
    shown
        .map(|(name, value)| {
            let indented = value.replace('\n', &format!("\n{}", " ".repeat(width)));
            format!("{name:width$}{indented}\n")
        })
        .collect()
}
