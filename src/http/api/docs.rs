//! `/api/v1/docs`: the document as a page, without a script of anybody's.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, Responder};
use serde_json::Value;

use super::codes::CODES;
use super::{docs_fields as fields, openapi};
use crate::flows::api::BASE;
use crate::http::answer::page::{Forms, page};
use crate::http::pages::{ApiDocsPage, DocsAnswer, DocsCode, DocsField, DocsGroup, DocsOperation, DocsParameter};
use crate::http::visit::Visit;

/// Below the API.
pub const PATH: &str = "/docs";

/// GET.
pub async fn get(visit: Visit) -> impl Responder {
    answer(&visit)
}

fn answer(visit: &Visit) -> HttpResponse {
    let document = openapi::document(&visit.app);
    let base = visit.app.issuer.endpoint(BASE);
    let shown = ApiDocsPage {
        frame: visit.frame(),
        document_href: visit.own(&format!("{BASE}{}", openapi::PATH)),
        groups: groups(&document, &base),
        codes: CODES.iter().map(|(code, status, text)| DocsCode { code, status: *status, text }).collect(),
        base,
    };
    page(visit, StatusCode::OK, Forms::Here, &shown)
}

/// Operations by their tag, in the order of the document.
fn groups(document: &Value, base: &str) -> Vec<DocsGroup> {
    let mut groups: Vec<DocsGroup> = Vec::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let name = operation["tags"][0].as_str().unwrap_or("Others").to_owned();
            let shown = one(document, base, path, method, operation);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.operations.push(shown),
                None => groups.push(DocsGroup { id: anchor(&format!("tag {name}")), name, operations: vec![shown] }),
            }
        }
    }
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    groups
}

fn one(document: &Value, base: &str, path: &str, method: &str, operation: &Value) -> DocsOperation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let body_schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body = fields::of(document, body_schema);
    DocsOperation {
        id: anchor(&format!("{method} {path}")),
        method: method.to_uppercase(),
        tone: method.to_owned(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        scope: operation["x-scope"].as_str().map(str::to_owned),
        credentials: credentials(&operation["security"], operation["x-fresh-session"] == true),
        parameters: operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| parameter(document, one))
            .collect(),
        answers: answers(document, operation),
        example: example(base, path, method, &body),
        body,
    }
}

/// A name for an address: letters, digits and hyphens.
fn anchor(text: &str) -> String {
    let plain: String =
        text.chars().map(|one| if one.is_ascii_alphanumeric() { one.to_ascii_lowercase() } else { '-' }).collect();
    plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

fn credentials(security: &Value, fresh: bool) -> String {
    let named = |name: &str| security.as_array().is_some_and(|all| all.iter().any(|one| one.get(name).is_some()));
    let session =
        if fresh { "the session of a browser whose person just proved who they are" } else { "a browser's session" };
    let words: Vec<&str> = [("bearer", "a token"), ("api_key", "an API key"), ("session", session)]
        .into_iter()
        .filter(|(name, _)| named(name))
        .map(|(_, words)| words)
        .collect();
    match words.as_slice() {
        [] => "For everybody, without a credential.".to_owned(),
        words => format!("With {}.", words.join(", or ")),
    }
}

fn parameter(document: &Value, one: &Value) -> DocsParameter {
    let schema = &one["schema"];
    let bounds = match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!("{least} to {most}. "),
        _ => String::new(),
    };
    DocsParameter {
        name: one["name"].as_str().unwrap_or_default().to_owned(),
        place: one["in"].as_str().unwrap_or_default().to_owned(),
        kind: fields::kind(document, schema).replace(" or null", ""),
        text: format!("{bounds}{}", one["description"].as_str().unwrap_or_default()),
    }
}

/// The answers where all is well.
fn answers(document: &Value, operation: &Value) -> Vec<DocsAnswer> {
    let all = operation["responses"].as_object().into_iter().flatten();
    all.filter(|(status, _)| status.starts_with('2'))
        .map(|(status, answer)| {
            let schema = &answer["content"]["application/json"]["schema"];
            DocsAnswer {
                status: status.clone(),
                text: answer["description"].as_str().unwrap_or_default().to_owned(),
                list: fields::is_list(schema),
                fields: fields::of(document, fields::inner(document, schema)),
            }
        })
        .collect()
}

/// A command that could be typed, with the required members of the body, or its first one.
fn example(base: &str, path: &str, method: &str, body: &[DocsField]) -> String {
    let url = path.strip_prefix(BASE).unwrap_or(path);
    let verb = if method == "get" { String::new() } else { format!(" -X {}", method.to_uppercase()) };
    let mut text = format!("curl{verb} -H \"Authorization: Bearer $GRANTOR_TOKEN\"");
    if !body.is_empty() {
        let top = || body.iter().filter(|field| !field.name.contains('.'));
        let mut members: Vec<String> = top().filter(|field| field.required).map(member).collect();
        if members.is_empty() {
            members = top().take(1).map(member).collect();
        }
        text.push_str(&format!(" \\\n  -H \"Content-Type: application/json\" -d '{{{}}}'", members.join(", ")));
    }
    text.push_str(&format!(" \\\n  \"{base}{url}\""));
    text
}

fn member(field: &DocsField) -> String {
    let value = match field.kind.as_str() {
        kind if kind.starts_with("list") => "[\"..\"]",
        kind if kind.starts_with("number") => "60",
        kind if kind.starts_with("true") => "true",
        _ => "\"..\"",
    };
    format!("\"{}\": {value}", field.name)
}
