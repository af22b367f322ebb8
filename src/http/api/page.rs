//! Lists a page at a time: `limit`, a typed `cursor`, and the next page's address in `Link` (RFC 8288). A cursor is a
//! position and nothing else: made by anybody, it opens nothing (C68).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::call::{Call, render};
use super::problem::Problem;
use crate::protocol::params::Params;

/// Entries on a page when nobody says.
const USUAL: i64 = 50;
/// Entries on a page at most.
pub const MOST: i64 = 100;

/// A page as asked for.
pub struct Asked {
    /// Entries, 1 to [`MOST`].
    pub limit: i64,
    cursor: Option<String>,
}

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// After the row with this id, in a list by age.
    Id(i64),
    /// After this text, in a list by name.
    Text(String),
}

impl Cursor {
    fn to_text(&self) -> String {
        match self {
            Cursor::Id(id) => format!("i{}", URL_SAFE_NO_PAD.encode(id.to_be_bytes())),
            Cursor::Text(text) => format!("t{}", URL_SAFE_NO_PAD.encode(text)),
        }
    }

    fn parse(text: &str) -> Option<Cursor> {
        let decoded = |rest: &str| URL_SAFE_NO_PAD.decode(rest).ok();
        match text.split_at_checked(1)? {
            ("i", rest) => {
                let id = i64::from_be_bytes(decoded(rest)?.try_into().ok()?);
                (id >= 0).then_some(Cursor::Id(id))
            }
            ("t", rest) => {
                let text = String::from_utf8(decoded(rest)?).ok()?;
                (!text.contains('\0') && text.len() <= 1000).then_some(Cursor::Text(text))
            }
            _ => None,
        }
    }
}

impl Asked {
    /// Reads `limit` and `cursor`.
    ///
    /// # Errors
    /// 400 for a limit that is none (C74).
    pub fn of(params: &Params) -> Result<Asked, Problem> {
        let one = |name: &str| {
            params.once(name).map_err(|_| Problem::bad_request(format!("{name} is given more than once.")))
        };
        let limit = match one("limit")? {
            None => USUAL,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| Problem::bad_request(format!("limit is a number from 1 to {MOST}.")))?,
        };
        Ok(Asked { limit, cursor: one("cursor")?.map(str::to_owned) })
    }

    /// The id a list by age goes on below; the largest without a cursor.
    ///
    /// # Errors
    /// 400 for a cursor of another list.
    pub fn below(&self) -> Result<i64, Problem> {
        match self.cursor.as_deref().map(Cursor::parse) {
            None => Ok(i64::MAX),
            Some(Some(Cursor::Id(id))) => Ok(id),
            Some(_) => Err(no_cursor()),
        }
    }

    /// The text a list by name goes on after; empty without a cursor.
    ///
    /// # Errors
    /// 400 for a cursor of another list.
    pub fn after(&self) -> Result<String, Problem> {
        match self.cursor.as_deref().map(Cursor::parse) {
            None => Ok(String::new()),
            Some(Some(Cursor::Text(text))) => Ok(text),
            Some(_) => Err(no_cursor()),
        }
    }
}

fn no_cursor() -> Problem {
    Problem::bad_request("cursor is none of this list's: take it from the Link header of the page before, as it is.")
}

/// A page; `next` when there is more.
pub fn answer<T: Serialize>(call: &Call, asked: &Asked, entries: &[T], next: Option<Cursor>) -> HttpResponse {
    let mut answer = render(StatusCode::OK, &entries);
    let mut links = vec![format!("<{}>; rel=\"first\"", address(call, asked, None))];
    if let Some(next) = next {
        links.push(format!("<{}>; rel=\"next\"", address(call, asked, Some(&next))));
    }
    if let Ok(value) = links.join(", ").parse() {
        answer.headers_mut().insert(header::LINK, value);
    }
    answer
}

fn address(call: &Call, asked: &Asked, cursor: Option<&Cursor>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(call.request.query_string().as_bytes()) {
        if name != "limit" && name != "cursor" {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("limit", &asked.limit.to_string());
    if let Some(cursor) = cursor {
        query.append_pair("cursor", &cursor.to_text());
    }
    format!("{}{}?{}", call.app.issuer.origin(), call.request.uri().path(), query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C68.
    #[test]
    fn a_cursor_comes_back_as_it_was_and_nothing_else_is_one() {
        for cursor in [Cursor::Id(0), Cursor::Id(i64::MAX), Cursor::Text("ä b".to_owned()), Cursor::Text(String::new())]
        {
            assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
        }
        let negative = format!("i{}", URL_SAFE_NO_PAD.encode((-1_i64).to_be_bytes()));
        let nul = format!("t{}", URL_SAFE_NO_PAD.encode("a\0b"));
        for text in ["", "i", "x", "iAAAA", "1; DROP TABLE users", "i'", "t%", "é", negative.as_str(), nul.as_str()] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}
