//! What a command names a person by.

use std::fmt;
use std::str::FromStr;

use super::{BadEmail, Email};
use crate::chat::Account;

const MOST: usize = 80;

/// A person as somebody wrote them down. Whom it means is looked up later; it may turn out to be nobody, or several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// The asker: `me`.
    Me,
    /// An address.
    Email(Email),
    /// A chat account, mentioned: `@browser:ada`, `@slack:T01/U01`.
    Account(Account),
    /// A member of the organization: `user_…`.
    Member(String),
    /// A name, or a part of one.
    Name(String),
}

/// Why a text names nobody. The text is not quoted: people paste all sorts of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWho {
    /// It tries to be an address.
    #[error(transparent)]
    Email(#[from] BadEmail),
    /// It tries to be a chat account.
    #[error("a chat account is mentioned like @slack:T01/U01ADA, @discord:80351110224678912 or @browser:ada")]
    Account,
    /// It is nothing that a person goes by.
    #[error("a person is named by address, by @mention, by user_… id, by name or as me")]
    Shape,
}

impl FromStr for Who {
    type Err = BadWho;

    fn from_str(text: &str) -> Result<Self, BadWho> {
        let text = text.trim();
        let bare = text.strip_prefix('@').unwrap_or(text);
        let platforms = ["slack:", "discord:", "browser:", "operator:"];
        if text.eq_ignore_ascii_case("me") {
            Ok(Self::Me)
        } else if platforms.iter().any(|it| bare.starts_with(it)) {
            bare.parse().map(Self::Account).map_err(|_| BadWho::Account)
        } else if bare.contains('@') && !bare.starts_with("<@") {
            Ok(Self::Email(bare.parse()?))
        } else if is_member_id(bare) {
            Ok(Self::Member(bare.to_owned()))
        } else if is_name(bare) {
            Ok(Self::Name(bare.to_owned()))
        } else {
            Err(BadWho::Shape)
        }
    }
}

fn is_member_id(text: &str) -> bool {
    text.len() <= MOST
        && text
            .strip_prefix("user_")
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|it| it.is_ascii_alphanumeric()))
}

/// Letters of any script, and what stands between them in names.
fn is_name(text: &str) -> bool {
    text.chars().count() <= MOST
        && text.chars().any(char::is_alphabetic)
        && text.chars().all(|it| it.is_alphanumeric() || it.is_alphabetic() || " .-_'’()".contains(it) || is_accent(it))
}

/// Accents that stand alone behind their letter, and the marks of scripts that write vowels so.
fn is_accent(it: char) -> bool {
    matches!(it, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}')
}

impl fmt::Display for Who {
    /// As it would be written in a command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::Email(email) => email.fmt(f),
            Self::Account(account) => write!(f, "@{account}"),
            Self::Member(id) => f.write_str(id),
            Self::Name(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_in_five_ways_and_written_the_same_again() {
        for (text, who) in [
            ("me", Who::Me),
            ("ada@example.com", Who::Email("ada@example.com".parse().unwrap())),
            ("@browser:ada", Who::Account(Account::browser("ada"))),
            ("@slack:T01/U01ADA", Who::Account(Account::slack("T01", "U01ADA"))),
            ("user_01AbC", Who::Member("user_01AbC".into())),
            ("Zoë O'Neil-李", Who::Name("Zoë O'Neil-李".into())),
        ] {
            assert_eq!(text.parse(), Ok(who.clone()), "{text}");
            assert_eq!(who.to_string(), text);
        }
        assert_eq!(" @ada ".parse(), Ok(Who::Name("ada".into())));
        assert_eq!("browser:ada".parse(), Ok(Who::Account(Account::browser("ada"))), "as forms send it");
    }

    #[test]
    fn what_names_nobody_is_refused_with_a_reason() {
        assert_eq!("a@b".parse::<Who>(), Err(BadWho::Email(BadEmail::Shape)));
        assert_eq!("@slack:U01".parse::<Who>(), Err(BadWho::Account));
        assert_eq!("@browser:../etc".parse::<Who>(), Err(BadWho::Account));
        for text in ["", "@", "  ", "42", "<@U01>", "a\u{202e}b", "a;b", "{}", "sk/ant", &"x".repeat(81)] {
            assert_eq!(text.parse::<Who>(), Err(BadWho::Shape), "{text:?}");
        }
    }
}
