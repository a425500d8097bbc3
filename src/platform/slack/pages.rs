//! Help pages as they were laid out before: the words and the name of the command decide all of a page, so it is made once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Pages that are kept; there are fewer.
const MOST: usize = 256;
/// Bytes of the longest word that a page is asked for with.
const LONGEST_WORD: usize = 20;

/// What an acknowledgement carries: JSON.
pub(super) type Payload = Arc<str>;

/// Pages that were laid out before.
#[derive(Default)]
pub(super) struct Pages(Mutex<HashMap<String, Payload>>);

impl Pages {
    /// Under which name the page for these words is kept; none if no page is asked for.
    ///
    /// Only lower case letters are kept in memory: nobody types a secret in those.
    pub(super) fn name(root: &str, words: &[String]) -> Option<String> {
        let is_plain =
            |word: &String| word.len() <= LONGEST_WORD && word.bytes().all(|it| it.is_ascii_lowercase() || it == b'-');
        let asks = words.first().is_some_and(|it| it == "help") && words.len() <= 4 && words.iter().all(is_plain);
        asks.then(|| format!("{root} {}", words.join(" ")))
    }

    pub(super) fn get(&self, name: &str) -> Option<Payload> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(super) fn keep(&self, name: String, page: &Payload) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(name, Arc::clone(page));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_of_help_are_kept() {
        let name =
            |words: &[&str]| Pages::name("/claude", &words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(name(&["help", "member", "list"]).as_deref(), Some("/claude help member list"));
        let others: [&[&str]; 5] =
            [&[], &["status"], &["help", "sk-ant-api03-x"], &["help", "Member"], &["help", "averyveryverylongword"]];
        for words in others {
            assert_eq!(name(words), None, "{words:?}");
        }
    }

    #[test]
    fn it_does_not_grow() {
        let pages = Pages::default();
        for at in 0..3 * MOST {
            pages.keep(format!("/claude help {at}"), &"{}".into());
        }
        assert!(pages.0.lock().unwrap().len() <= MOST);
    }
}
