//! The command tree, declared once. Everything that knows commands by name reads it here.
//!
//! A subject that a command cannot do without is positional; everything else is an option. At most 24 entries stand at
//! the top, and none is both a command and a group, because Discord knows no such thing. The first paragraph of a
//! structure's comment is the short help, the rest is read on the command's own help page; `after_help` holds examples,
//! one a line.

use std::sync::OnceLock;

use clap::Subcommand;

use super::audit::Audit;
use super::doctor::Doctor;
use super::drift::Drift;
use super::grant::Grant;
use super::help::Help;
use super::home::Home;
use super::invite::Invite;
use super::invites::{self, Invites};
use super::key::Key;
use super::limit::Limit;
use super::link::Link;
use super::member::{self, Member};
use super::offboard::Offboard;
use super::policy::Policy;
use super::report::Report;
use super::request::{self, Request};
use super::spend::{Cost, Usage};
use super::status::Status;
use super::sync::Sync;
use super::whoami::Whoami;
use super::workspace::{self, Workspace};

const ABOUT: &str = "Members, invitations, workspaces and requests of your Claude organization";

/// One thing that somebody asks for.
#[derive(Clone, Debug, PartialEq, Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Command {
    Home(Home),
    Help(Help),
    Whoami(Whoami),
    Link(Link),
    Status(Status),
    Doctor(Doctor),
    Invite(Invite),
    #[command(subcommand)]
    Invites(Invites),
    #[command(subcommand)]
    Member(Member),
    #[command(subcommand)]
    Workspace(Workspace),
    #[command(subcommand)]
    Key(Key),
    #[command(subcommand)]
    Limit(Limit),
    Sync(Sync),
    Offboard(Offboard),
    #[command(subcommand)]
    Request(Request),
    #[command(subcommand)]
    Report(Report),
    #[command(subcommand)]
    Grant(Grant),
    #[command(subcommand)]
    Policy(Policy),
    #[command(subcommand)]
    Drift(Drift),
    Usage(Usage),
    Cost(Cost),
    Audit(Audit),
}

impl Command {
    /// The command without what it is about, such as `member role`: what rows and logs may keep.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Home(_) => "home",
            Self::Help(_) => "help",
            Self::Whoami(_) => "whoami",
            Self::Link(_) => "link",
            Self::Status(_) => "status",
            Self::Doctor(_) => "doctor",
            Self::Invite(_) => "invite",
            Self::Invites(it) => match it {
                invites::Invites::List(_) => "invites list",
                invites::Invites::Resend(_) => "invites resend",
                invites::Invites::Withdraw(_) => "invites withdraw",
            },
            Self::Member(it) => match it {
                member::Member::List(_) => "member list",
                member::Member::Show(_) => "member show",
                member::Member::Role(_) => "member role",
                member::Member::Remove(_) => "member remove",
            },
            Self::Workspace(it) => match it {
                workspace::Workspace::List(_) => "workspace list",
                workspace::Workspace::Show(_) => "workspace show",
                workspace::Workspace::Limits(_) => "workspace limits",
                workspace::Workspace::Create(_) => "workspace create",
                workspace::Workspace::Rename(_) => "workspace rename",
                workspace::Workspace::Archive(_) => "workspace archive",
                workspace::Workspace::Add(_) => "workspace add",
                workspace::Workspace::Remove(_) => "workspace remove",
                workspace::Workspace::Role(_) => "workspace role",
            },
            Self::Key(it) => it.verb(),
            Self::Limit(it) => it.verb(),
            Self::Sync(_) => "sync",
            Self::Offboard(_) => "offboard",
            Self::Request(it) => match it {
                request::Request::List(_) => "request list",
                request::Request::Show(_) => "request show",
                request::Request::Approve(_) => "request approve",
                request::Request::Deny(_) => "request deny",
                request::Request::Withdraw(_) => "request withdraw",
                request::Request::Undo(_) => "request undo",
                request::Request::Again(_) => "request again",
                request::Request::Ask(_) => "request ask",
                request::Request::Answer(_) => "request answer",
                request::Request::Override(_) => "request override",
                request::Request::Settle(_) => "request settle",
            },
            Self::Grant(it) => it.verb(),
            Self::Policy(it) => it.verb(),
            Self::Drift(it) => it.verb(),
            Self::Report(it) => it.verb(),
            Self::Usage(_) => "usage",
            Self::Cost(_) => "cost",
            Self::Audit(_) => "audit",
        }
    }
}

/// The tree under the name of its root command, for shell completion, registrations and whoever else asks.
#[must_use]
pub fn tree(root: &str) -> clap::Command {
    let bare = clap::Command::new(root.to_owned())
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .subcommand_required(true);
    // The enum's own comment would stand here otherwise.
    Command::augment_subcommands(bare).about(ABOUT).long_about(None)
}

/// The tree, built once.
pub(super) fn grown() -> &'static clap::Command {
    static TREE: OnceLock<clap::Command> = OnceLock::new();
    TREE.get_or_init(|| {
        let mut tree = tree("/claude");
        tree.build();
        tree
    })
}

/// Every command that can be said, with its path.
pub(super) fn leaves() -> Vec<(Vec<&'static str>, &'static clap::Command)> {
    let mut leaves = Vec::new();
    for top in grown().get_subcommands() {
        if top.has_subcommands() {
            leaves.extend(top.get_subcommands().map(|leaf| (vec![top.get_name(), leaf.get_name()], leaf)));
        } else {
            leaves.push((vec![top.get_name()], top));
        }
    }
    leaves
}

/// The command or group at `path`.
pub(super) fn find(path: &[&str]) -> Option<&'static clap::Command> {
    path.iter().try_fold(grown(), |node, name| node.find_subcommand(name))
}

/// The examples of one command, as they would be typed behind the root command.
pub(super) fn examples_of(command: &clap::Command) -> Vec<String> {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Every example of the help pages.
#[must_use]
pub fn examples() -> Vec<String> {
    leaves().iter().flat_map(|(_, leaf)| examples_of(leaf)).collect()
}

/// What an argument is called in a command: `--role`, or `who` for a subject.
pub(super) fn name_of(arg: &clap::Arg) -> String {
    arg.get_long().map_or_else(|| arg.get_id().to_string(), |long| format!("--{long}"))
}

/// The values that an argument can have, if they are few and known.
pub(super) fn values_of(arg: &clap::Arg) -> Vec<(String, String)> {
    if !takes_value(arg) {
        return Vec::new();
    }
    let shown = arg.get_possible_values().into_iter().filter(|it| !it.is_hide_set());
    shown.map(|it| (it.get_name().to_owned(), it.get_help().map(ToString::to_string).unwrap_or_default())).collect()
}

/// False for a flag, which is there or not.
pub(super) fn takes_value(arg: &clap::Arg) -> bool {
    arg.get_action().takes_values()
}

/// True if it can be given more than once.
pub(super) fn is_repeatable(arg: &clap::Arg) -> bool {
    matches!(arg.get_action(), clap::ArgAction::Append)
}
