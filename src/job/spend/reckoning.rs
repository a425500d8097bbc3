//! One day's money: what was used at list prices, until a bill says what it came to.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::change::Failure;
use crate::clock::{Moment, moment};
use crate::domain::{Amount, Basis, Billed, Combination, Manner, Prices, Tokens, Used, share_out};
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

/// What was used in some hours of a day, all of it, just read: amounts are not known yet.
pub(super) struct ReadHours {
    pub(super) from: Moment,
    pub(super) to: Moment,
    /// By hour, then by series.
    pub(super) facts: Vec<HourFact>,
}

impl Reckoner {
    pub(super) fn new(store: Store, prices: Arc<Prices>) -> Self {
        let version = hash(&*prices);
        Self { store, prices, version }
    }

    /// Reckons the day that begins at `day` in the caller's transaction. `known_to`: how far what was used is known. `read`: what of
    /// it was just read, to be written with what it costs.
    pub(super) async fn reckon(
        &self,
        tx: &mut Tx<'_>,
        book: &mut SeriesBook,
        (day, known_to): (Moment, Moment),
        read: Option<ReadHours>,
    ) -> Result<(), Failure> {
        if read.is_none() && self.store.is_without_hours(tx, day).await? {
            return Ok(());
        }
        let bill = self.bill(tx, book, day, read.as_ref()).await?;
        let before = self.store.spend_state(tx, day).await?;
        let settled = match &bill {
            Some(bill) => format!("{:x} {:x}", self.version, hash(&(bill.source.as_str(), &bill.lines))),
            None => format!("{:x}", self.version),
        };
        let same = before.as_ref().is_some_and(|it| it.settled == settled);
        let as_of = bill.as_ref().map_or(known_to.min(end_of(day)), |it| it.as_of);
        let basis = match bill.as_ref().map(|it| it.source) {
            Some(BillSource::Analytics) => Basis::Billed,
            Some(BillSource::Report) => Basis::Reconciled,
            None => Basis::Estimate,
        };
        let touched = read.is_some();
        match read {
            Some(read) if same && bill.is_none() => {
                let facts = self.at_list_prices(book, read.facts)?;
                self.store.put_spend_hours(tx, (read.from, read.to), &facts).await?;
            }
            read if touched || !same => {
                let facts = self.whole_day(tx, book, day, read).await?;
                let priced = match &bill {
                    None => self.at_list_prices(book, facts)?,
                    Some(bill) => self.as_billed(tx, book, (day, bill), facts).await?,
                };
                self.store.put_spend_hours(tx, (day, end_of(day)), &priced).await?;
            }
            _ => {}
        }
        if touched || !same || before.is_some_and(|it| it.as_of != as_of) {
            self.store.close_spend_day(tx, day, &DayState { basis, as_of, settled }).await?;
        }
        Ok(())
    }

    /// The surest bill that covers the whole day. A bill of nothing for a day on which something cost something is not believed.
    async fn bill(
        &self,
        tx: &mut Tx<'_>,
        book: &SeriesBook,
        day: Moment,
        read: Option<&ReadHours>,
    ) -> Result<Option<Bill>, Failure> {
        for source in [BillSource::Analytics, BillSource::Report] {
            if let Some((BillDay { as_of, .. }, lines)) = self.store.bill(tx, (source, day)).await?
                && as_of >= end_of(day)
                && !(lines.is_empty() && self.is_dear(tx, book, day, read).await?)
            {
                return Ok(Some(Bill { source, as_of, lines }));
            }
        }
        Ok(None)
    }

    async fn is_dear(
        &self,
        tx: &mut Tx<'_>,
        book: &SeriesBook,
        day: Moment,
        read: Option<&ReadHours>,
    ) -> Result<bool, Failure> {
        for fact in read.map_or(&[][..], |it| &it.facts) {
            if self.of_tokens(series(book, fact)?, fact).is_some_and(|it| !it.is_zero()) {
                return Ok(true);
            }
        }
        Ok(self.store.is_dear(tx, day).await?)
    }

