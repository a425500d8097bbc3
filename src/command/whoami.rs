//! `/claude whoami` shows a person's links and where every right comes from.

/// Your links and rights.
///
/// Which accounts are yours, which member of the organization you are, and where each of your rights comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "whoami")]
pub struct Whoami {}
