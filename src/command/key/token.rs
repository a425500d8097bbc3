//! `/claude key token <access>` makes a fresh token for whoever the access belongs to.
//!
//! - Needs: the access to be one's own. Reads: Steward's own books. Comes to a mint, which the pipeline checks. Leaves behind: lines
//!   in the trail, never a token.

use super::access;
use super::named::key_named;
use crate::change::{Asker, Failure};
use crate::chat::Text;
use crate::command::{Outcome, Tools};

/// Get a fresh token.
///
/// For access that is by tokens, not by a key. It is shown to you alone, works for an hour or as long as its workspace says, and is
/// kept nowhere. What is out cannot be called back before its time is over.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key token oskar-lind-warehouse")]
pub struct Token {
    /// Name or id.
    #[arg(value_name = "access", value_parser = key_named)]
    pub access: String,
}

impl Token {
    /// Finds which access of the asker's own is meant.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if none or several are.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        // What a button says is an id. Whose it is, and whether it still is, the pipeline says, and writes down who tried.
        if let Some(rule) = tools.store.token_rule(&self.access).await? {
            return Ok(Outcome::Mints(rule.id));
        }
        match access::find(tools, asker, &self.access, access::Whose::Own).await? {
            Some(rule) => Ok(Outcome::Mints(rule.id)),
            None => Err(Failure::mistake(
                format!("No access by tokens of yours goes by {}.", self.access),
                Text::plain("No token was made. What is yours is in ")
                    .command("key list")
                    .then("; to ask for access: ")
                    .command("key request")
                    .then("."),
            )),
        }
    }
}
