//! Words about signed heads of the audit trail.

use crate::chat::{Block, Message, Text, Tone};
use crate::domain::{HeadVerdict, SignedHead};

/// A head as it is posted: to be kept by whoever reads along, and pasted into `steward audit verify --head`.
#[must_use]
pub fn posted(head: &SignedHead) -> Message {
    Message::plain(format!(
        "The audit trail goes to entry {}. This signature covers every entry so far.",
        head.head.seq
    ))
    .block(Block::Code(head.to_block()))
    .hint(Text::plain("To check it later: ").code("steward audit verify --head '…'"))
}

/// The trail does not hold what was signed.
#[must_use]
pub fn contradicted(head: &SignedHead, verdict: HeadVerdict) -> Message {
    Message::new(Text::plain("The audit trail contradicts the head that was signed on ").time(head.head.at).then("."))
        .badge("alarm", Tone::Bad)
        .tone(Tone::Bad)
        .paragraph(format!("{}.", said(head.head.seq, verdict)))
        .paragraph("Somebody has cut or rewritten the trail, or an older copy of the database was put back.")
        .hint(
            Text::plain("No further head is signed. Keep the database as it is and look with ")
                .code("steward audit verify")
                .then(". If you have put a backup back yourself, move audit-head.jsonl away to go on."),
        )
}

/// What the trail says of a head, without a full stop.
#[must_use]
pub fn said(seq: i64, verdict: HeadVerdict) -> String {
    match verdict {
        HeadVerdict::Agrees => format!("Entry {seq} is there, as it was signed"),
        HeadVerdict::NotOurs => format!("The head for entry {seq} was not signed by this Steward"),
        HeadVerdict::Missing => format!("Entry {seq} was signed and is not there any more"),
        HeadVerdict::Differs => format!("Entry {seq} is another one than was signed, or one before it is"),
    }
}
