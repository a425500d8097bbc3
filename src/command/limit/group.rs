//! The group of commands about limits.

use super::{Keep, List, Raise, Remove, Set, Snooze, Stop};
use crate::change::{Asker, Failure};
use crate::command::{Outcome, Tools};
use crate::domain::{Need, Permission, Toward};

/// Limits of what is spent.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Limit {
    List(List),
    Set(Set),
    Remove(Remove),
    Raise(Raise),
    Snooze(Snooze),
    #[command(name = "brake")]
    Stop(Stop),
    Keep(Keep),
}

impl Limit {
    /// The command without what it is about.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::List(_) => "limit list",
            Self::Set(_) => "limit set",
            Self::Remove(_) => "limit remove",
            Self::Raise(_) => "limit raise",
            Self::Snooze(_) => "limit snooze",
            Self::Stop(_) => "limit brake",
            Self::Keep(_) => "limit keep",
        }
    }

    /// What it needs.
    #[must_use]
    pub fn need(&self) -> Need {
        match self {
            // Everybody sees what is their own; the command leaves out the rest.
            Self::List(_) => Need::Permission(Permission::UsageOwn, Toward::Oneself),
            Self::Raise(_) | Self::Keep(_) => Need::Permission(Permission::LimitRaise, Toward::Other),
            _ => Need::Permission(Permission::LimitManage, Toward::Other),
        }
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the one that is meant; nothing has changed then.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        match self {
            Self::List(it) => it.run(tools, asker).await,
            Self::Set(it) => it.run(tools, asker).await,
            Self::Remove(it) => it.run(tools, asker).await,
            Self::Raise(it) => it.run(tools, asker).await,
            Self::Snooze(it) => it.run(tools, asker).await,
            Self::Stop(it) => it.run(tools, asker).await,
            Self::Keep(it) => it.run(tools, asker).await,
        }
    }
}
