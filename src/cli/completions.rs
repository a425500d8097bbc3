//! `steward completions SHELL`: what a shell needs to complete this command line.

use clap::CommandFactory;

use super::arguments::{Arguments, CompletionsArgs};
use super::exit::Exit;
use super::output;

/// Writes the completions to standard output.
///
/// # Errors
///
/// If standard output does not take them.
pub fn completions(args: CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "steward", &mut script);
    output::write(&script)?;
    Ok(Exit::Done)
}
