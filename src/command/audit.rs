//! `/claude audit [--of who] [--since day] [--limit n] [--verify]` reads the trail of what was done, newest first.

use jiff::civil::Date;

use super::ask::whole_number;
use crate::domain::Who;

const MOST: u32 = 100;

/// Who did what, and when.
///
/// Every change leaves its lines before it takes effect, and each line seals the one before it: --verify checks that
/// none was changed, moved or taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "audit\naudit --of ada@example.com --since 2026-12-01\naudit --verify")]
pub struct Audit {
    /// What this person did, or had done to them.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
    /// Nothing older than this day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub since: Option<Date>,
    /// How many lines at most.
    #[arg(long, value_name = "number", value_parser = limit, default_value = "20")]
    pub limit: u32,
    /// Check the whole chain.
    #[arg(long, conflicts_with_all = ["of", "since"])]
    pub verify: bool,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// A calendar day, nothing else: `2026-12-31`.
fn day(text: &str) -> Result<Date, String> {
    let shaped = text.len() == "2026-12-31".len() && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
    let day = if shaped { text.parse().ok() } else { None };
    day.ok_or_else(|| "a day is written like 2026-12-31".to_owned())
}

fn limit(text: &str) -> Result<u32, String> {
    whole_number(text, MOST)
}
