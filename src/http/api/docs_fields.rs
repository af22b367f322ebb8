//! Schemas of the document as lines of a table.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::http::pages::DocsField;

/// Objects in objects are told to this depth.
const DEPTH: usize = 2;

/// Follows a reference.
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or(schema),
        None => schema,
    }
}

/// The members of an object, those of objects in it with their path.
pub fn of(document: &Value, schema: &Value) -> Vec<DocsField> {
    let mut fields = Vec::new();
    collect(document, schema, "", DEPTH, &mut fields);
    fields
}

fn collect(document: &Value, schema: &Value, path: &str, depth: usize, fields: &mut Vec<DocsField>) {
    let schema = resolved(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, part, path, depth, fields);
    }
    let required: BTreeSet<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let name_here = format!("{path}{name}");
        fields.push(DocsField {
            kind: kind(document, member),
            required: required.contains(name.as_str()),
            text: text(document, member),
            name: name_here.clone(),
        });
        let inner = inner(document, member);
        if depth > 0 && inner["properties"].is_object() {
            let path = if is_list(member) { format!("{name_here}[].") } else { format!("{name_here}.") };
            collect(document, inner, &path, depth - 1, fields);
        }
    }
}

/// Whether a schema is a list's.
pub fn is_list(schema: &Value) -> bool {
    types(schema).contains(&"array")
}

/// What a list holds, what an optional object is, or the schema itself.
pub fn inner<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = resolved(document, schema);
    if is_list(schema) {
        return inner(document, &schema["items"]);
    }
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    let object = choices.into_iter().flatten().find(|one| !types(one).contains(&"null"));
    object.map_or(schema, |one| resolved(document, one))
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn text(document: &Value, schema: &Value) -> String {
    let own = schema["description"].as_str();
    own.or(resolved(document, schema)["description"].as_str()).unwrap_or_default().to_owned()
}

/// "text or null", "list of text", "object".
pub fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    if is_list(schema) {
        return format!("list of {}", kind(document, &schema["items"]));
    }
    let words: Vec<&str> = types(schema)
        .into_iter()
        .map(|one| match one {
            "string" => "text",
            "integer" | "number" => "number",
            "boolean" => "true or false",
            other => other,
        })
        .collect();
    match words.is_empty() {
        false => words.join(" or "),
        true if schema["oneOf"].is_array() || schema["anyOf"].is_array() => "object or null".to_owned(),
        true => "object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_told_with_their_path_and_kind() {
        let document = json!({ "components": { "schemas": {
            "A": { "type": "object", "required": ["x"], "properties": {
                "x": { "type": "string", "description": "An x." },
                "list": { "type": "array", "items": { "$ref": "#/components/schemas/B" } },
                "maybe": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/B" }] },
            } },
            "B": { "allOf": [{ "type": "object", "properties": { "y": { "type": ["integer", "null"] } } }],
                "type": "object", "properties": { "z": { "type": "boolean" } } },
        } } });
        let schema = json!({ "$ref": "#/components/schemas/A" });
        let told: Vec<String> = of(&document, &schema)
            .into_iter()
            .map(|one| format!("{} {} {}", one.name, one.kind, one.required))
            .collect();
        let expected = [
            "list list of object false",
            "list[].y number or null false",
            "list[].z true or false false",
            "maybe object or null false",
            "maybe.y number or null false",
            "maybe.z true or false false",
            "x text true",
        ];
        assert_eq!(told, expected);
    }
}
