//! How stories write what is said, and when.

use steward::clock::Moment;

/// An inline snapshot that the same line meets again and again, such as on each engine.
macro_rules! assert_snapshot {
    ($value:expr, @$expected:literal) => {
        // What the value borrows from lives as long as a match does.
        match $value {
            value => insta::allow_duplicates! { insta::assert_snapshot!(value, @$expected) },
        }
    };
}
pub(crate) use assert_snapshot;

/// A moment of the story.
pub(crate) fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// `C17-k3f9` becomes `C17-xxxx`, `user_01AbC…` becomes `user_…`.
pub(crate) fn masked(text: &str) -> String {
    let is_inside = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_inside(letter)).unwrap_or(rest.len());
        out.push_str(&masked_word(&rest[..end]));
        let gap = rest[end..].find(is_inside).unwrap_or(rest.len() - end);
        out.push_str(&rest[end..end + gap]);
        rest = &rest[end + gap..];
    }
    out
}

fn masked_word(word: &str) -> String {
    if let Some((number, digest)) = word.strip_prefix('C').and_then(|it| it.split_once('-'))
        && number.parse::<u32>().is_ok()
        && digest.len() == 4
    {
        return format!("C{number}-xxxx");
    }
    let named = ["user_", "invite_", "apikey_", "wrkspc_", "svac_", "req_"]
        .into_iter()
        .find(|it| word.len() > 16 && word.starts_with(it));
    named.map_or_else(|| word.to_owned(), |it| format!("{it}…"))
}
