//! One request, before it is sent.

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::budget::Lane;
use super::error::Error;

/// Longer texts are no ids; the API's have some thirty characters.
const LONGEST_ID: usize = 200;

/// A request to something below `/v1/organizations`, unless another place is named.
#[derive(Clone)]
pub(super) struct Call {
    /// What it is about, for errors and logs.
    pub(super) what: &'static str,
    pub(super) method: Method,
    pub(super) body: Option<Value>,
    /// Twice has the effect of once, so it may be sent again.
    pub(super) repeatable: bool,
    /// The lane, where the call itself decides on it.
    pub(super) lane: Option<Lane>,
    /// The beta that it belongs to, for the header `anthropic-beta`.
    pub(super) beta: Option<&'static str>,
    /// What follows `/v1/`.
    below: &'static str,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
}

impl Call {
    /// A look. `path` is what follows `/v1/organizations`, one element a segment.
    pub(super) fn get(what: &'static str, path: &[&str]) -> Self {
        Self { repeatable: true, ..Self::new(what, Method::GET, path) }
    }

    /// A creation or a change, sent once unless [`Call::repeatable`] says otherwise.
    pub(super) fn post(what: &'static str, path: &[&str], body: Value) -> Self {
        Self { body: Some(body), ..Self::new(what, Method::POST, path) }
    }

    /// A removal: twice is as good as once, and it takes access away.
    pub(super) fn delete(what: &'static str, path: &[&str]) -> Self {
        Self { repeatable: true, ..Self::new(what, Method::DELETE, path) }.revoking()
    }

    /// Twice has the effect of once.
    pub(super) fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }

    /// It takes access away: it may use the share that is kept for that.
    pub(super) fn revoking(self) -> Self {
        Self { lane: Some(Lane::Revocation), ..self }
    }

    /// It belongs to a beta, which has to be named.
    pub(super) fn of_beta(self, name: &'static str) -> Self {
        Self { beta: Some(name), ..self }
    }

    /// It lies below `/v1/` and this instead.
    pub(super) fn below(self, place: &'static str) -> Self {
        Self { below: place, ..self }
    }

    /// Adds a parameter. Arrays are repeated, with brackets in their name, as the official clients write them.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds a parameter if there is a value for it.
    pub(super) fn with_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Does it change something upstream?
    pub(super) fn changes(&self) -> bool {
        self.method != Method::GET
    }

    /// Its address below `base`. Nothing in a segment can leave its place: it is one segment, encoded.
    pub(super) fn url(&self, base: &Url) -> Result<Url, Error> {
        if !self.path.iter().all(|segment| is_segment(segment)) {
            return Err(Error::NotAnId);
        }
        let mut url = base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Settings("the base URL has no place for a path"))?
            .pop_if_empty()
            .extend(["v1", self.below])
            .extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    fn new(what: &'static str, method: Method, path: &[&str]) -> Self {
        let path = path.iter().map(|&segment| segment.to_owned()).collect();
        let below = "organizations";
        Self { what, method, body: None, repeatable: false, lane: None, beta: None, below, path, query: Vec::new() }
    }
}

fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && text.len() <= LONGEST_ID && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(id: &str) -> Result<String, Error> {
        let base = Url::parse("http://127.0.0.1:8080/anthropic/").unwrap();
        Call::get("member", &["users", id]).url(&base).map(String::from)
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        let of = |id| url_of(id).unwrap().replace("http://127.0.0.1:8080/anthropic/v1/organizations/users/", "");
        assert_eq!(of("user_1"), "user_1");
        assert_eq!(of("../me"), "..%2Fme");
        assert_eq!(of("a?b#c%2f\\"), "a%3Fb%23c%252f%5C");
        assert_eq!(of("%2e%2e"), "%252e%252e");
        for none in ["", ".", "..", "a\nb", &"x".repeat(201)] {
            assert_eq!(url_of(none), Err(Error::NotAnId));
        }
    }
}
