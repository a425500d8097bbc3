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

    /// A whole number from `least` to `most` that may be absent or null.
    pub(super) fn whole(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let number = value.as_i64().filter(|number| (least..=most).contains(number));
        number
            .map(Some)
            .ok_or_else(|| Refusal::bad(format!("{name}: Input should be an integer from {least} to {most}")))
    }

    /// A yes or no that may be absent or null.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| Refusal::bad(format!("{name}: Input should be a valid boolean")))
    }

    /// An object that must be there.
    pub(super) fn object(&self, name: &str) -> Result<&Map<String, Value>, Refusal> {
        match self.value(name) {
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(Refusal::bad(format!("{name}: Input should be a valid object"))),
            None => Err(Refusal::bad(format!("{name}: Field required"))),
        }
    }

    /// A slug that must be there: 1 to 255 small letters, digits and hyphens.
    pub(super) fn slug(&self, name: &str) -> Result<String, Refusal> {
        let text = self.required(name)?;
        let fits = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits && (1..=255).contains(&text.len()) {
            return Ok(text.to_owned());
        }
        Err(Refusal::bad(format!("{name}: String should match pattern '^[a-z0-9-]+$', 1 to 255 characters")))
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
