//! Spend that is unusual for its weekday is told once a day, to those who decide and to the channels that want warnings.

use std::sync::Arc;

use steward::clock::{Moment, moment};
use steward::job::{Anomalies, Audience};

use crate::bench::engines;
use crate::limits::bills::{Bills, HOUR_MS, USD};
use crate::stage::{Stage, assert_snapshot};

const DAY_MS: i64 = 24 * HOUR_MS;

fn watch_of(stage: &Stage, house: &steward::cli::house::House) -> Anomalies {
    let (store, clock) = (house.store.clone(), stage.clock.clone());
    let audience = Audience::new(store.clone(), Arc::clone(&house.rules), Arc::clone(&stage.chat) as _, clock.clone());
    Anomalies::new((store, clock), Arc::clone(&house.rules), audience)
}

/// What is spent in one workspace.
struct Spending<'a> {
    stage: &'a Stage,
    bills: Bills,
    workspace: String,
    key: String,
}

impl Spending<'_> {
    async fn spends(&mut self, at: Moment, usd: i64) {
        let store = &self.stage.house.store;
        let parts = [self.key.as_str(), &self.workspace, "claude-opus-5-5"];
        self.bills.spend(store, (at, self.stage.clock.now()), parts, usd * USD).await;
    }
}

async fn is_silent(stage: &Stage, watch: &Anomalies) {
    let before = stage.chat.everything().len();
    watch.look().await.unwrap();
    stage.house.outbox.drain().await.unwrap();
    assert_eq!(stage.chat.everything().len(), before, "nothing is told");
}

#[tokio::test]
async fn unusual_spend_is_told_once_a_day_until_it_is_expected() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, finn] = stage.cast(["ada", "finn"]);
        ada.says("/claude report subscribe warnings").await;
        let store = &stage.house.store;
        let workspace = store.workspaces_named("research").await.unwrap().remove(0).id;
        let key = store.keys().await.unwrap().into_iter().find(|it| it.name == "mira-laptop").unwrap().id;
        let mut it = Spending { stage: &stage, bills: Bills::default(), workspace, key };
        let other = stage.another_house(2).await;
        let [watch, twin] = [watch_of(&stage, &stage.house), watch_of(&stage, &other)];
        // It is a Tuesday. On Mondays ten times as much is usual, which is nothing to Tuesdays.
        let now = stage.clock.now().as_millisecond();
        for week in 1..=8 {
            it.spends(moment(now - week * 7 * DAY_MS), 20 + week % 3).await;
            it.spends(moment(now - week * 7 * DAY_MS - DAY_MS), 200).await;
        }
        it.spends(moment(now - HOUR_MS), 36).await;
        is_silent(&stage, &watch).await;
        it.spends(moment(now - HOUR_MS), 59).await;
        let (one, two) = tokio::join!(watch.look(), twin.look());
        one.unwrap();
        two.unwrap();
        watch.look().await.unwrap();
        stage.house.outbox.drain().await.unwrap();
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        The workspace research has spent $95.00 on Tuesday, 1 December so far: on a Tuesday it is $21.00 usually. (unusual)
        Most by key: mira-laptop (Mira Chen), $74.00 more than usual
        Most by model: claude-opus-5-5, $74.00 more than usual
        How sure that is: estimate, as of 2026-12-01 09:00 UTC
        What I do: nothing but tell, once a day.
        A limit would hold it: /claude limit set workspace:research ….
        [Details] [Expected]
        ");
        assert_snapshot!(stage.next_in("general").await.told(), @r"
        The workspace research has spent $95.00 on Tuesday, 1 December so far: on a Tuesday it is $21.00 usually. (unusual)
        Most by model: claude-opus-5-5, $74.00 more than usual
        How sure that is: estimate, as of 2026-12-01 09:00 UTC
        What I do: nothing but tell, once a day.
        ");
        assert_snapshot!(finn.presses(&card, "Expected").await.told(), @r"
        Nothing unusual in the spend of research is told until 2026-12-07 00:00 UTC.
        Limits are told all the same.
        ");

        // Wednesdays cost nothing so far; until the week is over nobody hears of it, and then somebody does.
        stage.clock.advance_to(moment(now + DAY_MS));
        it.spends(moment(now + DAY_MS - HOUR_MS), 80).await;
        is_silent(&stage, &watch).await;
        stage.clock.advance_to(moment(now + 8 * DAY_MS));
        it.spends(moment(now + 8 * DAY_MS - HOUR_MS), 300).await;
        watch.look().await.unwrap();
        stage.house.outbox.drain().await.unwrap();
        let again = stage.next_in("approvals").await.told();
        assert!(again.contains("$300.00") && again.contains("on a Wednesday it is $0.00 usually"), "{again}");
        stage.next_in("general").await;
        // The stage's house reads what its organization spends, which it knows no earlier Wednesdays of.
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
