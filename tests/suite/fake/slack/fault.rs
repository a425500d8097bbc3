//! What goes wrong, and how often.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// 429 with `Retry-After` of so many seconds.
    Busy(u64),
    Status(u16),
    /// The right answer, late.
    Slow(Duration),
    /// Takes the request and never answers.
    Silent,
    /// Does what was asked, and breaks off in the middle of the answer.
    Cut,
    /// 200 with a page instead of JSON.
    Html,
    /// The right answer with fields nobody knows.
    Extra,
    /// `ok: false` with this code.
    Says(&'static str),
    /// Of `link` alone: says hello and is deaf and dumb from then on.
    HalfOpen,
    /// Of `link` alone: a `disconnect` for `too_many_websockets` instead of a hello.
    TooManyLinks,
    /// Of `delivery` alone: what happened is brought twice, over two links when there are two.
    Twice,
}

#[derive(Default)]
pub(super) struct Faults(Vec<(String, Fault, usize)>);

impl Faults {
    pub(super) fn add(&mut self, method: &str, fault: Fault, times: usize) {
        self.0.push((method.to_owned(), fault, times));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The oldest fault that is meant for this method, used once.
    pub(super) fn take(&mut self, method: &str, is_api: bool) -> Option<Fault> {
        let meant = |it: &&mut (String, Fault, usize)| it.2 > 0 && (it.0 == method || (is_api && it.0 == "*"));
        let found = self.0.iter_mut().find(meant)?;
        found.2 -= 1;
        Some(found.1.clone())
    }
}
