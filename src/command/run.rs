//! From a parsed command to what it comes to.

use super::{Command, Outcome, Tools, invites, member, page, request, workspace};
use crate::change::{Asker, Failure};

impl Command {
    /// Runs it for `asker`, who was found to have what it needs.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; nothing has changed then.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        match self {
            Self::Home(it) => it.run(tools, asker).await,
            Self::Help(it) => Ok(Outcome::says(page::help(&tools.rules.now().command, &it.topic))),
            Self::Whoami(it) => it.run(tools, asker).await,
            Self::Link(it) => it.run(tools, asker).await,
            Self::Status(it) => it.run(tools).await,
            Self::Doctor(it) => it.run(tools, asker).await,
            Self::Invite(it) => it.run(tools, asker).await,
            Self::Invites(it) => match it {
                invites::Invites::List(it) => it.run(tools).await,
                invites::Invites::Resend(it) => it.run(tools).await,
                invites::Invites::Withdraw(it) => it.run(tools).await,
            },
            Self::Member(it) => match it {
                member::Member::List(it) => it.run(tools).await,
                member::Member::Show(it) => it.run(tools, asker).await,
                member::Member::Role(it) => it.run(tools, asker).await,
                member::Member::Remove(it) => it.run(tools, asker).await,
            },
            Self::Workspace(it) => match it {
                workspace::Workspace::List(it) => it.run(tools).await,
                workspace::Workspace::Show(it) => it.run(tools, asker).await,
                workspace::Workspace::Limits(it) => it.run(tools).await,
                workspace::Workspace::Create(it) => Ok(it.run()),
                workspace::Workspace::Rename(it) => it.run(tools).await,
                workspace::Workspace::Archive(it) => it.run(tools).await,
                workspace::Workspace::Add(it) => it.run(tools, asker).await,
                workspace::Workspace::Remove(it) => it.run(tools, asker).await,
                workspace::Workspace::Role(it) => it.run(tools, asker).await,
            },
            Self::Key(it) => it.run(tools, asker).await,
            Self::Limit(it) => it.run(tools, asker).await,
            Self::Offboard(it) => it.run(tools, asker).await,
            Self::Sync(it) => it.run(tools, asker).await,
            Self::Request(it) => match it {
                request::Request::List(it) => it.run(tools, asker).await,
                request::Request::Show(it) => it.run(tools, asker).await,
                request::Request::Approve(it) => it.run(tools, asker).await,
                request::Request::Deny(it) => it.run(tools, asker).await,
                request::Request::Withdraw(it) => it.run(tools, asker).await,
                request::Request::Undo(it) => Ok(it.run()),
                request::Request::Again(it) => Ok(it.run()),
                request::Request::Ask(it) => Ok(it.run()),
                request::Request::Answer(it) => Ok(it.run()),
                request::Request::Override(it) => Ok(it.run()),
                request::Request::Settle(it) => Ok(it.run()),
            },
            Self::Grant(it) => it.run(tools, asker).await,
            Self::Policy(it) => it.run(tools, asker).await,
            Self::Drift(it) => it.run(tools).await,
            Self::Usage(it) => it.run(tools, asker).await,
            Self::Cost(it) => it.run(tools, asker).await,
            Self::Report(it) => it.run(tools, asker).await,
            Self::Audit(it) => it.run(tools, asker).await,
        }
    }
}
