//! Who is in the chat, and where they talk.

use serde::{Deserialize, Serialize};

/// Under which id the bot speaks.
pub const BOT: &str = "steward";

/// Somebody of the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id in `browser:ID`: letters, digits, `.`, `_`, `-`.
    pub id: String,
    /// How people see them.
    pub name: String,
    /// Steward's role as shown on the page: `admin`, `billing` or `member`. Rights come from elsewhere.
    pub role: String,
    /// The profile's address.
    pub email: Option<String>,
    /// Groups, written as in the configuration: `browser-group:platform`.
    pub groups: Vec<String>,
    /// What they do there, shown beside the name.
    pub title: String,
}

/// A place where everybody reads along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// The id in `browser:ID`.
    pub id: String,
    /// What is read after the `#`.
    pub name: String,
    /// What it is for.
    pub topic: String,
}

/// Everybody, every channel, and the company they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// The people. The page starts as the first.
    pub people: Vec<Person>,
    /// The channels. The page starts in the first.
    pub channels: Vec<Channel>,
    /// The company's name.
    pub company: String,
}
