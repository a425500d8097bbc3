//! `/claude key leak <text>` reports that a key was seen where it should not be.
//!
//! - Needs: a linked account. Reads: the directory. The text is neither stored nor logged: what is kept of it is which key it was.

use crate::change::Failure;
use crate::command::{Outcome, Tools};
use crate::domain::is_hint_of;
use crate::store::{ApiKeyRow, Store};
use crate::view;

/// The longest text that is looked through, in characters.
const LONGEST: usize = 20_000;
/// How every key begins.
const KEY_BEGINNING: &str = "sk-ant-";
/// How every token begins.
const TOKEN_BEGINNING: &str = "sk-ant-oat";

/// Report a leaked key.
///
/// Paste what you have seen: a key, a piece of a log, or its hint. Whatever is a key of this organization is switched off at once; its
/// owner and the admins are told. The text itself is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key leak sk-ant-api03-R2D...igAA")]
pub struct Leak {
    /// What you have seen.
    #[arg(value_name = "text", allow_hyphen_values = true, value_parser = text)]
    pub seen: String,
}

fn text(text: &str) -> Result<String, String> {
    if text.chars().count() > LONGEST {
        Err("this is too long: paste the lines around the key".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

impl Leak {
    /// Finds which keys of the organization are meant.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the directory could not be read.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let keys = leaked_keys(&tools.store, &self.seen).await?;
        // Of a token nothing is kept, so that nobody can tell here whose it is.
        if keys.is_empty() && words(&self.seen).iter().any(|it| it.starts_with(TOKEN_BEGINNING)) {
            return Ok(Outcome::says(view::token::leaked()));
        }
        Ok(Outcome::Leaks(keys))
    }
}

/// The keys of the organization that a text names.
///
/// # Errors
///
/// [`Failure::Internal`] if the directory could not be read.
pub async fn leaked_keys(store: &Store, text: &str) -> Result<Vec<ApiKeyRow>, Failure> {
    let words = words(text);
    Ok(store.keys().await?.into_iter().filter(|it| words.iter().any(|word| is_meant(it, word))).collect())
}

/// What looks like a key, a hint of one, or an id.
fn words(text: &str) -> Vec<&str> {
    let is_inside = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let all = text.split(|it| !is_inside(it));
    let found = all.filter_map(|it| match it.find(KEY_BEGINNING) {
        Some(at) => Some(it[at..].trim_matches('.')),
        None => it.starts_with("apikey_").then_some(it),
    });
    found.collect()
}

fn is_meant(key: &ApiKeyRow, word: &str) -> bool {
    let Some(hint) = key.hint.as_deref() else { return key.id == word };
    key.id == word || hint == word || is_hint_of(hint, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_whatever_is_around_them() {
        let log =
            "2026-12-01 POST x-api-key: \"sk-ant-api03-AAA-bbb_CC\", again=sk-ant-api03-R2D...igAA. and apikey_01";
        assert_eq!(words(log), ["sk-ant-api03-AAA-bbb_CC", "sk-ant-api03-R2D...igAA", "apikey_01"]);
        assert_eq!(words("nothing of that sort"), Vec::<&str>::new());
    }
}
