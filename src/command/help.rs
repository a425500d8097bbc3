//! `/claude help [topic]`: pure, so that it is answered in the acknowledgement. What it says is
//! [`super::help()`].

/// What can be said here.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "help\nhelp invite\nhelp member role\nhelp billing")]
pub struct Help {
    /// A command, or billing.
    #[arg(value_name = "topic")]
    pub topic: Vec<String>,
}
