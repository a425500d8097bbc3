//! Judges what Slack would be sent: `steward-blocks FILE…` reads lines `{ "kind": "message"|"modal"|"home", "body": {…} }`,
//! prints what is wrong with which line, then how many it judged, and ends with 1 if anything is wrong.

mod charts;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::Value;

fn main() -> ExitCode {
    let (mut judged, mut wrong, mut unread) = (BTreeSet::new(), 0_usize, 0_usize);
    for file in std::env::args().skip(1) {
        let Ok(lines) = std::fs::read_to_string(&file) else {
            println!("{file}: cannot be read");
            unread += 1;
            continue;
        };
        for (at, line) in lines.lines().enumerate() {
            // Stories say the same thing often; it is right or wrong once.
            if !judged.insert(line.to_owned()) {
                continue;
            }
            let faults = judge(line);
            wrong += usize::from(!faults.is_empty());
            for fault in faults {
                println!("{file}:{}: {fault}", at + 1);
            }
        }
    }
    println!("{} layouts judged, {wrong} wrong", judged.len());
    if judged.is_empty() || wrong + unread > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What is wrong with one line.
fn judge(line: &str) -> Vec<String> {
    let Ok(line) = serde_json::from_str::<Value>(line) else { return vec!["this is no JSON".into()] };
    match line["kind"].as_str() {
        Some("message") => rules::message(&line["body"]),
        Some("modal") => rules::modal(&line["body"]),
        Some("home") => rules::home(&line["body"]),
        _ => vec!["a layout is a message, a modal or a home".into()],
    }
}
