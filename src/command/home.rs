//! `/claude home`, and `/claude` alone: a person's start page.

/// Your start page.
///
/// What you asked for, what waits for you, and buttons for the commonest things. The same as saying nothing at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "home")]
pub struct Home {}
