//! Every source file of the library, with its comments and its tests taken out.

use std::path::{Path, PathBuf};

/// One file below `src/`.
pub struct Source {
    /// Path below `src/`.
    pub path: String,
    /// Every line.
    pub text: String,
    /// Lines that are code: no comments, nothing from `#[cfg(test)]` on.
    pub code: String,
}

impl Source {
    /// The room: the first folder, or the file's own name.
    pub fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Whether the whole file is a test's.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("_tests.rs") || self.path.contains("/tests/") || self.path.contains("samples")
    }
}

/// Every file below `src/`.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    assert!(found.len() > 100, "the walk finds the sources");
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a readable source");
            let path = path.strip_prefix(&root).expect("below src").display().to_string();
            Source { path, code: code_of(&text), text }
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => walk(&path, found),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
}

fn code_of(text: &str) -> String {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}
