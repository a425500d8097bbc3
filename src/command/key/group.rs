//! The group of commands about API keys.

use super::{
    Adopt, Assign, Disable, Enable, Keep, Leak, List, Rename, Request, Return, Reveal, Revoke, Rotate, Show, Token,
};
use crate::change::{Asker, Failure};
use crate::command::{Outcome, Tools};
use crate::domain::{Need, Permission, Toward};

/// API keys.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Key {
    Request(Request),
    List(List),
    Show(Show),
    Reveal(Reveal),
    Token(Token),
    Disable(Disable),
    Enable(Enable),
    Revoke(Revoke),
    Rotate(Rotate),
    Rename(Rename),
    Keep(Keep),
    Return(Return),
    Adopt(Adopt),
    Assign(Assign),
    Leak(Leak),
}

impl Key {
    /// The command without what it is about.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Request(_) => "key request",
            Self::List(_) => "key list",
            Self::Show(_) => "key show",
            Self::Reveal(_) => "key reveal",
            Self::Token(_) => "key token",
            Self::Disable(_) => "key disable",
            Self::Enable(_) => "key enable",
            Self::Revoke(_) => "key revoke",
            Self::Rotate(_) => "key rotate",
            Self::Rename(_) => "key rename",
            Self::Keep(_) => "key keep",
            Self::Return(_) => "key return",
            Self::Adopt(_) => "key adopt",
            Self::Assign(_) => "key assign",
            Self::Leak(_) => "key leak",
        }
    }

    /// What it needs. Whose key is meant, and in which workspace, the pipeline sees.
    #[must_use]
    pub fn need(&self) -> Need {
        match self {
            Self::Request(_) => Need::Somewhere(Permission::KeyGet, Toward::Oneself),
            Self::Leak(_) => Need::Link,
            _ => Need::Permission(Permission::KeyOwn, Toward::Oneself),
        }
    }

    /// True for what only looks.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        matches!(self, Self::List(_) | Self::Show(_))
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the one that is meant; nothing has changed then.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        match self {
            Self::Request(it) => it.run(tools).await,
            Self::List(it) => it.run(tools, asker).await,
            Self::Show(it) => it.run(tools, asker).await,
            Self::Reveal(it) => Ok(it.run()),
            Self::Token(it) => it.run(tools, asker).await,
            Self::Disable(it) => it.run(tools, asker).await,
            Self::Enable(it) => it.run(tools, asker).await,
            Self::Revoke(it) => it.run(tools, asker).await,
            Self::Rotate(it) => it.run(tools, asker).await,
            Self::Rename(it) => it.run(tools, asker).await,
            Self::Keep(it) => it.run(tools, asker).await,
            Self::Return(it) => it.run(tools, asker).await,
            Self::Adopt(it) => it.run(tools, asker).await,
            Self::Assign(it) => it.run(tools, asker).await,
            Self::Leak(it) => it.run(tools).await,
        }
    }
}
