//! How long a text is, and how it is cut. In UTF-16 units, the strictest way in which a platform counts.

/// `text`, at most `most` UTF-16 units long, with an ellipsis where something was cut.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.len_utf16();
        if used > most {
            break;
        }
        kept.push(letter);
    }
    kept.push('…');
    kept
}

/// The length of `text` as a platform may count it.
pub(super) fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis_and_fits() {
        assert_eq!([shortened("abc", 3), shortened("abcd", 3), shortened("😀😀", 3)], ["abc", "ab…", "😀…"]);
        assert_eq!(length("😀…"), 3);
    }
}
