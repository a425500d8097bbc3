//! What a platform delivers, read leniently: a field that is missing, or of another shape than expected, is simply not there.
//! So a new kind of block, field or installation never takes a person's act away.

use serde_json::Value;

/// Text at a JSON pointer; none if it is missing, empty or something else.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|it| !it.is_empty())
}

/// The same, owned.
pub(super) fn owned(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).map(str::to_owned)
}
