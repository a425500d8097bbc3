//! The short code that joins a second chat account to a person: shown on one platform, entered on the other.

use std::fmt;
use std::str::FromStr;

/// Eight letters, read aloud and typed as `ABCD-EFGH`. Whoever has it can say that the account that asked for it is theirs,
/// so its `Debug` hides it and it is never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkCode(String);

/// A text that is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code has eight letters, such as ABCD-EFGH")]
pub struct BadLinkCode;

impl LinkCode {
    /// How many random letters one is made of, 5 bits each.
    pub const LETTERS: usize = 8;

    /// As it is typed: `ABCD-EFGH`.
    #[must_use]
    pub fn shown(&self) -> String {
        let upper = self.0.to_ascii_uppercase();
        let (first, second) = upper.split_at(Self::LETTERS / 2);
        format!("{first}-{second}")
    }

    /// What is hashed.
    #[must_use]
    pub fn letters(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(…)")
    }
}

impl FromStr for LinkCode {
    type Err = BadLinkCode;

    fn from_str(text: &str) -> Result<Self, BadLinkCode> {
        let letters: String = text.chars().filter(|it| !it.is_whitespace() && *it != '-').collect();
        let is_code = letters.len() == Self::LETTERS && letters.bytes().all(|it| it.is_ascii_alphanumeric());
        if is_code { Ok(Self(letters.to_ascii_lowercase())) } else { Err(BadLinkCode) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_typed_as_people_type_and_says_nothing_in_a_log() {
        let code: LinkCode = "abcd-EFGH".parse().unwrap();
        assert_eq!(code.shown(), "ABCD-EFGH");
        assert_eq!("AB CD ef gh".parse(), Ok(code.clone()));
        assert_eq!(format!("{code:?}"), "LinkCode(…)");
        for text in ["", "abcd", "abcd-efgh-i", "abcd-efg!", "äbcd-efg"] {
            assert_eq!(text.parse::<LinkCode>(), Err(BadLinkCode), "{text}");
        }
    }
}
