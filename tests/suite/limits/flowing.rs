//! From traffic to the brake, all the way: keys are used, the reports tell it with their delay, a limit is reached, keys go off.

use steward::clock::moment;
use steward::sandbox::{KeyStatus, Metered, More};

use crate::bench::engines;
use crate::keys::{key_of, with_a_key};
use crate::stage::Stage;

/// Tokens that come to a dollar at the price of the model below.
const A_DOLLAR: i64 = 250_000;

/// Somebody uses a key, now, for so many dollars.
fn uses(stage: &Stage, key_id: &str, usd: i64) {
    let research = stage.organization.workspaces().into_iter().find(|it| it.name == "research").unwrap().id;
    stage.organization.use_key(Metered {
        key_id: key_id.to_owned(),
        workspace_id: research,
        model: "claude-opus-5-5".into(),
        minute: moment(stage.clock.now().as_millisecond() / 60_000 * 60_000),
        requests: 1,
        input_tokens: usd * A_DOLLAR,
        output_tokens: 0,
        more: More::default(),
    });
}

/// Minute by minute: a clock that is pushed further jumps over the beats at which nothing is known to be due.
async fn pass(stage: &Stage, minutes: usize) {
    for _ in 0..minutes {
        stage.advance_minutes(1).await;
    }
}

/// The report of what was used was asked for so often.
fn readings(stage: &Stage) -> usize {
    stage.organization.count_seen(|it| it.path.contains("usage_report/messages"))
}

/// The first line of each message in the approvers' channel that nobody has heard.
async fn headlines(stage: &Stage) -> Vec<String> {
    let mut all = Vec::new();
    while stage.has_news_in("approvals").await {
        let told = stage.next_in("approvals").await.told();
        all.push(told.lines().next().unwrap_or_default().to_owned());
    }
    all.retain(|it| it.contains("limit of"));
    all
}

#[tokio::test]
async fn what_is_used_reaches_a_limit_and_the_brake_within_minutes() {
    for engine in engines() {
        let (stage, secret) = with_a_key(engine).await;
        let key = key_of(&stage, &secret).id;
        stage.advance(1).await;
        let finn = stage.person("finn");
        let set = finn.says("/claude limit set workspace:research --amount 20000 --per day --brake hard").await.told();
        assert!(set.starts_with("Done: "), "{engine:?}: {set}");
        stage.chat.forget_unheard();

        let before = readings(&stage);
        pass(&stage, 20).await;
        let seldom = readings(&stage) - before;
        assert!((1..=8).contains(&seldom), "{engine:?}: {seldom} readings in 20 minutes, far from a limit");

        uses(&stage, &key, 16_500);
        pass(&stage, 12).await;
        let told = headlines(&stage).await;
        assert!(
            told.len() == 1 && told[0].starts_with("80 % of the daily limit of research is spent: $16,5"),
            "{told:?}"
        );

        let before = readings(&stage);
        pass(&stage, 20).await;
        let often = readings(&stage) - before;
        assert!((15..=24).contains(&often), "{engine:?}: {often} readings in 20 minutes, close to a limit");

        // Five minutes until the report tells it, one until it is read, one until limits are looked at.
        uses(&stage, &key, 4_000);
        pass(&stage, 7).await;
        let told = headlines(&stage).await;
        assert!(told.len() == 1 && told[0].starts_with("The daily limit of research is reached: $20,5"), "{told:?}");
        let status = || stage.organization.keys().into_iter().find(|it| it.id == key).unwrap().switched;
        assert_eq!(status(), KeyStatus::Active, "{engine:?}: announced before");
        pass(&stage, 6).await;
        assert_eq!(status(), KeyStatus::Inactive, "{engine:?}");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
