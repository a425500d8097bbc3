//! The one source of randomness.
//!
//! In `run` it is the operating system's; in a test it is seeded, so that ids in snapshots stay the same. Keys, nonces
//! and tokens come from [`Random::bytes`], names that people read from [`Random::short`] and [`Random::id`].

use std::sync::{Arc, Mutex, PoisonError};

/// Letters of ids that people read aloud and type: no `l`, `o`, `0`, `1`.
const READABLE: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Where randomness comes from. Cheap to clone; clones share one source.
#[derive(Clone)]
pub struct Random(Arc<Source>);

enum Source {
    System,
    Seeded(Mutex<fastrand::Rng>),
}

impl Random {
    /// The operating system's generator.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// The same sequence for the same `seed`. For tests and for the simulated organization, never for `run`.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the room that the lint keeps random sources in")]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Source::Seeded(Mutex::new(fastrand::Rng::with_seed(seed)))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    ///
    /// If the operating system has no randomness: going on would make guessable keys.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// Fills `out` with random bytes.
    ///
    /// # Panics
    ///
    /// As [`Random::bytes`].
    #[expect(clippy::disallowed_methods, reason = "this is the room that the lint keeps random sources in")]
    pub fn fill(&self, out: &mut [u8]) {
        match &*self.0 {
            Source::System => getrandom::fill(out).expect("the operating system must have randomness"),
            Source::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill(out),
        }
    }

    /// `length` readable letters, 5 bits each.
    #[must_use]
    pub fn short(&self, length: usize) -> String {
        let mut raw = vec![0_u8; length];
        self.fill(&mut raw);
        raw.into_iter().map(|byte| char::from(READABLE[usize::from(byte & 31)])).collect()
    }

    /// An unguessable id, 100 bits, that says what it names: `prefix_…`.
    #[must_use]
    pub fn id(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.short(20))
    }

    /// A whole number in `0..below`, for simulations and jitter. `below` 0 gives 0. Slightly biased, which neither minds.
    #[must_use]
    pub fn below(&self, below: u64) -> u64 {
        u64::from_le_bytes(self.bytes()).checked_rem(below).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_the_system_does_not() {
        assert_eq!(Random::seeded(7).id("req"), Random::seeded(7).id("req"));
        assert_ne!(Random::system().bytes::<16>(), Random::system().bytes::<16>());
    }
}
