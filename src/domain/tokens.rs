//! What was used, by the classes that have a price of their own.

/// Tokens by class, and what else is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tokens {
    /// Read, and from no cache.
    pub input: i64,
    /// Read from a cache.
    pub cache_read: i64,
    /// Written to a cache for five minutes.
    pub cache_5m: i64,
    /// Written to a cache for an hour.
    pub cache_1h: i64,
    /// Written as an answer.
    pub output: i64,
    /// Searches on the web; they are no tokens.
    pub searches: i64,
}

impl Tokens {
    /// All tokens.
    #[must_use]
    pub fn total(&self) -> i64 {
        [self.cache_read, self.cache_5m, self.cache_1h, self.output].into_iter().fold(self.input, i64::saturating_add)
    }

    /// True if nothing was used.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.total() == 0 && self.searches == 0
    }

    /// Adds what else was used.
    pub fn add(&mut self, other: &Self) {
        self.input = self.input.saturating_add(other.input);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_5m = self.cache_5m.saturating_add(other.cache_5m);
        self.cache_1h = self.cache_1h.saturating_add(other.cache_1h);
        self.output = self.output.saturating_add(other.output);
        self.searches = self.searches.saturating_add(other.searches);
    }
}
