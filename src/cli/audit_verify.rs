//! `steward audit verify`: every link of the chain, and the heads that were signed and kept outside.
//!
//! The chain shows what was edited without the master key. That all was put back as it was on an earlier day, only a head shows
//! that was told before: in the channel, or in the file beside the database.

use std::io::Read;

use anyhow::Context;
use serde_json::json;

use super::arguments::AuditVerifyArgs;
use super::database;
use super::exit::{Exit, Misuse};
use super::output::say;
use super::outside::head_file;
use super::verify::head;
use crate::domain::{Checked, HeadVerdict, Heads, Witnessed, read_heads};
use crate::seal::PublicKey;
use crate::settings::Settings;
use crate::view::head::said;

/// The longest text of heads that is read, in bytes.
const LARGEST: u64 = 64 << 20;
/// So many contradictions are shown; one is enough to know.
const MOST_SHOWN: usize = 5;

/// What was found.
struct Found {
    checked: Checked,
    witnessed: Vec<Witnessed>,
    unreadable: usize,
    key: PublicKey,
}

/// Checks the trail and shows its head, and the key that heads are signed with.
///
/// # Errors
///
/// [`Misuse`] if what was given holds no head, else that the database or the file could not be read.
pub async fn audit_verify(args: AuditVerifyArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let heads = wanted(&args, settings)?;
    let store = database::open(settings).await?;
    let (checked, witnessed) = store.verify_against(&heads.read).await.context("The audit trail cannot be read")?;
    let found = Found { checked, witnessed, unreadable: heads.unreadable, key: store.head_key() };
    store.close().await;
    if args.json {
        let Found { checked, witnessed, unreadable, key } = &found;
        say(json!({
            "entries": checked.entries, "head": checked.head, "broken": checked.broken, "key": key.to_string(),
            "heads": witnessed, "unreadable_heads": unreadable, "holds": found.holds(),
        }))?;
    } else {
        for line in found.told() {
            say(line)?;
        }
    }
    Ok(if found.holds() { Exit::Done } else { Exit::Failed })
}

/// The heads to compare with: those that were given, or those of the file beside the database.
fn wanted(args: &AuditVerifyArgs, settings: &Settings) -> anyhow::Result<Heads> {
    if args.head.is_empty() {
        let file = head_file(settings);
        return file.read().with_context(|| format!("{} cannot be read", file.path().display()));
    }
    let mut all = Heads::default();
    for given in &args.head {
        let heads = read_heads(&text_of(given)?);
        if heads.read.is_empty() {
            return Err(
                Misuse("There is no head in what --head names. Copy all of the posted block.".to_owned()).into()
            );
        }
        all.read.extend(heads.read);
        all.unreadable += heads.unreadable;
    }
    Ok(all)
}

/// What `--head` means: standard input, a head as it was posted, or a file.
fn text_of(given: &str) -> anyhow::Result<String> {
    let heads = read_heads(given);
    if !heads.read.is_empty() || heads.unreadable > 0 {
        return Ok(given.to_owned());
    }
    let mut text = Vec::new();
    if given == "-" {
        std::io::stdin().take(LARGEST).read_to_end(&mut text).context("Standard input cannot be read")?;
    } else {
        let file = std::fs::File::open(given).with_context(|| format!("{given} cannot be read"))?;
        file.take(LARGEST).read_to_end(&mut text).with_context(|| format!("{given} cannot be read"))?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

impl Found {
    /// A head that is not ours says nothing about the trail, but whoever gave it thought that it was.
    fn holds(&self) -> bool {
        self.checked.broken.is_none() && self.witnessed.iter().all(|it| it.verdict == HeadVerdict::Agrees)
    }

    fn told(&self) -> Vec<String> {
        let mut lines = match &self.checked.broken {
            None => vec![
                format!("{} entries, each follows the one before", self.checked.entries),
                format!("head {}", head(&self.checked.head)),
            ],
            Some(broken) => vec![
                format!("broken at entry {}: {}", broken.seq, broken.what),
                format!(
                    "{} entries before it verify, head of those {}",
                    self.checked.entries,
                    head(&self.checked.head)
                ),
            ],
        };
        lines.extend(self.told_of_heads());
        lines.push(format!("heads are signed with the key {}", self.key));
        lines
    }

    fn told_of_heads(&self) -> Vec<String> {
        let wrong: Vec<&Witnessed> = self.witnessed.iter().filter(|it| it.verdict != HeadVerdict::Agrees).collect();
        let agree = self.witnessed.len() - wrong.len();
        let mut lines: Vec<String> = wrong
            .iter()
            .take(MOST_SHOWN)
            .map(|it| format!("contradicted: {}. It was signed at {}.", said(it.seq, it.verdict), it.at))
            .collect();
        if wrong.len() > MOST_SHOWN {
            lines.push(format!("contradicted by {} more heads", wrong.len() - MOST_SHOWN));
        }
        let newest = self.witnessed.iter().filter(|it| it.verdict == HeadVerdict::Agrees).max_by_key(|it| it.seq);
        match newest {
            Some(newest) => lines.push(format!("{agree} signed heads agree, the newest for entry {}", newest.seq)),
            None if wrong.is_empty() => lines.push("no signed head to compare with".to_owned()),
            None => {}
        }
        if self.unreadable > 0 {
            lines.push(format!("{} heads cannot be read, and say nothing", self.unreadable));
        }
        lines
    }
}
