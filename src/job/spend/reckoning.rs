//! One day's money: what was used at list prices, until a bill says what it came to.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::change::Failure;
use crate::clock::{Moment, moment};
use crate::domain::{Amount, Basis, Billed, Manner, Prices, Tokens, Used, share_out};
use crate::store::{BillDay, BillSource, DayState, HourFact, Series, SeriesBook, Store, Tx};

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// What is known of a day as a whole stands at its noon: it is the same day in most places then.
pub(super) const NOON_MS: i64 = 12 * HOUR_MS;

/// Reckons days, with the prices of one moment.
pub(super) struct Reckoner {
    store: Store,
    prices: Arc<Prices>,
    version: u64,
}

/// The bill that counts for a day.
struct Bill {
    source: BillSource,
    as_of: Moment,
    lines: Vec<(Series, Amount)>,
}

impl Reckoner {
    pub(super) fn new(store: Store, prices: Arc<Prices>) -> Self {
        let version = hash(&*prices);
        Self { store, prices, version }
    }

    /// What some use costs at list prices, and how much of it has no price.
    pub(super) fn estimate(&self, series: &Series, hour: Moment, tokens: &Tokens) -> (Amount, i64) {
        let searches = self.prices.of_searches(tokens.searches);
        match self.of_tokens(series, hour, tokens) {
            Some(amount) => (amount + searches, 0),
            None => (searches, tokens.total()),
        }
    }

    fn of_tokens(&self, series: &Series, hour: Moment, tokens: &Tokens) -> Option<Amount> {
        let Series { model, tier, geo, context, .. } = series;
        self.prices.of_tokens(Manner { model, tier, geo, context }, hour, tokens)
    }

    /// Reckons the day that begins at `day` in the caller's transaction. `known_to`: how far what was used is known. `touched`: its
    /// hours were written in this transaction, each at list prices.
    pub(super) async fn reckon(
        &self,
        tx: &mut Tx<'_>,
        book: &mut SeriesBook,
        (day, known_to): (Moment, Moment),
        touched: bool,
    ) -> Result<(), Failure> {
        if !touched && self.store.is_without_hours(tx, day).await? {
            return Ok(());
        }
        let bill = self.bill(tx, day).await?;
        let before = self.store.spend_state(tx, day).await?;
        let settled = match &bill {
            Some(bill) => format!("{:x} {:x}", self.version, hash(&(bill.source.as_str(), &bill.lines))),
            None => format!("{:x}", self.version),
        };
        let same = before.as_ref().is_some_and(|it| it.settled == settled);
        let as_of = bill.as_ref().map_or(known_to.min(moment(day.as_millisecond() + DAY_MS)), |it| it.as_of);
        let basis = match bill.as_ref().map(|it| it.source) {
            Some(BillSource::Analytics) => Basis::Billed,
            Some(BillSource::Report) => Basis::Reconciled,
            None => Basis::Estimate,
        };
        if !same || (touched && bill.is_some()) {
            self.write(tx, book, day, bill.as_ref()).await?;
        }
        if touched || !same || before.is_some_and(|it| it.as_of != as_of) {
            self.store.close_spend_day(tx, day, &DayState { basis, as_of, settled }).await?;
        }
        Ok(())
    }

    /// The surest bill that covers the whole day.
    async fn bill(&self, tx: &mut Tx<'_>, day: Moment) -> Result<Option<Bill>, Failure> {
        let end = moment(day.as_millisecond() + DAY_MS);
        for source in [BillSource::Analytics, BillSource::Report] {
            if let Some((BillDay { as_of, .. }, lines)) = self.store.bill(tx, (source, day)).await?
                && as_of >= end
            {
                return Ok(Some(Bill { source, as_of, lines }));
            }
        }
        Ok(None)
    }

    async fn write(
        &self,
        tx: &mut Tx<'_>,
        book: &mut SeriesBook,
        day: Moment,
        bill: Option<&Bill>,
    ) -> Result<(), Failure> {
        // What holds no use was left over from an earlier bill.
        let facts: Vec<(Series, HourFact)> =
            self.store.spend_facts(tx, day).await?.into_iter().filter(|(_, it)| !it.tokens.is_nothing()).collect();
        let mut written: Vec<HourFact> = Vec::with_capacity(facts.len());
        match bill {
            None => written.extend(facts.into_iter().map(|(series, fact)| {
                let (amount, unpriced) = self.estimate(&series, fact.hour, &fact.tokens);
                HourFact { unpriced, amount, ..fact }
            })),
            Some(bill) => {
                let used: Vec<Used<'_>> = facts.iter().map(|(series, fact)| self.used(series, fact)).collect();
                let lines: Vec<Billed<'_>> = bill.lines.iter().map(billed).collect();
                let shares = share_out(&used, &lines, bill.source == BillSource::Analytics);
                written.extend(facts.iter().zip(&shares.amounts).map(|((_, fact), amount)| HourFact {
                    amount: *amount,
                    unpriced: 0,
                    ..fact.clone()
                }));
                let mut rest: BTreeMap<i64, Amount> = BTreeMap::new();
                for (line, amount) in &shares.rest {
                    *rest.entry(book.number(tx, &bill.lines[*line].0).await?).or_default() += *amount;
                }
                let noon = moment(day.as_millisecond() + NOON_MS);
                written.extend(rest.into_iter().map(|(series_id, amount)| HourFact {
                    hour: noon,
                    series_id,
                    tokens: Tokens::default(),
                    unpriced: 0,
                    amount,
                }));
            }
        }
        let end = moment(day.as_millisecond() + DAY_MS);
        Ok(self.store.put_spend_hours(tx, (day, end), &written).await?)
    }

    fn used<'a>(&self, series: &'a Series, fact: &HourFact) -> Used<'a> {
        Used {
            key: &series.key_id,
            actor: &series.actor,
            workspace: &series.workspace_id,
            model: &series.model,
            tokens: fact.tokens,
            estimate: self.of_tokens(series, fact.hour, &fact.tokens),
        }
    }
}

fn billed((series, amount): &(Series, Amount)) -> Billed<'_> {
    Billed {
        key: &series.key_id,
        actor: &series.actor,
        workspace: &series.workspace_id,
        model: &series.model,
        kind: &series.kind,
        amount: *amount,
    }
}

/// The same for the same value for as long as this version runs; another one only makes days be reckoned once more.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
