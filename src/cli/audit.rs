//! `steward audit export` and `steward audit verify`: the trail, for whoever keeps it elsewhere or looks into it.

use anyhow::Context;
use serde_json::{Value, json};

use super::arguments::{AuditExportArgs, AuditFormat, JsonArgs};
use super::database;
use super::exit::Exit;
use super::output::{remark, say, write};
use super::verify::head;
use crate::clock::Moment;
use crate::domain::{AuditEntry, Checked};
use crate::settings::Settings;
use crate::store::Trail;

/// How many entries are read at once.
const CHUNK: i64 = 1_000;

/// With these a spreadsheet begins a formula, or ends the cell that one was quoted into.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes entries out, oldest first, then verifies the trail: what was tampered with is written all the same, but not
/// silently.
///
/// # Errors
///
/// If the database could not be read.
pub async fn audit_export(args: AuditExportArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let store = database::open(settings).await?;
    let since = args.since.map_or(Moment::MIN, |it| it.moment(&settings.configuration.time_zone));
    if args.format == AuditFormat::Csv {
        write(b"seq,at,actor,action,about,detail\r\n")?;
    }
    let mut after = i64::MIN;
    loop {
        let wanted = Trail { after_seq: Some(after), limit: CHUNK, ..Trail::default() };
        let entries = store.trail(&wanted).await.context("The audit trail cannot be read")?;
        let Some(last) = entries.last() else { break };
        after = last.seq;
        let lines: String = entries.iter().filter(|it| it.at >= since).map(|it| line(it, args.format)).collect();
        write(lines.as_bytes())?;
    }
    let checked = store.verify_audit().await.context("The audit trail cannot be verified")?;
    store.close().await;
    Ok(match &checked.broken {
        None => Exit::Done,
        Some(broken) => {
            remark(format_args!("The trail does not verify: at entry {}, {}.", broken.seq, broken.what));
            Exit::Failed
        }
    })
}

/// Checks every link of the chain and shows its head.
///
/// # Errors
///
/// If the database could not be read.
pub async fn audit_verify(args: JsonArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let store = database::open(settings).await?;
    let checked = store.verify_audit().await.context("The audit trail cannot be read")?;
    store.close().await;
    if args.json {
        say(serde_json::to_string(&checked).context("The answer cannot be written as JSON")?)?;
    } else {
        say(told(&checked))?;
    }
    Ok(if checked.broken.is_none() { Exit::Done } else { Exit::Failed })
}

fn told(checked: &Checked) -> String {
    match &checked.broken {
        None => format!("{} entries, each follows the one before\nhead {}", checked.entries, head(&checked.head)),
        Some(broken) => format!(
            "broken at entry {}: {}\n{} entries before it verify, head of those {}",
            broken.seq,
            broken.what,
            checked.entries,
            head(&checked.head)
        ),
    }
}

fn line(entry: &AuditEntry, format: AuditFormat) -> String {
    match format {
        AuditFormat::Jsonl => {
            let detail = serde_json::from_str(&entry.detail).unwrap_or_else(|_| Value::from(entry.detail.as_str()));
            let object = json!({
                "seq": entry.seq, "at": entry.at.to_string(), "actor": entry.actor, "action": entry.action,
                "about": entry.about, "detail": detail,
            });
            format!("{object}\n")
        }
        AuditFormat::Csv => {
            let texts = [&entry.at.to_string(), &entry.actor, &entry.action, &entry.about, &entry.detail];
            format!("{},{}\r\n", entry.seq, texts.map(|it| cell(it)).join(","))
        }
    }
}

/// A cell that stays a text wherever it is opened.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for begins in FORMULA {
            assert!(cell(&format!("{begins}cmd|'/C calc'!A0")).starts_with("\"'"), "{begins:?}");
        }
        assert_eq!(cell("slack:T01/U01ADA"), "\"slack:T01/U01ADA\"");
        assert_eq!(cell("she said \"yes\",\nthen"), "\"she said \"\"yes\"\",\nthen\"");
        assert_eq!(cell(""), "\"\"");
    }
}
