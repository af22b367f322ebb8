//! What became of each row of a file, in words an operator can act on. Never holds a secret or a hash.

use serde::Serialize;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is here now and was not before.
    Created,
    /// It was here and is now what the file says.
    Updated,
    /// It was here; nothing was written.
    Unchanged,
    /// It is not here, and the note says why.
    Refused,
}

/// One row of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What kind of thing it is: `user`, `application` ..
    pub kind: &'static str,
    /// Where it stands: `line 7`, `sentry.apitoken 12`.
    pub place: String,
    /// What people call it.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused, or what of it was left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Every row of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The rows.
    pub lines: Vec<Line>,
}

impl Report {
    /// Rows of a kind, or of all kinds, that came to this.
    pub fn count(&self, kind: Option<&str>, outcome: Outcome) -> usize {
        let counted = |line: &&Line| line.outcome == outcome && kind.is_none_or(|kind| line.kind == kind);
        self.lines.iter().filter(counted).count()
    }

    /// The kinds there are, in the order they came.
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        for line in &self.lines {
            if !kinds.contains(&line.kind) {
                kinds.push(line.kind);
            }
        }
        kinds
    }
}
