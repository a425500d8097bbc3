//! `steward manifest [--check]`: what Slack and Discord must be told of the commands, from the grammar.

use std::fs;
use std::path::Path;

use anyhow::anyhow;

use super::arguments::ManifestArgs;
use super::exit::Exit;
use super::output::{remark, say};
use crate::command::manifest::{discord, slack};

/// Writes `slack.yaml` and `discord.json` into `folder`; with `--check` it only compares. `root` is the root command.
///
/// # Errors
///
/// If a file could not be written.
pub fn manifest(args: ManifestArgs, folder: &Path, root: &str) -> anyhow::Result<Exit> {
    let discord = format!("{:#}\n", discord(root));
    let files = [("slack.yaml", slack(root, None)), ("discord.json", discord)];
    let mut exit = Exit::Done;
    for (name, wanted) in files {
        let path = folder.join(name);
        if fs::read_to_string(&path).is_ok_and(|found| found == wanted) {
            say(format_args!("{} is as it should be", path.display()))?;
        } else if args.check {
            remark(format_args!("{} is not as the commands are: run `steward manifest`", path.display()));
            exit = Exit::Failed;
        } else {
            let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, wanted));
            written.map_err(|error| anyhow!("{} could not be written: {}", path.display(), error.kind()))?;
            say(format_args!("{} written", path.display()))?;
        }
    }
    Ok(exit)
}
