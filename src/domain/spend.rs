//! What was spent, by whom, and how sure that is.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::Amount;
use crate::clock::Moment;

/// Where a figure comes from. A sum is as sure as its weakest part, which is the greatest of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// By key, as it was billed.
    Billed,
    /// Estimated by key, and scaled so that workspace and day add up to what was billed.
    Reconciled,
    /// Fresh tokens at list prices.
    Estimate,
}

impl Basis {
    /// All of them, surest first.
    pub const ALL: [Self; 3] = [Self::Billed, Self::Reconciled, Self::Estimate];

    /// As it is stored and said.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Reconciled => "reconciled",
            Self::Estimate => "estimate",
        }
    }

    /// What was stored; anything unknown is an estimate.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.as_str() == text).unwrap_or(Self::Estimate)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose spending. What stands behind the colon is an id in the store, and may be a name where people type it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// `org`: everything.
    Organization,
    /// `workspace:wrkspc_…`.
    Workspace(String),
    /// `person:person_…`; `person:user_…` for a member whom no account is linked to.
    Person(String),
    /// `key:apikey_…`.
    Key(String),
    /// `model:claude-…`.
    Model(String),
    /// `tag:…`: the keys whose names fit a pattern of the configuration.
    Tag(String),
}

impl Scope {
    /// The word before the colon.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Organization => "org",
            Self::Workspace(_) => "workspace",
            Self::Person(_) => "person",
            Self::Key(_) => "key",
            Self::Model(_) => "model",
            Self::Tag(_) => "tag",
        }
    }

    /// What stands behind the colon; nothing for the organization.
    #[must_use]
    pub fn of(&self) -> &str {
        match self {
            Self::Organization => "",
            Self::Workspace(it) | Self::Person(it) | Self::Key(it) | Self::Model(it) | Self::Tag(it) => it,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => f.write_str("org"),
            _ => write!(f, "{}:{}", self.kind(), self.of()),
        }
    }
}

/// Not a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `org`, `workspace:NAME`, `person:…`, `key:…`, `model:…` or `tag:…`")]
pub struct BadScope;

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        let (kind, of) = text.trim().split_once(':').unwrap_or((text.trim(), ""));
        let of = of.trim().to_owned();
        match (kind.to_ascii_lowercase().as_str(), of.is_empty()) {
            ("org" | "organization", true) => Ok(Self::Organization),
            ("workspace", false) => Ok(Self::Workspace(of)),
            ("person", false) => Ok(Self::Person(of)),
            ("key", false) => Ok(Self::Key(of)),
            ("model", false) => Ok(Self::Model(of)),
            ("tag", false) => Ok(Self::Tag(of)),
            _ => Err(BadScope),
        }
    }
}

/// What a question is broken down by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The hour, UTC: `2026-12-01T08:00:00Z`.
    Hour,
    /// The calendar day in a zone: `2026-12-01`. An hour belongs to the day that it begins in.
    Day(TimeZone),
    /// The workspace's id.
    Workspace,
    /// The key's id; none where no key was used.
    Key,
    /// The person's id, or the member's (`user_…`) where no account is linked to them; none where it is nobody's.
    Person,
    /// The model's name; none where there is none.
    Model,
    /// The first tag that the key's name fits.
    Tag,
    /// What is paid for: `tokens`, `web_search` …
    Kind,
}

/// A question about spending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendQuery {
    /// Whose.
    pub scope: Scope,
    /// From the hour that begins at or after this moment.
    pub from: Moment,
    /// To before this moment.
    pub to: Moment,
    /// Broken down by these; by nothing: one row.
    pub by: Vec<Dimension>,
}

/// How much of an amount stands on which ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// As it was billed.
    pub billed: Amount,
    /// Scaled to what was billed.
    pub reconciled: Amount,
    /// At list prices.
    pub estimate: Amount,
}

impl Parts {
    /// Adds an amount to its part.
    pub fn add(&mut self, basis: Basis, amount: Amount) {
        match basis {
            Basis::Billed => self.billed += amount,
            Basis::Reconciled => self.reconciled += amount,
            Basis::Estimate => self.estimate += amount,
        }
    }
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// One value for each dimension that was asked for.
    pub group: Vec<Option<String>>,
    /// What it cost.
    pub amount: Amount,
    /// Tokens of every class.
    pub tokens: i64,
    /// Those of them that have no price: the amount holds nothing for them.
    pub unpriced_tokens: i64,
    /// As sure as the weakest part.
    pub basis: Basis,
    /// What stands on which ground.
    pub parts: Parts,
    /// How far the data behind it reaches.
    pub as_of: Moment,
}

/// True if `text` fits `pattern`, in which `*` stands for anything; letters are compared without their case.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().map_or(("", &[][..]), |(last, middle)| (*last, middle));
    for part in middle {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for text in ["org", "workspace:research", "person:person_1", "key:apikey_1", "model:claude-opus-5-5", "tag:ci"]
        {
            assert_eq!(text.parse::<Scope>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for bad in ["", "org:x", "workspace:", "workspace", "team:x", ":x"] {
            assert_eq!(bad.parse::<Scope>(), Err(BadScope), "{bad:?}");
        }
    }

    #[test]
    fn a_sum_is_as_sure_as_its_weakest_part() {
        assert_eq!(Basis::ALL.into_iter().max(), Some(Basis::Estimate));
        assert_eq!(Basis::ALL.map(|it| Basis::stored(it.as_str())), Basis::ALL);
        assert_eq!(Basis::stored("?"), Basis::Estimate);
    }

    #[test]
    fn patterns_fit_names() {
        for (pattern, text) in
            [("ci-*", "CI-nightly"), ("*batch*", "the batch key"), ("*", ""), ("a*b*c", "aXbYc"), ("x", "X")]
        {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("ci-*", "xci-1"), ("a*b", "ab c"), ("a*a", "a"), ("x", "xy"), ("a*b*c", "acb")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
