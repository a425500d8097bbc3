//! What was spent, written into the store as if it had been read.

use std::collections::BTreeMap;

use steward::clock::{Moment, moment};
use steward::domain::{Amount, Basis, Tokens};
use steward::store::{DayState, HourFact, Series, Store, UsageMark};

use crate::stage::Stage;

pub(crate) const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A dollar, in microcents.
pub(crate) const USD: i64 = 100_000_000;

/// Has the stage read nothing that was spent from now on, and forget what it read: the story says what was spent.
pub(super) async fn reads_no_reports(stage: &Stage) {
    stage.settle().await;
    let (store, now) = (&stage.house.store, stage.clock.now());
    let never = "2199-01-01T00:00:00Z".parse().unwrap();
    let mut tx = store.begin().await.unwrap();
    for mark in [UsageMark::HoursFrom, UsageMark::ReportFrom, UsageMark::AnalyticsFrom] {
        store.set_usage_mark(&mut tx, mark, never).await.unwrap();
    }
    let today = now.as_millisecond() - now.as_millisecond().rem_euclid(DAY_MS);
    for day in [today - DAY_MS, today] {
        store.put_spend_hours(&mut tx, (moment(day), moment(day + DAY_MS)), &[]).await.unwrap();
        let state = DayState { basis: Basis::Estimate, as_of: now, settled: String::new() };
        store.close_spend_day(&mut tx, moment(day), &state).await.unwrap();
    }
    store.commit(tx).await.unwrap();
}

/// Everything that was spent so far: by hour, then by key, workspace and model.
#[derive(Default)]
pub(crate) struct Bills(BTreeMap<i64, BTreeMap<[String; 3], i64>>);

impl Bills {
    /// So many microcents were spent at `at`, by a key in a workspace with a model; it is known now.
    pub(crate) async fn spend(
        &mut self,
        store: &Store,
        (at, known): (Moment, Moment),
        [key, workspace, model]: [&str; 3],
        microcents: i64,
    ) {
        let at = at.as_millisecond();
        let hour = self.0.entry(at - at.rem_euclid(HOUR_MS)).or_default();
        *hour.entry([key, workspace, model].map(str::to_owned)).or_default() += microcents;
        self.write(store, at - at.rem_euclid(DAY_MS), known).await;
    }

    async fn write(&self, store: &Store, day: i64, known: Moment) {
        let mut book = store.series_book().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let mut facts = Vec::new();
        for (hour, parts) in self.0.range(day..day + DAY_MS) {
            for ([key, workspace, model], microcents) in parts {
                let [tier, geo, context, kind] = ["standard", "global", "0-200k", "tokens"].map(str::to_owned);
                let (key_id, workspace_id, model) = (key.clone(), workspace.clone(), model.clone());
                let series = Series { key_id, actor: String::new(), workspace_id, model, tier, geo, context, kind };
                facts.push(HourFact {
                    hour: moment(*hour),
                    series_id: book.number(&mut tx, &series).await.unwrap(),
                    tokens: Tokens { input: 1_000, ..Tokens::default() },
                    unpriced: 0,
                    amount: Amount(*microcents),
                });
            }
        }
        store.put_spend_hours(&mut tx, (moment(day), moment(day + DAY_MS)), &facts).await.unwrap();
        let state = DayState { basis: Basis::Estimate, as_of: known, settled: String::new() };
        store.close_spend_day(&mut tx, moment(day), &state).await.unwrap();
        store.commit(tx).await.unwrap();
    }
}
