//! The group of commands about workspaces.

use super::{Add, Archive, Create, Limits, List, Remove, Rename, Role, Show};

/// Workspaces and what is in them.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Workspace {
    List(List),
    Show(Show),
    Limits(Limits),
    Create(Create),
    Rename(Rename),
    Archive(Archive),
    Add(Add),
    Remove(Remove),
    Role(Role),
}
