//! Text in pieces of a bounded length, of which no token is cut in two: an escaped sign, a mention, a link.

use super::measure::length;

/// Pieces as they grow.
pub(super) struct Pieces {
    done: Vec<String>,
    open: String,
    /// How long the open one is.
    used: usize,
    most: usize,
}

impl Pieces {
    /// Pieces of at most `most`, as a platform may count it.
    pub(super) fn of(most: usize) -> Self {
        Self { done: Vec::new(), open: String::new(), used: 0, most }
    }

    /// Adds a token, to the next piece if it does not fit into the open one.
    pub(super) fn push(&mut self, token: &str) {
        let more = length(token);
        if self.used + more > self.most {
            self.done.push(std::mem::take(&mut self.open));
            self.used = 0;
        }
        self.open.push_str(token);
        self.used += more;
    }

    /// Whether a token fits into a piece at all.
    pub(super) fn fits(&self, token: &str) -> bool {
        length(token) <= self.most
    }

    /// Whether what comes next begins a line.
    pub(super) fn is_at_start(&self) -> bool {
        self.open.is_empty() || self.open.ends_with('\n')
    }

    /// All of it as one text.
    pub(super) fn joined(self) -> String {
        self.done.concat() + &self.open
    }

    /// All of them, without those that hold nothing to read.
    pub(super) fn finished(mut self) -> Vec<String> {
        self.done.push(self.open);
        self.done.retain(|it| !it.trim().is_empty());
        self.done
    }
}

/// The first of the pieces, marked if there are others.
pub(super) fn first(pieces: Vec<String>) -> String {
    let mut pieces = pieces.into_iter();
    let mut first = pieces.next().unwrap_or_default();
    if pieces.next().is_some() {
        first.push('…');
    }
    first
}
