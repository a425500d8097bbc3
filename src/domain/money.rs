//! Money and whose it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// US dollars, in whole hundred-millionths: a microcent is the sixth decimal of a cent, as the API sends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Amount(pub i64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs() / 1_000_000;
        if self.0 != 0 && cents == 0 {
            return f.write_str("<$0.01");
        }
        let digits = (cents / 100).to_string();
        let mut whole = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                whole.push(',');
            }
            whole.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}${whole}.{:02}", cents % 100)
    }
}

/// How sure a figure is, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Fresh tokens times price.
    Estimate,
    /// An estimate, scaled to what was billed.
    Reconciled,
    /// What was billed.
    Billed,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Estimate => "estimate",
            Self::Reconciled => "reconciled",
            Self::Billed => "billed",
        })
    }
}

/// Whose spending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// Everybody's.
    Organization,
    /// A workspace's, by id.
    Workspace(String),
    /// A person's, by id.
    Person(String),
    /// An API key's, by id.
    Key(String),
    /// A model's, by name.
    Model(String),
    /// What has a tag, by name.
    Tag(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => f.write_str("org"),
            Self::Workspace(it) => write!(f, "workspace:{it}"),
            Self::Person(it) => write!(f, "person:{it}"),
            Self::Key(it) => write!(f, "key:{it}"),
            Self::Model(it) => write!(f, "model:{it}"),
            Self::Tag(it) => write!(f, "tag:{it}"),
        }
    }
}

impl FromStr for Scope {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, of) = text.split_once(':').map_or((text, ""), |(kind, of)| (kind, of.trim()));
        let of = of.to_owned();
        match (kind.trim().to_lowercase().as_str(), of.is_empty()) {
            ("org", true) => Ok(Self::Organization),
            ("workspace", false) => Ok(Self::Workspace(of)),
            ("person", false) => Ok(Self::Person(of)),
            ("key", false) => Ok(Self::Key(of)),
            ("model", false) => Ok(Self::Model(of)),
            ("tag", false) => Ok(Self::Tag(of)),
            _ => Err("it is written org, workspace:NAME, person:…, key:…, model:… or tag:…"),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
