//! Whose a key is, who made it, and what it reaches.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::open::open_enum;

open_enum! {
    /// What kind of account made a key.
    MakerKind {
        /// A member.
        User = "user",
        /// A service account.
        ServiceAccount = "service_account",
    }
}

/// Who made a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Maker {
    /// `user_…` or `svac_…`
    pub id: String,
    /// What kind of account that is.
    #[serde(rename = "type")]
    pub kind: MakerKind,
}

/// Whose a personal or service account key is. Written as the API's type, a colon, and the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Tag")]
pub enum Principal {
    /// A member, by `user_…`.
    User(String),
    /// A service account, by `svac_…`.
    ServiceAccount(String),
    /// A holder of a kind that this client does not know, by the name of that kind.
    Other(String),
}

impl Principal {
    /// Its kind, as the API writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::User(_) => "user_actor",
            Self::ServiceAccount(_) => "service_account_actor",
            Self::Other(kind) => kind,
        }
    }

    /// The holder's id, where its kind is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::User(id) | Self::ServiceAccount(id) => Some(id),
            Self::Other(_) => None,
        }
    }
}

/// What a key reaches. Written as the API's type and, for a workspace, a colon and its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Tag")]
pub enum Scope {
    /// One workspace, by `wrkspc_…`.
    Workspace(String),
    /// Everything that its holder reaches, the Admin API included.
    Organization,
    /// Something that this client does not know, by its name.
    Other(String),
}

impl Scope {
    /// Its kind, as the API writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Workspace(_) => "workspace",
            Self::Organization => "organization",
            Self::Other(kind) => kind,
        }
    }

    /// The workspace, if it is one.
    #[must_use]
    pub fn workspace_id(&self) -> Option<&str> {
        match self {
            Self::Workspace(id) => Some(id),
            Self::Organization | Self::Other(_) => None,
        }
    }
}

/// Either of the two as it travels: newer answers name the id after its kind, older ones call it `id`.
#[derive(Deserialize)]
struct Tag {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    user_id: Option<String>,
    service_account_id: Option<String>,
    workspace_id: Option<String>,
}

/// A known kind came without the id that belongs to it.
const NO_ID: &str = "it names no id";

impl TryFrom<Tag> for Principal {
    type Error = &'static str;

    fn try_from(tag: Tag) -> Result<Self, Self::Error> {
        match tag.kind.as_str() {
            "user_actor" | "user" => some(tag.user_id.or(tag.id)).map(Self::User),
            "service_account_actor" | "service_account" => {
                some(tag.service_account_id.or(tag.id)).map(Self::ServiceAccount)
            }
            _ => Ok(Self::Other(tag.kind)),
        }
    }
}

impl TryFrom<Tag> for Scope {
    type Error = &'static str;

    fn try_from(tag: Tag) -> Result<Self, Self::Error> {
        match tag.kind.as_str() {
            "workspace" => some(tag.workspace_id.or(tag.id)).map(Self::Workspace),
            "organization" => Ok(Self::Organization),
            _ => Ok(Self::Other(tag.kind)),
        }
    }
}

fn some(id: Option<String>) -> Result<String, &'static str> {
    id.filter(|id| !id.is_empty()).ok_or(NO_ID)
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_id(f, self.as_str(), self.id())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_id(f, self.as_str(), self.workspace_id())
    }
}

fn with_id(f: &mut fmt::Formatter<'_>, kind: &str, id: Option<&str>) -> fmt::Result {
    match id {
        Some(id) => write!(f, "{kind}:{id}"),
        None => f.write_str(kind),
    }
}

impl FromStr for Principal {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once(':') {
            Some(("user_actor", id)) => Self::User(id.to_owned()),
            Some(("service_account_actor", id)) => Self::ServiceAccount(id.to_owned()),
            _ => Self::Other(text.to_owned()),
        })
    }
}

impl FromStr for Scope {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once(':') {
            Some(("workspace", id)) => Self::Workspace(id.to_owned()),
            None if text == "organization" => Self::Organization,
            _ => Self::Other(text.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same() {
        for principal in [Principal::User("user_1".into()), Principal::ServiceAccount("svac_1".into())] {
            assert_eq!(principal.to_string().parse(), Ok(principal));
        }
        for scope in [Scope::Workspace("wrkspc_1".into()), Scope::Organization, Scope::Other("galaxy".into())] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
    }
}
