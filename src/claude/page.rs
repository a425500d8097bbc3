//! Listings, page by page, in both schemes of the API.
//!
//! A listing that lies must neither run for ever nor look complete: whoever reads one compares it with what was known,
//! and takes what is missing for gone. So a page that cannot be right ends the listing with an error.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, TryStreamExt};
use serde::Deserialize;

use super::call::Call;
use super::error::Error;
use super::http::Http;
use super::row::{Row, Tagged};

/// The most rows that the API puts into one page, and what is asked for.
const ROWS_PER_PAGE: &str = "1000";
/// More pages than this are no listing: half a million rows.
const MOST_PAGES: usize = 500;

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows, in the order of the API.
    pub items: Vec<T>,
    /// Does another page follow?
    pub more: bool,
}

/// A listing as a stream of pages, each one request. It ends after the last page or with the first error.
#[must_use = "a listing asks for nothing until it is read"]
pub struct Pages<T>(BoxStream<'static, Result<Page<T>, Error>>);

impl<T> Pages<T> {
    /// All rows of all pages: everything, or an error.
    ///
    /// # Errors
    ///
    /// The first [`Error`] of any page.
    pub async fn collect_all(self) -> Result<Vec<T>, Error> {
        let append = |mut all: Vec<T>, page: Page<T>| async move {
            all.extend(page.items);
            Ok(all)
        };
        self.0.try_fold(Vec::new(), append).await
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

/// A page, reduced to what both schemes have in common: its rows, and where the next one starts.
trait Sheet<T>: for<'de> Deserialize<'de> + Send {
    fn turn(self) -> Result<(Vec<Tagged<T>>, Option<String>), &'static str>;
}

/// The scheme of members, invites, workspaces, workspace members and keys.
#[derive(Deserialize)]
#[serde(bound = "T: Row")]
struct ByLastId<T> {
    data: Vec<Tagged<T>>,
    // No default: taken for "no", a missing answer would make a part look like the whole.
    has_more: bool,
    last_id: Option<String>,
}

impl<T: Row> Sheet<T> for ByLastId<T> {
    fn turn(self) -> Result<(Vec<Tagged<T>>, Option<String>), &'static str> {
        match (self.has_more, self.last_id) {
            (false, _) => Ok((self.data, None)),
            (true, Some(last)) if !last.is_empty() => Ok((self.data, Some(last))),
            (true, _) => Err("it says that more follows, but not where"),
        }
    }
}

/// The scheme of rate limits and of all reports.
#[derive(Deserialize)]
#[serde(bound = "T: Row")]
struct ByToken<T> {
    data: Vec<Tagged<T>>,
    has_more: Option<bool>,
    next_page: Option<String>,
}

impl<T: Row> Sheet<T> for ByToken<T> {
    fn turn(self) -> Result<(Vec<Tagged<T>>, Option<String>), &'static str> {
        match (self.has_more, self.next_page) {
            (Some(false), _) | (None, None) => Ok((self.data, None)),
            (_, Some(next)) if !next.is_empty() => Ok((self.data, Some(next))),
            _ => Err("it says that more follows, but not where"),
        }
    }
}

/// The same for reports, whose buckets do not say what they are. Beside a field that may be there or not, a row is read by way of
/// a copy of everything in it; a bucket may hold ten thousand.
#[derive(Deserialize)]
#[serde(bound = "T: Row")]
struct Buckets<T> {
    data: Vec<T>,
    has_more: Option<bool>,
    next_page: Option<String>,
}

impl<T: Row> Sheet<T> for Buckets<T> {
    fn turn(self) -> Result<(Vec<Tagged<T>>, Option<String>), &'static str> {
        let Self { data, has_more, next_page } = self;
        ByToken { data: data.into_iter().map(Tagged::plain).collect(), has_more, next_page }.turn()
    }
}

/// A listing of the scheme with `after_id` and `last_id`.
pub(super) fn by_last_id<T: Row>(http: Http, call: Call) -> Pages<T> {
    by_last_id_in_pages_of(ROWS_PER_PAGE, http, call)
}

/// The same, where the API puts another number of rows into one page.
pub(super) fn by_last_id_in_pages_of<T: Row>(rows: &str, http: Http, call: Call) -> Pages<T> {
    walk::<T, ByLastId<T>>(Walk::new(http, call.with("limit", rows), "after_id"))
}

/// A listing of the scheme with `page` and `next_page`.
pub(super) fn by_token<T: Row>(http: Http, call: Call) -> Pages<T> {
    walk::<T, ByToken<T>>(Walk::new(http, call, "page"))
}

/// A report, of the same scheme.
pub(super) fn buckets<T: Row>(http: Http, call: Call) -> Pages<T> {
    walk::<T, Buckets<T>>(Walk::new(http, call, "page"))
}

/// Where a listing has got to.
struct Walk {
    http: Http,
    call: Call,
    /// The parameter that names the next page.
    parameter: &'static str,
    next: Option<String>,
    pages: usize,
    /// Every cursor and every row so far, so that going round in circles is noticed.
    cursors: HashSet<String>,
    rows: HashSet<String>,
}

fn walk<T: Row, S: Sheet<T>>(start: Walk) -> Pages<T> {
    let pages = stream::try_unfold(Some(start), |walk| async {
        let Some(walk) = walk else { return Ok(None) };
        walk.step::<T, S>().await.map(Some)
    });
    Pages(Box::pin(pages))
}

impl Walk {
    fn new(http: Http, call: Call, parameter: &'static str) -> Self {
        let (cursors, rows) = Default::default();
        Self { http, call, parameter, next: None, pages: 0, cursors, rows }
    }

    async fn step<T: Row, S: Sheet<T>>(mut self) -> Result<(Page<T>, Option<Self>), Error> {
        let call = self.call.clone().with_some(self.parameter, self.next.as_deref());
        let sheet = self.http.send::<S>(&call).await?;
        let (items, next) = sheet.refine(|sheet| self.accept(sheet))?.value;
        let page = Page { items, more: next.is_some() };
        self.next = next;
        Ok((page, self.next.is_some().then_some(self)))
    }

    /// Takes a page in, unless it cannot be the next page of an honest listing.
    fn accept<T: Row>(&mut self, sheet: impl Sheet<T>) -> Result<(Vec<T>, Option<String>), &'static str> {
        let (data, next) = sheet.turn()?;
        let rows = data.into_iter().map(Tagged::open).collect::<Result<Vec<T>, _>>()?;
        let on_page: HashSet<&str> = rows.iter().map(Row::id).collect();
        if on_page.len() < rows.len() {
            return Err("a page names one object twice");
        }
        if !rows.is_empty() && on_page.iter().all(|id| self.rows.contains(*id)) {
            return Err("a page repeats what came before");
        }
        self.rows.extend(on_page.into_iter().map(str::to_owned));
        self.pages += 1;
        if let Some(next) = &next {
            if !self.cursors.insert(next.clone()) {
                return Err("a page leads back to an earlier one");
            }
            if self.pages >= MOST_PAGES {
                return Err("it does not end");
            }
        }
        Ok((rows, next))
    }
}
