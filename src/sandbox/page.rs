//! Query strings, and the two ways in which lists come in pages.
//!
//! ID cursors: `limit` 1 to 1000 (20 if not said), at most one of `after_id` and `before_id`, answered with `data`,
//! `first_id`, `last_id`, `has_more`. A cursor names a place in the whole list, so that a row which no longer passes the
//! filter still serves; one that names no row is refused (undocumented).

use super::answer::{Answer, Refusal};
use axum::Json;
use serde_json::{Value, json};

/// The parameters of a request, in order, repeated ones included. Unknown ones are ignored, as the real service does.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(raw: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// A parameter's last value.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a repeatable parameter, with brackets behind its name or without.
    pub(super) fn many(&self, name: &str) -> Vec<&str> {
        let bracketed = format!("{name}[]");
        self.0.iter().filter(|(key, _)| key == name || *key == bracketed).map(|(_, value)| value.as_str()).collect()
    }

    /// A yes or no; not said means no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.one(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refusal::bad(format!("{name}: Input should be true or false"))),
        }
    }

    /// All values of a repeatable parameter, each one that `named` knows.
    pub(super) fn each<T>(&self, name: &str, named: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Refusal> {
        let read =
            |value: &&str| named(value).ok_or_else(|| Refusal::bad(format!("{name}: Input is not a known value")));
        self.many(name).iter().map(read).collect()
    }

    pub(super) fn limit(&self, most: usize) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.one("limit") else { return Ok(None) };
        let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.map(Some).ok_or_else(|| Refusal::bad(format!("limit: Input should be an integer from 1 to {most}")))
    }
}

/// How many rows a page has.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// If nothing was said.
    pub(super) usual: usize,
    /// If much was asked for.
    pub(super) most: usize,
}

/// As most lists have it.
const ORDINARY: Size = Size { usual: 20, most: 1_000 };

/// A row of a list.
pub(super) struct Row<'a> {
    /// What cursors call it.
    pub(super) id: &'a str,
    /// Whether it passes the filters.
    pub(super) kept: bool,
}

/// Cuts one page out of `all`, which is the whole list in its order. `row` says what cursors and filters need to know,
/// `show` what is answered.
pub(super) fn cursors<T>(query: &Query, all: &[T], row: impl Fn(&T) -> Row<'_>, show: impl Fn(&T) -> Value) -> Answer {
    cursors_of(ORDINARY, query, all, row, show)
}

/// The same with pages of another size.
pub(super) fn cursors_of<T>(
    size: Size,
    query: &Query,
    all: &[T],
    row: impl Fn(&T) -> Row<'_>,
    show: impl Fn(&T) -> Value,
) -> Answer {
    let limit = query.limit(size.most)?.unwrap_or(size.usual);
    let place = |name: &str, id: &str| {
        let found = all.iter().position(|it| row(it).id == id);
        found.ok_or_else(|| Refusal::bad(format!("{name}: no such object")))
    };
    let kept = |it: &&T| row(it).kept;
    let mut found: Vec<&T> = match (query.one("after_id"), query.one("before_id")) {
        (Some(_), Some(_)) => return Err(Refusal::bad("Only one of after_id and before_id may be given")),
        (Some(id), None) => all[place("after_id", id)? + 1..].iter().filter(kept).take(limit + 1).collect(),
        (None, Some(id)) => all[..place("before_id", id)?].iter().rev().filter(kept).take(limit + 1).collect(),
        (None, None) => all.iter().filter(kept).take(limit + 1).collect(),
    };
    let has_more = found.len() > limit;
    found.truncate(limit);
    if query.one("before_id").is_some() {
        found.reverse();
    }
    Ok(Json(json!({
        "data": found.iter().map(|it| show(it)).collect::<Vec<_>>(),
        "has_more": has_more,
        "first_id": found.first().map(|it| row(it).id),
        "last_id": found.last().map(|it| row(it).id),
    })))
}

/// Cuts one page out of `all` by an opaque `page`, answered with `data` and `next_page`. Without `limit`: all in one.
pub(super) fn tokens(query: &Query, all: &[Value]) -> Answer {
    tokens_of(Size { usual: all.len(), most: ORDINARY.most }, query, all)
}

/// The same with pages of another size.
pub(super) fn tokens_of(size: Size, query: &Query, all: &[Value]) -> Answer {
    let start = match query.one("page") {
        None => 0,
        Some(token) => {
            let place = token.strip_prefix("page_").and_then(|place| place.parse::<usize>().ok());
            place.filter(|place| *place < all.len()).ok_or_else(|| Refusal::bad("page: no such page"))?
        }
    };
    let end = all.len().min(start + query.limit(size.most)?.unwrap_or(size.usual));
    let next_page = (end < all.len()).then(|| format!("page_{end}"));
    Ok(Json(json!({ "data": all[start..end], "next_page": next_page })))
}
