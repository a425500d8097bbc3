//! `steward audit export`: the trail, for whoever keeps it elsewhere or looks into it. It is read and written piece by piece,
//! however long it is.

use anyhow::Context;

use super::arguments::{AuditExportArgs, AuditFormat};
use super::database;
use super::exit::{Exit, Misuse};
use super::output::{remark, write};
use crate::command::{trail_names, trail_subject};
use crate::domain::Who;
use crate::job::as_json;
use crate::settings::Settings;
use crate::store::{Link, Store, Trail};
use crate::view::csv::{Cell, row};

/// How many entries are read at once.
const CHUNK: i64 = 1_000;
/// The columns of the table.
const COLUMNS: [&str; 6] = ["seq", "at", "actor", "action", "about", "detail"];

/// Writes entries out, oldest first, then verifies the trail: what was tampered with is written all the same, but not
/// silently.
///
/// # Errors
///
/// [`Misuse`] for a person named in a way that only a chat can resolve, else that the database could not be read.
pub async fn audit_export(args: AuditExportArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let store = database::open(settings).await?;
    let format = args.format;
    let mut wanted = wanted(args, settings, &store).await?;
    if format == AuditFormat::Csv {
        write(format!("{}\r\n", COLUMNS.join(",")).as_bytes())?;
    }
    loop {
        let entries = store.links_of_trail(&wanted).await.context("The audit trail cannot be read")?;
        let Some(last) = entries.last() else { break };
        wanted.after_seq = Some(last.entry.seq);
        let lines: String = entries.iter().map(|it| line(it, format)).collect();
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

async fn wanted(args: AuditExportArgs, settings: &Settings, store: &Store) -> anyhow::Result<Trail> {
    let zone = &settings.configuration.time_zone;
    let of = match &args.of {
        Some(who) => names(store, who).await?,
        None => Vec::new(),
    };
    let concerning = match &args.about {
        Some(what) => trail_subject(store, what).await.context("The audit trail cannot be read")?,
        None => Vec::new(),
    };
    Ok(Trail {
        of,
        concerning,
        action: args.action,
        since: args.since.map(|it| it.begins(zone)),
        until: args.until.map(|it| it.ends(zone)),
        after_seq: Some(i64::MIN),
        limit: CHUNK,
        ..Trail::default()
    })
}

async fn names(store: &Store, who: &Who) -> anyhow::Result<Vec<String>> {
    match who {
        Who::Name(name) if name == "steward" => Ok(vec![name.clone()]),
        Who::Me | Who::Name(_) => {
            let told = "Here a person is named by address, by account such as slack:T01/U01ADA, or by member's id.";
            Err(Misuse(told.to_owned()).into())
        }
        who => trail_names(store, who).await.context("The audit trail cannot be read"),
    }
}

fn line(link: &Link, format: AuditFormat) -> String {
    let it = &link.entry;
    match format {
        AuditFormat::Jsonl => format!("{}\n", plain(&as_json(link).to_string())),
        AuditFormat::Csv => {
            let at = it.at.to_string();
            let texts = [&at, &it.actor, &it.action, &it.about, &it.detail].map(|it| Cell::Text(it));
            row(&[&[Cell::Number(it.seq)], &texts[..]].concat())
        }
    }
}

/// JSON that does nothing where it is shown: the control characters that JSON itself lets stand are escaped as well.
fn plain(json: &str) -> String {
    let is_control = |it: char| it.is_control() || matches!(it, '\u{2028}' | '\u{2029}');
    json.chars().map(|it| if is_control(it) { format!("\\u{:04x}", u32::from(it)) } else { it.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AuditEntry;

    fn link(text: &str) -> Link {
        let entry = AuditEntry {
            seq: 7,
            at: crate::clock::moment(0),
            actor: text.to_owned(),
            action: text.to_owned(),
            about: text.to_owned(),
            detail: serde_json::json!({ "said": text }).to_string(),
        };
        Link { entry, hash: "ab".to_owned() }
    }

    #[test]
    fn hostile_text_stays_in_its_line_and_does_nothing() {
        for text in ["=1+1", "\u{1b}[2J", "a\r\nb", "\u{9b}31m", "\u{2028}", "\",\"", "\u{7f}", "\u{0}"] {
            let json = line(&link(text), AuditFormat::Jsonl);
            assert_eq!(json.matches('\n').count(), 1, "{text:?}: one object a line");
            assert!(json.trim_end().chars().all(|it| !it.is_control()), "{text:?}: {json:?}");
            let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
            assert_eq!((&read["actor"], &read["detail"]["said"]), (&text.into(), &text.into()), "it is kept as it was");
            let csv = line(&link(text), AuditFormat::Csv);
            assert!(csv.starts_with("7,\"1970-01-01T00:00:00Z\","), "{csv:?}");
            assert!(!csv.contains(['\u{1b}', '\u{9b}', '\u{7f}', '\u{0}']), "{csv:?}");
        }
        assert!(line(&link("=1+1"), AuditFormat::Csv).contains(",\"'=1+1\","));
    }
}
