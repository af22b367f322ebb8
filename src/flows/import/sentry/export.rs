//! The export: what Django's `dumpdata` writes, an array of rows with model, key and fields, sorted by model.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::flows::people::imported::FieldRefusal;
use crate::protocol::{NumericDate, rfc3339};

/// Models that are brought in, in the order in which they need each other.
pub(super) const MODELS: [&str; 9] = [
    "sentry.useremail",
    "sentry.user",
    "sentry.organization",
    "sentry.organizationmember",
    "sentry.apiapplication",
    "sentry.apiauthorization",
    "sentry.apitoken",
    "sentry.apikey",
    "auth.user",
];

/// One row. Has no `Debug`: some hold secrets in the clear.
pub struct Row {
    /// `sentry.apitoken`.
    pub model: String,
    /// Its key there.
    pub pk: String,
    fields: Map<String, Value>,
}

/// The rows, by model.
pub struct Export {
    rows: BTreeMap<String, Vec<Row>>,
    /// Rows of models that have no place here.
    pub passed_over: usize,
}

#[derive(Deserialize)]
struct Dumped {
    model: String,
    pk: Value,
    fields: Map<String, Value>,
}

impl Export {
    /// Reads the whole file.
    ///
    /// # Errors
    /// In words, with line and column where there is one; nothing is repeated from the file.
    pub fn read(text: &str) -> Result<Export, String> {
        let dumped: Vec<Value> =
            serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(|error| {
                match error.is_data() {
                    true => "the file is no JSON array, as `dumpdata` writes it".to_owned(),
                    false => format!("line {}, column {}: this is not JSON", error.line(), error.column()),
                }
            })?;
        let mut export = Export { rows: BTreeMap::new(), passed_over: 0 };
        for (index, value) in dumped.into_iter().enumerate() {
            let wrong =
                || format!("row {}: not an object with model, pk and fields, as `dumpdata` writes it", index + 1);
            let Dumped { model, pk, fields } = serde_json::from_value(value).map_err(|_| wrong())?;
            let pk = key(&pk).ok_or_else(wrong)?;
            let model = model.to_ascii_lowercase();
            match MODELS.contains(&model.as_str()) {
                true => {
                    let model = if model == "auth.user" { "sentry.user".to_owned() } else { model };
                    export.rows.entry(model.clone()).or_default().push(Row { model, pk, fields });
                }
                false => export.passed_over += 1,
            }
        }
        Ok(export)
    }

    /// The rows of a model.
    pub(super) fn rows(&self, model: &str) -> &[Row] {
        self.rows.get(model).map_or(&[], Vec::as_slice)
    }
}

impl Row {
    /// `sentry.apitoken 12`.
    pub(super) fn place(&self) -> String {
        format!("{} {}", self.model, self.pk)
    }

    pub(super) fn value(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    /// A text; empty is absent.
    pub(super) fn text(&self, field: &'static str) -> Result<Option<String>, FieldRefusal> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(FieldRefusal::new(field, "not a text")),
        }
    }

    /// One text a line.
    pub(super) fn lines(&self, field: &'static str) -> Result<Vec<String>, FieldRefusal> {
        let text = self.text(field)?.unwrap_or_default();
        Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }

    /// A whole number.
    pub(super) fn number(&self, field: &'static str) -> Result<Option<i64>, FieldRefusal> {
        let read = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
        self.value(field).map(|value| read(value).ok_or_else(|| FieldRefusal::new(field, "not a number"))).transpose()
    }

    /// A yes or no.
    pub(super) fn flag(&self, field: &'static str) -> Result<bool, FieldRefusal> {
        match self.value(field) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(FieldRefusal::new(field, "neither true nor false")),
        }
    }

    /// The key of another row.
    pub(super) fn reference(&self, field: &'static str) -> Result<Option<String>, FieldRefusal> {
        let read = |value| key(value).ok_or_else(|| FieldRefusal::new(field, "not the key of a row"));
        self.value(field).map(read).transpose()
    }

    /// A time, in UTC where no zone is named.
    pub(super) fn time(&self, field: &'static str) -> Result<Option<NumericDate>, FieldRefusal> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let bare = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(&text).replace(' ', "T");
        let whole = bare.split_once('.').map_or(bare.as_str(), |(whole, _)| whole);
        let read = rfc3339::parse(&format!("{whole}Z"));
        read.map(Some).ok_or_else(|| FieldRefusal::new(field, "not a time in UTC"))
    }
}

fn key(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => number.as_i64().map(|number| number.to_string()),
        Value::String(text) if !text.is_empty() && text.len() <= 64 => Some(text.clone()),
        _ => None,
    }
}
