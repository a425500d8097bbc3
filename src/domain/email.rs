//! An address that an invitation can go to.
//!
//! Stricter than the mail standards, on purpose: an address that reads like another one, or that no company hands out,
//! is refused here rather than invited by mistake.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const MOST: usize = 254;
const MOST_BEFORE_AT: usize = 64;
const MOST_PER_LABEL: usize = 63;

/// An address, with its domain in lower case. What stands before the `@` is kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is no address. The text is not quoted: people paste all sorts of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEmail {
    /// It has not the shape of one.
    #[error("an address is written like ada@example.com")]
    Shape,
    /// It has letters from outside ASCII, which can look like others.
    #[error("an address has only plain letters, digits and a few signs; this one has others that may look alike")]
    LookAlike,
    /// It is longer than mail allows.
    #[error("an address has at most 254 characters, 64 of them before the @")]
    TooLong,
}

impl Email {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit('@').next().unwrap_or_default()
    }

    /// True if mail to `other` reaches the same person: nobody tells people apart by capital letters.
    #[must_use]
    pub fn is_same(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other.trim())
    }
}

impl FromStr for Email {
    type Err = BadEmail;

    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let text = text.trim();
        let text = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
        if text.len() > MOST * 4 {
            return Err(BadEmail::TooLong);
        }
        let (name, domain) = text.split_once('@').ok_or(BadEmail::Shape)?;
        if !text.is_ascii() {
            return Err(BadEmail::LookAlike);
        }
        if text.len() > MOST || name.len() > MOST_BEFORE_AT {
            return Err(BadEmail::TooLong);
        }
        let domain = domain.to_ascii_lowercase();
        if is_name(name) && is_domain(&domain) { Ok(Self(format!("{name}@{domain}"))) } else { Err(BadEmail::Shape) }
    }
}

/// No `=`, `:` or `/`, which commands and links give a meaning to; no dot at an end or beside another.
fn is_name(name: &str) -> bool {
    let sign = |it: u8| it.is_ascii_alphanumeric() || b"._%+-'&!#^~".contains(&it);
    let edge = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    name.bytes().all(sign)
        && !name.contains("..")
        && name.bytes().next().is_some_and(edge)
        && name.bytes().last().is_some_and(|it| it != b'.')
}

/// At least two labels, the last one of letters, or in the form of international ones (`xn--…`).
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MOST_PER_LABEL).contains(&label.len())
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_top = |label: &str| {
        label.starts_with("xn--") || (label.len() >= 2 && label.bytes().all(|it| it.is_ascii_alphabetic()))
    };
    domain.split('.').count() >= 2 && domain.split('.').all(is_label) && domain.rsplit('.').next().is_some_and(is_top)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = BadEmail;

    fn try_from(text: String) -> Result<Self, BadEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_companies_hand_out_pass() {
        for (text, read) in [
            ("ada@example.com", "ada@example.com"),
            (" Ada.Lovelace@Example.COM ", "Ada.Lovelace@example.com"),
            ("<o'neil+claude@mail.example.co.uk>", "o'neil+claude@mail.example.co.uk"),
            ("_svc-1@xn--bcher-kva.example", "_svc-1@xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<Email>().map(String::from), Ok(read.to_owned()), "{text}");
        }
    }

    #[test]
    fn junk_is_refused() {
        for text in [
            "",
            "@",
            "a@b",
            "a@b.c",
            "a@b.1",
            "@example.com",
            "ada@",
            "ada@.com",
            "ada@example..com",
            "ada@-example.com",
            "ada@example-.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..b@example.com",
            "a b@example.com",
            "a@b@example.com",
            "ada@example.com,bo@example.com",
            "ada@exa mple.com",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
            "\"ada\"@example.com",
            "-ada@example.com",
            "ada@example.com\u{0}",
            "role=x@example.com",
            "ada@example.com>",
        ] {
            assert_eq!(text.parse::<Email>(), Err(BadEmail::Shape), "{text:?}");
        }
    }

    #[test]
    fn look_alikes_and_endless_ones_are_told_apart_from_junk() {
        assert_eq!("аda@example.com".parse::<Email>(), Err(BadEmail::LookAlike), "a Cyrillic a");
        assert_eq!("ada@exаmple.com".parse::<Email>(), Err(BadEmail::LookAlike), "a Cyrillic a");
        assert_eq!(format!("{}@example.com", "a".repeat(65)).parse::<Email>(), Err(BadEmail::TooLong));
        assert_eq!(format!("a@{}.com", "b.".repeat(130)).parse::<Email>(), Err(BadEmail::TooLong));
        assert_eq!(format!("a@{}.com", "b".repeat(64)).parse::<Email>(), Err(BadEmail::Shape));
    }

    #[test]
    fn capital_letters_tell_nobody_apart() {
        let email: Email = "Ada@Example.com".parse().unwrap();
        assert!(email.is_same("ada@EXAMPLE.com"));
        assert!(!email.is_same("bo@example.com"));
        assert_eq!(email.domain(), "example.com");
    }
}
