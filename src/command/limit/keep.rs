//! `/claude limit keep <key>`: no brake touches it.
//!
//! - Needs: [`crate::domain::Permission::LimitRaise`]. Reads: the directory. Proposes: [`PinKey`].

use jiff::civil::Date;

use crate::change::{Asker, Failure, PinKey, Proposal};
use crate::command::ask::Ask;
use crate::command::day::{self, day};
use crate::command::key::{find, key_named};
use crate::command::{Outcome, Tools};

/// Keep brakes off a key.
///
/// Whatever limit is reached, the key stays on, until a day or until somebody ends it. Without billing or admin rights, one of those decides.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "limit keep nightly-evals --reason \"the shop runs on it\"\nlimit keep nightly-evals --until 2026-12-31 --reason \"the launch\"\nlimit keep nightly-evals --end"
)]
pub struct Keep {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// The last day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<Date>,
    /// No longer.
    #[arg(long)]
    pub end: bool,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

impl Keep {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant, or no reason is given.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let key_id = find(tools, asker, &self.key).await?.key.id;
        if !self.end && self.ask.reason.as_deref().is_none_or(|it| it.trim().is_empty()) {
            return Err(Failure::mistake(
                "Whoever looks at the bill will ask why this key went on.",
                "Nothing was changed. Say why: --reason \"…\".",
            ));
        }
        let until = self.until.filter(|_| !self.end).map(|it| day::through(tools, it)).transpose()?;
        Ok(Outcome::proposes(self.ask.request(Proposal::LimitKeep(PinKey { key_id, until, ends: self.end }))))
    }
}
