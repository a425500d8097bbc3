//! A JSON body, read field by field, so that a refusal names the field and never quotes what was sent.

use super::answer::Refusal;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// The fields of a request's body.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body that may have the fields `known` and no others.
    pub(super) fn read(headers: &HeaderMap, body: &[u8], known: &[&str]) -> Result<Self, Refusal> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(Refusal::bad("content-type: must be application/json"));
        }
        let fields = Self::any(body)?;
        match fields.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) if name.len() <= 60 => Err(Refusal::bad(format!("{name}: Extra inputs are not permitted"))),
            Some(_) => Err(Refusal::bad("Extra inputs are not permitted")),
            None => Ok(fields),
        }
    }

    /// Reads a body that may have any fields.
    pub(super) fn any(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::bad("The request body must be a JSON object")),
            Err(_) => Err(Refusal::bad("The request body is not valid JSON")),
        }
    }

    /// A field that may be absent or null.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that may be absent or null.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::bad(format!("{name}: Input should be a valid string"))),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::bad(format!("{name}: Field required")))
    }

    /// Refuses a body that says nothing.
    pub(super) fn nonempty(self) -> Result<Self, Refusal> {
        if self.0.is_empty() { Err(Refusal::bad("The request body names nothing to change")) } else { Ok(self) }
    }
}

/// A text of `1..=most` characters that is not blank.
pub(super) fn bounded(name: &str, text: &str, most: usize) -> Result<String, Refusal> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > most {
        return Err(Refusal::bad(format!("{name}: String should have 1 to {most} characters")));
    }
    Ok(text.to_owned())
}
