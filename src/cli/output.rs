//! What a command says: answers to standard output, everything else to standard error.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

/// Standard output did not take the answer. A reader that stopped listening, such as `head`, is no trouble.
#[derive(Debug, thiserror::Error)]
#[error("the answer could not be written: {0}")]
pub(super) struct Unwritable(pub(super) ErrorKind);

/// One answer, and a line break.
pub(super) fn say(answer: impl Display) -> Result<(), Unwritable> {
    write(format!("{answer}\n").as_bytes())
}

/// A part of an answer, as it is.
pub(super) fn write(part: &[u8]) -> Result<(), Unwritable> {
    let mut out = stdout().lock();
    out.write_all(part).and_then(|()| out.flush()).map_err(|error| Unwritable(error.kind()))
}

/// A remark, and a line break. Where nobody takes remarks, nothing is lost.
pub(super) fn remark(text: impl Display) {
    let _unheard = stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// A question, without a line break.
pub(super) fn ask(question: impl Display) {
    let _unheard = stderr().lock().write_all(format!("{question} ").as_bytes());
}
