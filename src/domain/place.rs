//! A workspace as the configuration speaks of it.

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};

use super::{Approver, NamePattern};

/// What a workspace is for. It decides how careful Steward is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// For trying things.
    Dev,
    /// For rehearsing.
    Staging,
    /// For customers.
    Production,
}

impl Environment {
    /// All of them, the least guarded first.
    pub const ALL: [Self; 3] = [Self::Dev, Self::Staging, Self::Production];

    /// The environment of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// The name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ValueEnum for Environment {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let about = match self {
            Self::Dev => "For trying things",
            Self::Staging => "For rehearsing",
            Self::Production => "For customers",
        };
        Some(PossibleValue::new(self.as_str()).help(about))
    }
}

/// How keys are issued in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// `stock`: from a stock of keys that an admin loaded.
    Stock,
    /// `token`: short-lived tokens, minted through federation.
    Token,
    /// `claim`: made by hand in the Console after approval, and recognized there.
    Claim,
}

/// A workspace and what the configuration says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// What it is for; production if the configuration does not say, so that what was forgotten is guarded.
    pub environment: Environment,
    /// Who may decide about it, besides the roles that a policy names.
    pub approvers: Vec<Approver>,
    /// Where its cards go; none: where all cards go.
    pub approvers_channel: Option<String>,
    /// How its keys are issued.
    pub issuer: Issuer,
    /// At so many free keys in its stock the admins are told.
    pub low_stock: u32,
    /// How many days old one of its keys may get.
    pub rotate_days: i64,
    /// After how many hours of silence a replaced key is switched off.
    pub silent_hours: i64,
    /// How long a token of its lives, in seconds.
    pub token_lifetime_s: i64,
    /// How its keys are called; whatever somebody likes, without.
    pub key_name: Option<NamePattern>,
}

impl Place {
    /// A workspace that the configuration does not name.
    #[must_use]
    pub fn unnamed(name: &str) -> Self {
        Self {
            name: name.into(),
            environment: Environment::Production,
            approvers: Vec::new(),
            approvers_channel: None,
            issuer: Issuer::Claim,
            low_stock: 5,
            rotate_days: 90,
            silent_hours: 24,
            token_lifetime_s: 3_600,
            key_name: None,
        }
    }
}
