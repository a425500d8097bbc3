//! A limit in one of its periods, as one look finds it.

use crate::clock::Moment;
use crate::domain::{Amount, Limit, Period, Spent, Told};
use crate::store::Outlay;

/// A limit in one of its periods.
pub(super) struct Watched<'a> {
    pub(super) limit: &'a Limit,
    pub(super) period: Period,
    pub(super) outlay: &'a Outlay,
    pub(super) spent: Spent,
    /// How much it is, with all that is on top of it.
    pub(super) amount: Amount,
    /// What was told of it in this period, and when.
    pub(super) told: &'a [(Told, Moment)],
}

impl Watched<'_> {
    /// Since when it is known that so much is spent.
    pub(super) fn announced(&self, percent: u32) -> Option<Moment> {
        let is_it = |(told, _): &&(Told, Moment)| told.percent >= percent && told.amount == self.amount;
        self.told.iter().find(is_it).map(|(_, at)| *at)
    }
}
