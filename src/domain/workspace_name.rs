//! What a command names a workspace by, and a place in one.

use std::fmt;
use std::str::FromStr;

use super::{BadWorkspaceRole, WorkspaceRole};

/// The longest name that the API gives a workspace, in characters.
const LONGEST_NAME: usize = 40;
/// Longer texts are no ids.
const LONGEST_ID: usize = 80;

/// A workspace as somebody wrote it down. Which one it means is looked up later; it may turn out to be none, or several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WorkspaceName {
    /// The one that every organization has: `default`.
    Default,
    /// `wrkspc_…`.
    Id(String),
    /// Its name, whole; capital letters do not matter.
    Name(String),
}

/// A name that a workspace can be given: one that it can be meant by afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewWorkspaceName(String);

/// Why a workspace cannot be called that. The text is not quoted: people paste all sorts of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNewName {
    /// Too long, empty, or with signs that nobody sees.
    #[error("a workspace's name has 1 to 40 characters, letters or digits among them")]
    Shape,
    /// It stands for something else.
    #[error("default and wrkspc_… ids stand for other workspaces, so none can be called that")]
    Taken,
}

impl NewWorkspaceName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NewWorkspaceName {
    type Err = BadNewName;

    fn from_str(text: &str) -> Result<Self, BadNewName> {
        match text.parse() {
            Ok(WorkspaceName::Name(name)) => Ok(Self(name)),
            Ok(WorkspaceName::Default | WorkspaceName::Id(_)) => Err(BadNewName::Taken),
            Err(BadWorkspaceName) => Err(BadNewName::Shape),
        }
    }
}

impl fmt::Display for NewWorkspaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text names no workspace. The text is not quoted: people paste all sorts of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a workspace goes by its name, of 1 to 40 characters, by its wrkspc_… id, or by default")]
pub struct BadWorkspaceName;

impl FromStr for WorkspaceName {
    type Err = BadWorkspaceName;

    fn from_str(text: &str) -> Result<Self, BadWorkspaceName> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("default") {
            Ok(Self::Default)
        } else if is_id(text) {
            Ok(Self::Id(text.to_owned()))
        } else if is_name(text) {
            Ok(Self::Name(text.to_owned()))
        } else {
            Err(BadWorkspaceName)
        }
    }
}

fn is_id(text: &str) -> bool {
    let id = text.strip_prefix("wrkspc_").unwrap_or_default();
    text.len() <= LONGEST_ID && !id.is_empty() && id.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// Any letters and signs, as the Console takes them, but none that nobody sees, and nothing that could be a secret.
fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.chars().count())
        && text.chars().any(char::is_alphanumeric)
        && !text.chars().any(char::is_control)
        && !text.to_ascii_lowercase().contains("sk-ant")
}

impl fmt::Display for WorkspaceName {
    /// As it would be written in a command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Id(text) | Self::Name(text) => f.write_str(text),
        }
    }
}

/// A place in a workspace as somebody wrote it down: `research:workspace_developer`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Membership {
    /// Where.
    pub workspace: WorkspaceName,
    /// As what. Left out, the least: `workspace_user`.
    pub role: WorkspaceRole,
}

/// Why a text names no place in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMembership {
    /// What stands before the colon.
    #[error(transparent)]
    Workspace(#[from] BadWorkspaceName),
    /// What stands behind it.
    #[error("{0}; a workspace with a colon in its name goes by its wrkspc_… id")]
    Role(#[from] BadWorkspaceRole),
}

impl FromStr for Membership {
    type Err = BadMembership;

    fn from_str(text: &str) -> Result<Self, BadMembership> {
        let (workspace, role) = match text.rsplit_once(':') {
            Some((workspace, role)) => (workspace, role.parse()?),
            None => (text, WorkspaceRole::WorkspaceUser),
        };
        Ok(Self { workspace: workspace.parse()?, role })
    }
}

impl fmt::Display for Membership {
    /// As it would be written in a command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.workspace, self.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspaces_are_named_in_three_ways_and_written_the_same_again() {
        for (text, name) in [
            ("default", WorkspaceName::Default),
            ("wrkspc_01AbC", WorkspaceName::Id("wrkspc_01AbC".into())),
            ("support-bot", WorkspaceName::Name("support-bot".into())),
            ("Claude Code", WorkspaceName::Name("Claude Code".into())),
            ("研究 R&D: 50%", WorkspaceName::Name("研究 R&D: 50%".into())),
            ("wrkspc_not an id", WorkspaceName::Name("wrkspc_not an id".into())),
        ] {
            assert_eq!(text.parse(), Ok(name.clone()), "{text}");
            assert_eq!(name.to_string(), text);
        }
        assert_eq!(" DEFAULT ".parse(), Ok(WorkspaceName::Default));
    }

    #[test]
    fn what_names_no_workspace_is_refused() {
        for text in ["", "  ", "--", "a\nb", "sk-ant-api03-abc", "SK-ANT-x", &"n".repeat(41)] {
            assert_eq!(text.parse::<WorkspaceName>(), Err(BadWorkspaceName), "{text:?}");
        }
    }

    #[test]
    fn a_new_name_is_one_that_means_the_workspace_afterwards() {
        assert_eq!(" data science ".parse(), Ok(NewWorkspaceName("data science".into())));
        assert_eq!("n".repeat(40).parse::<NewWorkspaceName>().map(|it| it.to_string()), Ok("n".repeat(40)));
        for text in ["", "n\nn", "--", &"n".repeat(41), "sk-ant-admin01-abc"] {
            assert_eq!(text.parse::<NewWorkspaceName>(), Err(BadNewName::Shape), "{text:?}");
        }
        for text in ["Default", "wrkspc_01AbC"] {
            assert_eq!(text.parse::<NewWorkspaceName>(), Err(BadNewName::Taken), "{text:?}");
        }
    }

    #[test]
    fn a_place_is_a_workspace_and_a_role() {
        let read = |text: &str| text.parse::<Membership>().map(|it| it.to_string());
        assert_eq!(read("research:workspace_developer").unwrap(), "research:workspace_developer");
        assert_eq!(read("Claude Code:admin").unwrap(), "Claude Code:workspace_admin");
        assert_eq!(read("wrkspc_01A: user").unwrap(), "wrkspc_01A:workspace_user");
        assert_eq!(read("default").unwrap(), "default:workspace_user");
        assert_eq!(read("a:b:developer").unwrap(), "a:b:workspace_developer", "the last colon counts");
    }

    #[test]
    fn what_is_no_place_says_which_half_is_wrong() {
        let refused = |text: &str| text.parse::<Membership>().unwrap_err().to_string();
        assert_eq!(
            refused("research:owner"),
            "a role in a workspace is one of workspace_user, workspace_restricted_developer, workspace_developer and \
             workspace_admin; a workspace with a colon in its name goes by its wrkspc_… id"
        );
        assert_eq!(
            refused(":developer"),
            "a workspace goes by its name, of 1 to 40 characters, by its wrkspc_… id, or by default"
        );
    }
}
