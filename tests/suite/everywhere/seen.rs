//! What somebody sees, in the words that all platforms share.

use serde_json::Value;

/// A message, a dialog or a page, as somebody sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// All its words, a line each.
    pub(crate) text: String,
    /// What can be pressed.
    pub(crate) buttons: Vec<String>,
    /// The labels of what can be filled in; empty if it is no form.
    pub(crate) fields: Vec<String>,
    /// The platform's own name of it.
    pub(crate) at: String,
    /// The platform's own form of it.
    pub(crate) raw: Value,
}

impl Seen {
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(
            self.text.contains(words),
            "{words:?} is not said in:\n{}\n{:?} {:?}",
            self.text,
            self.buttons,
            self.fields
        );
        self
    }

    #[track_caller]
    pub(crate) fn offers(&self, labels: &[&str]) -> &Self {
        assert_eq!(self.buttons, labels, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn asks_for(&self, labels: &[&str]) -> &Self {
        assert_eq!(self.fields, labels, "{}", self.text);
        self
    }
}
