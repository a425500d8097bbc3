//! Options that several commands share: how a change is asked for, and how a list is shown.

use crate::change::{Proposal, Request};

/// The longest reason that is taken, in characters.
pub const LONGEST_REASON: usize = 500;

const LAST_PAGE: u32 = 100_000;

/// How a change is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Ask {
    /// Why.
    ///
    /// Whoever decides reads it, and the audit trail keeps it.
    #[arg(long, value_name = "text", value_parser = reason)]
    pub reason: Option<String>,
    /// Plan.
    ///
    /// Shows what would be called and changed, and stops there.
    #[arg(long)]
    pub dry_run: bool,
    /// What confirms a weighty change, as the form asks for it.
    #[arg(long, hide = true, value_name = "text", value_parser = reason)]
    pub confirm: Option<String>,
}

impl Ask {
    /// The request for `proposal`, asked for in this way.
    #[must_use]
    pub fn request(self, proposal: Proposal) -> Request {
        Request { reason: self.reason, dry_run: self.dry_run, confirmed: self.confirm, ..Request::of(proposal) }
    }
}

/// How a list is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Listing {
    /// Which page.
    #[arg(long, value_name = "number", value_parser = page)]
    pub page: Option<u32>,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// A reason, in people's own words.
fn reason(text: &str) -> Result<String, String> {
    short_text(text, LONGEST_REASON)
}

/// Words of any kind, `most` characters at most.
pub(super) fn short_text(text: &str, most: usize) -> Result<String, String> {
    if text.chars().count() > most { Err(format!("at most {most} characters are taken")) } else { Ok(text.to_owned()) }
}

/// Pages count from 1.
fn page(text: &str) -> Result<u32, String> {
    whole_number(text, LAST_PAGE)
}

/// A number from 1 to `most`.
pub(super) fn whole_number(text: &str, most: u32) -> Result<u32, String> {
    let number = text.parse().ok().filter(|it| (1..=most).contains(it));
    number.ok_or_else(|| format!("a whole number from 1 to {most} is expected"))
}
