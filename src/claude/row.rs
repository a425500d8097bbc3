//! One object of the API, in whatever answer it comes.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An object that has a name of its own and says what it is.
pub(super) trait Row: DeserializeOwned + Send + 'static {
    /// What it calls itself in its field `type`.
    const TYPE: &'static str;

    /// What tells it from the others of its kind.
    fn id(&self) -> &str;
}

/// A row as it travels: with the `type` that it may carry.
#[derive(Deserialize)]
#[serde(bound = "T: Row")]
pub(super) struct Tagged<T> {
    #[serde(rename = "type", default)]
    tag: Option<String>,
    #[serde(flatten)]
    row: T,
}

impl<T: Row> Tagged<T> {
    /// The row, if it is what it should be.
    pub(super) fn open(self) -> Result<T, &'static str> {
        if self.tag.is_some_and(|tag| tag != T::TYPE) {
            return Err("an object is of another type");
        }
        if self.row.id().is_empty() {
            return Err("an object has no id");
        }
        Ok(self.row)
    }
}

/// For fields that may be missing or null and are empty then.
pub(super) fn or_empty<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}
