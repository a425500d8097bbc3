//! Words become a command, or a [`Mistake`] that says how to do better. Pure, and bounded in what it takes.

use clap::FromArgMatches;

use super::grammar::{self, Command};
use super::help::Help;
use super::mistake::Mistake;
use super::walk::Walk;

const MOST_WORDS: usize = 200;
const MOST_BYTES: usize = 16 * 1024;

/// Reads one command, without its root: `["invite", "ada@example.com", "--role", "developer"]`.
///
/// # Errors
///
/// [`Mistake`] if it is none. Clap's own errors are never shown: they speak of usage, not of what was meant.
pub fn parse(words: &[String]) -> Result<Command, Mistake> {
    if words.len() > MOST_WORDS || words.iter().map(String::len).sum::<usize>() > MOST_BYTES {
        return Err(Mistake::too_long());
    }
    let walk = Walk::whole(words);
    if walk.wants_help {
        return Ok(Command::Help(Help { topic: walk.path.iter().map(ToString::to_string).collect() }));
    }
    if let Some(fault) = &walk.fault {
        return Err(Mistake::fault(&walk, fault));
    }
    let missing = walk.missing();
    if !missing.is_empty() {
        return Err(Mistake::lacking(&walk, &missing));
    }
    let matches = grammar::grown().clone().try_get_matches_from(walk.argv());
    let matches = matches.map_err(|error| Mistake::value(&walk, &error))?;
    Command::from_arg_matches(&matches).map_err(|_| Mistake::unclear(&walk))
}
