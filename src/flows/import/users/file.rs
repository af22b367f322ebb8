//! The list as a file: CSV with a header, or a JSON array of objects, both read into records that know their line.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// What a record may say.
pub const FIELDS: [&str; 8] =
    ["login", "name", "email", "email_verified", "active", "administrator", "created_at", "password_hash"];
/// A list of addresses, where the format has lists.
const EMAILS: &str = "emails";

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma separated, the first line names the columns (RFC 4180).
    Csv,
    /// An array of objects.
    Json,
}

impl Format {
    /// By the end of a file's name.
    pub fn of_extension(extension: &str) -> Option<Format> {
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

/// One field of one record; what is empty or null is absent.
pub enum Cell {
    /// Text.
    Text(String),
    /// Anything else JSON knows.
    Other(Value),
}

/// One record. Has no `Debug`: it holds a password's hash.
pub struct Record {
    /// Where it begins, from 1.
    pub line: usize,
    cells: Result<BTreeMap<String, Cell>, String>,
}

impl Record {
    pub(super) fn cell(&self, field: &str) -> Option<&Cell> {
        self.cells.as_ref().ok()?.get(field)
    }

    /// A field that is a text.
    pub fn text(&self, field: &str) -> Option<String> {
        match self.cell(field)? {
            Cell::Text(text) => Some(text.clone()),
            Cell::Other(_) => None,
        }
    }

    /// What is wrong with the record as a whole.
    pub(super) fn broken(&self) -> Option<&str> {
        self.cells.as_ref().err().map(String::as_str)
    }
}

/// Reads the whole file.
///
/// # Errors
/// In words, with line and column, when the file as a whole cannot be meant; nothing is repeated from it.
pub fn read(text: &str, format: Format) -> Result<Vec<Record>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Csv => csv(text),
        Format::Json => json(text),
    }
}

fn csv(text: &str) -> Result<Vec<Record>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| "line 1: the header cannot be read".to_owned())?.clone();
    for (index, name) in header.iter().enumerate() {
        if !FIELDS.contains(&name) {
            return Err(format!("line 1, column {}: {}", index + 1, unknown(name)));
        }
        if header.iter().position(|other| other == name) != Some(index) {
            return Err(format!("line 1, column {}: {name} stands there twice", index + 1));
        }
    }
    if !header.iter().any(|name| name == "login") {
        return Err("line 1: the header names no column login".to_owned());
    }
    let mut records = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for (index, read) in reader.records().enumerate() {
        let read = read.map_err(|_| format!("record {} cannot be read as CSV", index + 1))?;
        // The reader's own count forgets the second half of a CRLF, and its position stands before it.
        let at = read.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(counted);
        let at = at + text[at..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += text[counted..at].matches('\n').count();
        counted = at;
        let cells = match read.len() == header.len() {
            false => Err(format!("{} fields where the header names {}", read.len(), header.len())),
            true => Ok(header
                .iter()
                .zip(read.iter())
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name.to_owned(), Cell::Text(value.to_owned())))
                .collect()),
        };
        records.push(Record { line, cells });
    }
    Ok(records)
}

fn json(text: &str) -> Result<Vec<Record>, String> {
    let listed: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| match error.is_data() {
        // The parser's own words would repeat what stands there.
        true => "the file is no JSON array of objects".to_owned(),
        false => format!("line {}, column {}: this is not JSON", error.line(), error.column()),
    })?;
    let (mut line, mut counted) = (1, 0);
    let mut records = Vec::new();
    for raw in listed {
        let at = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        line += text[counted..at].matches('\n').count();
        counted = at;
        records.push(Record { line, cells: object(raw.get()) });
    }
    Ok(records)
}

fn object(text: &str) -> Result<BTreeMap<String, Cell>, String> {
    let read: BTreeMap<String, Value> = serde_json::from_str(text).map_err(|_| "not an object".to_owned())?;
    let mut cells = BTreeMap::new();
    for (name, value) in read {
        if !FIELDS.contains(&name.as_str()) && name != EMAILS {
            return Err(unknown(&name));
        }
        match value {
            Value::Null => {}
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => drop(cells.insert(name, Cell::Text(text))),
            other => drop(cells.insert(name, Cell::Other(other))),
        }
    }
    Ok(cells)
}

fn unknown(name: &str) -> String {
    let name: String = name.chars().take(40).collect();
    format!("{name:?} is not one of {}", FIELDS.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, format: Format) -> Vec<(usize, Option<String>, Option<String>)> {
        let records = read(text, format).unwrap();
        records.iter().map(|record| (record.line, record.text("login"), record.broken().map(str::to_owned))).collect()
    }

    #[test]
    fn a_record_knows_its_line_however_long_the_ones_before_are() {
        let ada = |line| (line, Some("ada".to_owned()), None);
        let bob = |line| (line, Some("bob".to_owned()), None);
        assert_eq!(lines("login,name\r\nada,\"A\r\nB\"\r\nbob,\r\n", Format::Csv), [ada(2), bob(4)]);
        assert_eq!(lines("\u{feff}login\nada\n", Format::Csv), [ada(2)]);
        assert_eq!(lines("[\n {\"login\":\n  \"ada\"},\n\n {\"login\": \"bob\"}]", Format::Json), [ada(2), bob(5)]);
        assert_eq!(lines("[]", Format::Json), []);
        assert_eq!(lines("login\n", Format::Csv), []);
    }

    #[test]
    fn a_broken_record_stays_alone_and_a_broken_file_says_where() {
        let short = lines("login,name\nada\nbob,Bob\n", Format::Csv);
        assert_eq!(short[0].2.as_deref(), Some("1 fields where the header names 2"));
        assert_eq!(short[1].1.as_deref(), Some("bob"));
        let odd = lines("[\"hunter2hunter2\", {\"login\": \"bob\"}, {\"pasword\": \"x\"}]", Format::Json);
        assert_eq!(odd[0].2.as_deref(), Some("not an object"));
        assert!(odd[2].2.as_deref().is_some_and(|text| text.starts_with("\"pasword\" is not one of login, name")));
        for (text, format, says) in [
            ("", Format::Csv, "line 1: the header names no column login"),
            ("name\nAda\n", Format::Csv, "line 1: the header names no column login"),
            ("login,login\n", Format::Csv, "line 1, column 2: login stands there twice"),
            ("login,pasword\n", Format::Csv, "line 1, column 2: \"pasword\" is not one of"),
            ("[\n{\"login\" \"ada\"}]", Format::Json, "line 2, column 10: this is not JSON"),
            ("\"hunter2hunter2\"", Format::Json, "the file is no JSON array of objects"),
            ("{\"users\": []}", Format::Json, "the file is no JSON array of objects"),
        ] {
            let said = read(text, format).err().unwrap_or_default();
            assert!(said.starts_with(says) && !said.contains("hunter2"), "{text:?}: {said}");
        }
    }
}
