//! Layers of configuration: file, then environment. A later layer replaces single keys, not sections.

use std::path::Path;

use toml::{Table, Value};

use super::Config;

/// Why the configuration cannot be used; the text names the key and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not there or not readable.
    #[error("cannot read the configuration file {path}: {source}")]
    Unreadable {
        /// The file asked for.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML, has a key nobody knows, or a value of the wrong kind.
    #[error("the configuration {origin} is not right: {message}")]
    Invalid {
        /// The file, or the environment.
        origin: String,
        /// The parser's message, which names the line or the key.
        message: String,
    },
}

/// Reads `file` if given, then every `GRANTOR__SECTION__KEY` of `environment`.
///
/// A value from the environment is read as TOML (`8`, `true`, `["a"]`) and, where it is not TOML, as plain text.
pub fn load(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config, LoadError> {
    let mut table = match file {
        None => Table::new(),
        Some(path) => {
            let origin = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|source| LoadError::Unreadable { path: origin.clone(), source })?;
            // Checked alone first, so that the message carries the file's own line.
            toml::from_str::<Config>(&text)
                .map_err(|e| LoadError::Invalid { origin: format!("file {origin}"), message: e.to_string() })?;
            text.parse().map_err(|e: toml::de::Error| LoadError::Invalid { origin, message: e.to_string() })?
        }
    };
    for (name, value) in environment {
        if let Some(path) = name.strip_prefix("GRANTOR__") {
            set(&mut table, &name, path, &value)?;
        }
    }
    Config::deserialize(Value::Table(table))
        .map_err(|e| LoadError::Invalid { origin: "from the environment".into(), message: e.to_string() })
}

fn set(table: &mut Table, name: &str, path: &str, value: &str) -> Result<(), LoadError> {
    let lower = path.to_lowercase();
    let Some((section, key)) = lower.split_once("__") else {
        return Err(LoadError::Invalid {
            origin: "from the environment".into(),
            message: format!("{name} must be GRANTOR__SECTION__KEY"),
        });
    };
    let parsed = format!("v = {value}").parse::<Table>().ok().and_then(|mut t| t.remove("v"));
    let value = parsed.unwrap_or_else(|| Value::String(value.to_owned()));
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(key.to_owned(), value);
    }
    Ok(())
}

use serde::Deserialize as _;

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/default.toml");
        assert_eq!(load(Some(&path), []).unwrap(), Config::default());
    }

    #[test]
    fn the_documented_defaults_name_every_key() {
        let text = include_str!("../../config/default.toml");
        let defaults = Table::try_from(Config::default()).unwrap();
        for (section, keys) in &defaults {
            assert!(text.contains(&format!("[{section}]")) || text.contains(&format!("[[{section}.")), "[{section}]");
            for key in keys.as_table().unwrap().keys().filter(|key| *key != "sets") {
                assert!(
                    text.contains(&format!("\n{key} =")) || text.contains(&format!("\n# {key} =")),
                    "{section}.{key}"
                );
            }
        }
    }

    #[test]
    fn the_environment_wins_over_the_file_key_by_key() {
        let config = load(
            None,
            environment(&[
                ("GRANTOR__SERVER__ISSUER", "https://id.example"),
                ("GRANTOR__SERVER__WORKERS", "4"),
                ("GRANTOR__SERVER__TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
                ("UNRELATED", "x"),
            ]),
        )
        .unwrap();
        assert_eq!(config.server.issuer, "https://id.example");
        assert_eq!(config.server.workers, 4);
        assert_eq!(config.server.trusted_proxies.len(), 1);
        assert_eq!(config.server.listen, Config::default().server.listen);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let refusal = load(None, environment(&[("GRANTOR__SERVER__ISUER", "x")])).unwrap_err().to_string();
        assert!(refusal.contains("isuer"), "{refusal}");
    }
}
