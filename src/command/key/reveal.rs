//! `/claude key reveal <request>` shows a key to whoever it is for, once it may be shown.

use crate::command::Outcome;
use crate::domain::ChangeId;

/// Reveal a key that was issued to you.
///
/// The first time it begins to work. You can look again for 15 minutes; then it is erased here.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key reveal C17-k3f9")]
pub struct Reveal {
    /// The request, such as C17-k3f9.
    #[arg(value_name = "request")]
    pub request: ChangeId,
}

impl Reveal {
    /// Comes to the reveal, which the pipeline checks.
    #[must_use]
    pub fn run(self) -> Outcome {
        Outcome::Reveals(self.request)
    }
}
