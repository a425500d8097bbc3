//! One object of the API, in whatever answer it comes.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An object that has a name of its own and says what it is.
pub(super) trait Row: DeserializeOwned + Send + 'static {
    /// What it calls itself in its field `type`.
    const TYPE: &'static str;

    /// What tells it from the others of its kind.
    fn id(&self) -> &str;

    /// The row, given what it calls itself; `Err` if that cannot be.
    fn called(self, tag: Option<String>) -> Result<Self, &'static str> {
        if tag.is_some_and(|tag| tag != Self::TYPE) { Err("an object is of another type") } else { Ok(self) }
    }
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
    /// A row that does not say what it is.
    pub(super) fn plain(row: T) -> Self {
        Self { tag: None, row }
    }

    /// The row, if it is what it should be.
    pub(super) fn open(self) -> Result<T, &'static str> {
        if self.row.id().is_empty() {
            return Err("an object has no id");
        }
        self.row.called(self.tag)
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
