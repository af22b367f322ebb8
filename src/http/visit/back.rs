//! Where a browser comes back to that is sent elsewhere first: the page it asked for, or the one that holds its form.

use std::collections::HashSet;

use actix_web::http::Method;
use actix_web::web;

use super::Visit;

/// Path patterns that answer GET: nobody can be sent to another.
pub struct Readable(HashSet<String>);

impl Readable {
    /// Of the router's patterns.
    pub fn of(patterns: impl IntoIterator<Item = String>) -> web::Data<Readable> {
        web::Data::new(Readable(patterns.into_iter().collect()))
    }
}

impl Visit {
    /// The page's address below the issuer, its parameters included. A redirect is a GET, so for a form it is the nearest
    /// page above its action.
    pub fn back(&self) -> String {
        let (path, query) = (self.request.path(), self.request.query_string());
        let pattern = self.request.match_pattern().unwrap_or_default();
        let path = match *self.request.method() == Method::GET {
            true => path,
            false => self.request.app_data::<web::Data<Readable>>().map_or("", |pages| nearest(pages, &pattern, path)),
        };
        let own = path.strip_prefix(self.app.issuer.path()).unwrap_or(path);
        match () {
            () if own.is_empty() => "/".to_owned(),
            () if *self.request.method() == Method::GET && !query.is_empty() => format!("{own}?{query}"),
            () => own.to_owned(),
        }
    }
}

/// The longest part of the path whose pattern answers GET; nothing where none does.
fn nearest<'a>(pages: &Readable, mut pattern: &str, mut path: &'a str) -> &'a str {
    while !pages.0.contains(pattern) {
        let (Some((above, _)), Some((shorter, _))) = (pattern.rsplit_once('/'), path.rsplit_once('/')) else {
            return "";
        };
        (pattern, path) = (above, shorter);
    }
    path
}
