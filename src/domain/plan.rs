//! What a change will do, exactly, before it is done.

use std::fmt;

use data_encoding::{Encoding, Specification};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A name and a value of the world before or after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// How it is.
    pub value: String,
}

impl Fact {
    /// A fact.
    #[must_use]
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Method and path, with real ids.
    pub call: String,
    /// What it does, in words.
    pub does: String,
    /// The call as it will be made, so that the digest binds it: a stored call that reads otherwise is never made.
    #[serde(default)]
    pub exact: String,
}

/// The calls in order, the world before and after, and how to take it back. All of it is bound by the digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What will happen, in a few words: "invite lea@example.com as developer".
    pub summary: String,
    /// The calls.
    pub steps: Vec<Step>,
    /// The world as it was looked at.
    pub before: Vec<Fact>,
    /// The world as it will be.
    pub after: Vec<Fact>,
    /// What it costs, in words; none: nothing.
    pub cost: Option<String>,
    /// How to take it back; none: not possible.
    pub undo: Option<String>,
}

impl Plan {
    /// The digest of everything in the plan.
    ///
    /// # Panics
    ///
    /// Never: a plan is strings, and those have a JSON form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let bytes = serde_json::to_vec(self).expect("a plan is made of strings, which always have a JSON form");
        Digest::of(&bytes)
    }

    /// The facts in which `now` differs from this plan, as "name: was X, now Y".
    #[must_use]
    pub fn moved(&self, now: &Plan) -> Vec<String> {
        let was = |name: &str| self.before.iter().find(|it| it.name == name).map_or("nothing", |it| it.value.as_str());
        let is = |name: &str| now.before.iter().find(|it| it.name == name).map_or("nothing", |it| it.value.as_str());
        let mut names: Vec<&str> = self.before.iter().chain(&now.before).map(|it| it.name.as_str()).collect();
        names.dedup();
        let mut lines: Vec<String> = Vec::new();
        for name in names {
            let line = format!("{name}: was {}, now {}", was(name), is(name));
            if was(name) != is(name) && !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

/// SHA-256 of a plan, written in letters that people can read aloud.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Digest(String);

impl Digest {
    fn of(bytes: &[u8]) -> Self {
        Self(readable().encode(&Sha256::digest(bytes)))
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// All of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The four letters in a change's id.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..4).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn readable() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijkmnpqrstuvwxyz23456789");
    specification.encoding().expect("32 different letters make a base-32 alphabet")
}