    /// All that was used on a day, by hour: what was just read, and what is kept of its other hours.
    async fn whole_day(
        &self,
        tx: &mut Tx<'_>,
        book: &mut SeriesBook,
        day: Moment,
        read: Option<ReadHours>,
    ) -> Result<Vec<HourFact>, Failure> {
        let read = read.unwrap_or(ReadHours { from: day, to: day, facts: Vec::new() });
        if read.from <= day && read.to >= end_of(day) {
            return Ok(read.facts);
        }
        let mut facts = self.store.spend_facts(tx, day).await?;
        // What holds no use was left over from an earlier bill.
        facts.retain(|it| (it.hour < read.from || it.hour >= read.to) && !it.tokens.is_nothing());
        if facts.iter().any(|it| book.series(it.series_id).is_none()) {
            book.catch_up(tx).await?;
        }
        facts.extend(read.facts);
        facts.sort_unstable_by_key(|it| (it.hour, it.series_id));
        Ok(facts)
    }

    fn at_list_prices(&self, book: &SeriesBook, mut facts: Vec<HourFact>) -> Result<Vec<HourFact>, Failure> {
        for fact in &mut facts {
            let searches = self.prices.of_searches(fact.tokens.searches);
            (fact.amount, fact.unpriced) = match self.of_tokens(series(book, fact)?, fact) {
                Some(amount) => (amount + searches, 0),
                None => (searches, fact.tokens.total()),
            };
        }
        Ok(facts)
    }

    /// What tokens cost at list prices; none of those that have no price.
    fn of_tokens(&self, series: &Series, fact: &HourFact) -> Option<Amount> {
        let Series { model, tier, geo, context, .. } = series;
        self.prices.of_tokens(Manner { model, tier, geo, context }, fact.hour, &fact.tokens)
    }

    /// The facts with what was billed for them, and what was billed and fits none of them.
    async fn as_billed(
        &self,
        tx: &mut Tx<'_>,
        book: &mut SeriesBook,
        (day, bill): (Moment, &Bill),
        mut facts: Vec<HourFact>,
    ) -> Result<Vec<HourFact>, Failure> {
        let (mut places, mut combinations) = (HashMap::new(), Vec::new());
        let mut used = Vec::with_capacity(facts.len());
        for fact in &facts {
            let series = series(book, fact)?;
            let of = *places.entry(fact.series_id).or_insert(combinations.len());
            if of == combinations.len() {
                combinations.push(combination(series));
            }
            used.push(Used::new(of, &fact.tokens, self.of_tokens(series, fact)));
        }
        let lines: Vec<Billed<'_>> = bill.lines.iter().map(billed).collect();
        let shares = share_out(&combinations, &used, &lines, bill.source == BillSource::Analytics);
        for (fact, amount) in facts.iter_mut().zip(shares.amounts) {
            (fact.amount, fact.unpriced) = (amount, 0);
        }
        let mut rest: BTreeMap<i64, Amount> = BTreeMap::new();
        for (line, amount) in shares.rest {
            *rest.entry(book.number(tx, &bill.lines[line].0).await?).or_default() += amount;
        }
        let hour = moment(day.as_millisecond() + NOON_MS);
        let left = |(series_id, amount)| HourFact { hour, series_id, tokens: Tokens::default(), unpriced: 0, amount };
        facts.extend(rest.into_iter().map(left));
        Ok(facts)
    }
}

fn end_of(day: Moment) -> Moment {
    moment(day.as_millisecond() + DAY_MS)
}

fn series<'a>(book: &'a SeriesBook, fact: &HourFact) -> Result<&'a Series, Failure> {
    book.series(fact.series_id).ok_or_else(|| Failure::internal("what was used is of an unknown combination"))
}

fn combination(series: &Series) -> Combination<'_> {
    Combination { key: &series.key_id, actor: &series.actor, workspace: &series.workspace_id, model: &series.model }
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
