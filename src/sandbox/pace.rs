//! How fast the Admin API lets itself be asked: 100 requests in any minute for the whole organization; creating invites
//! has 1,200 in any hour of its own instead. Measured by the organization's clock.

use crate::clock::Moment;
use std::collections::VecDeque;

/// Which allowance a request draws on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    General,
    Invites,
}

#[derive(Default)]
pub(super) struct Pace {
    general: VecDeque<i64>,
    invites: VecDeque<i64>,
    pub(super) lifted: bool,
}

impl Pace {
    /// Takes one request out of the allowance, or says after how many seconds there is one again.
    pub(super) fn take(&mut self, which: Allowance, now: Moment) -> Result<(), i64> {
        if self.lifted {
            return Ok(());
        }
        let now_ms = now.as_millisecond();
        let (times, most, window_ms) = match which {
            Allowance::General => (&mut self.general, 100, 60_000),
            Allowance::Invites => (&mut self.invites, 1_200, 3_600_000),
        };
        while times.front().is_some_and(|at| at + window_ms <= now_ms) {
            times.pop_front();
        }
        match times.front() {
            Some(oldest) if times.len() >= most => Err((oldest + window_ms - now_ms + 999) / 1_000),
            _ => {
                times.push_back(now_ms);
                Ok(())
            }
        }
    }
}
