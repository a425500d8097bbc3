//! `/claude doctor [topic] [--of who]` looks into what is wrong and names the next step.

use clap::ValueEnum;

use crate::domain::Who;

/// What can be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Topic {
    /// An invitation was not received, or cannot be accepted.
    #[value(alias = "invite")]
    Invitation,
}

/// Find out what is wrong.
///
/// Each finding comes with the next step. Without a topic, it looks into everything that concerns you.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "doctor\ndoctor invitation\ndoctor invitation --of lea@example.com")]
pub struct Doctor {
    /// What does not work.
    #[arg(value_enum, ignore_case = true)]
    pub topic: Option<Topic>,
    /// Whom it concerns; you, if left out.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
}
