//! `/claude status` tells how Steward itself is doing.

/// How Steward is doing.
///
/// How old its copy of the organization is, what waits to be sent, and whether Claude's API answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "status")]
pub struct Status {
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}
