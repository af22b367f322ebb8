//! The log as a file: piece by piece, so that a long one needs no memory, and never longer than a bound, so that nobody
//! keeps the database busy for ever.

use super::{Entry, Filter, chunk};
use crate::app::App;
use crate::store::StoreError;

/// Events read at once.
const CHUNK: usize = 500;
/// Events in one file.
pub const MOST: usize = 50_000;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, safe to open as a spreadsheet.
    Csv,
    /// One JSON object.
    Json,
}

impl Format {
    /// `csv` or `json`.
    pub fn parse(text: &str) -> Option<Format> {
        match text {
            "csv" => Some(Format::Csv),
            "json" => Some(Format::Json),
            _ => None,
        }
    }

    /// The end of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
        }
    }

    /// Value for `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Json => "application/json",
        }
    }
}

/// A file under way.
pub struct Export {
    organization_id: Option<i64>,
    filter: Filter,
    format: Format,
    place: Place,
    written: usize,
}

enum Place {
    Beginning,
    Below(i64),
    Over,
}

impl Export {
    /// A file of what the filter lets through, newest first.
    pub fn new(organization_id: i64, filter: Filter, format: Format) -> Export {
        Export { organization_id: Some(organization_id), filter, format, place: Place::Beginning, written: 0 }
    }

    /// The same of the whole server.
    pub fn of_server(filter: Filter, format: Format) -> Export {
        Export { organization_id: None, filter, format, place: Place::Beginning, written: 0 }
    }

    /// The next piece of the file; none when it is whole.
    ///
    /// # Errors
    /// The store's: the file is not whole then, and must not be taken for it.
    pub async fn piece(&mut self, app: &App) -> Result<Option<String>, StoreError> {
        let (first, below) = match self.place {
            Place::Over => return Ok(None),
            Place::Beginning => (true, i64::MAX),
            Place::Below(id) => (false, id),
        };
        let room = CHUNK.min(MOST - self.written);
        let (entries, next) = chunk(app, self.organization_id, &self.filter, below, room).await?;
        self.written += entries.len();
        let cut = next.is_some() && self.written >= MOST;
        self.place = next.filter(|_| !cut).map_or(Place::Over, Place::Below);
        let last = matches!(self.place, Place::Over);
        Ok(Some(match self.format {
            Format::Csv => csv(&entries, first, cut),
            Format::Json => json(&entries, first, last, cut),
        }))
    }
}

fn csv(entries: &[Entry], first: bool, cut: bool) -> String {
    let mut text = String::new();
    if first {
        text.push_str("at,event,actor,target_kind,target,address,data,id\r\n");
    }
    for entry in entries {
        let data = entry.data.to_string();
        let cells = [
            &entry.at,
            &entry.event,
            &entry.actor,
            &entry.target_kind,
            &entry.target,
            &entry.address,
            &data,
            &entry.id,
        ];
        text.push_str(&cells.map(|cell| quoted(cell)).join(","));
        text.push_str("\r\n");
    }
    if cut {
        text.push_str(&quoted(&format!("cut after {MOST} events: ask for a shorter time")));
        text.push_str(",,,,,,,\r\n");
    }
    text
}

/// A cell that a spreadsheet takes for text: one that begins like a formula gets a quote before it.
fn quoted(cell: &str) -> String {
    let line: String = cell.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let formula =
        line.trim_start().starts_with(['=', '+', '-', '@', '|', '%', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, line.replace('"', "\"\""))
}

fn json(entries: &[Entry], first: bool, last: bool, cut: bool) -> String {
    let mut text = String::from(if first { "{\"events\":[" } else { "" });
    for (at, entry) in entries.iter().enumerate() {
        text.push_str(if first && at == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(entry).unwrap_or_else(|_| "null".to_owned()));
    }
    if last {
        text.push_str(&format!("\n],\"truncated\":{cut}}}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 1.2.10.
    #[test]
    fn no_cell_is_a_formula() {
        for (cell, written) in [
            ("ada", "\"ada\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
            ("\t=1", "\"' =1\""),
            ("\r\n=1", "\"'  =1\""),
            ("＝1", "\"'＝1\""),
            ("{\"a\":1}", "\"{\"\"a\"\":1}\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }

    #[test]
    fn pieces_of_json_are_one_object() {
        let entry = |id: &str| Entry {
            id: id.to_owned(),
            at: String::new(),
            event: "x".to_owned(),
            actor: String::new(),
            target_kind: String::new(),
            target: String::new(),
            address: String::new(),
            data: serde_json::json!({}),
        };
        let whole = json(&[entry("3"), entry("2")], true, false, false) + &json(&[entry("1")], false, true, true);
        let read: serde_json::Value = serde_json::from_str(&whole).unwrap();
        assert_eq!(read["events"].as_array().map(Vec::len), Some(3));
        assert_eq!(read["truncated"], true);
        let empty: serde_json::Value = serde_json::from_str(&json(&[], true, true, false)).unwrap();
        assert_eq!(empty["events"].as_array().map(Vec::len), Some(0));
    }
}
