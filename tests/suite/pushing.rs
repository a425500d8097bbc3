//! Pushing the clock: it stops when something can happen, and only then.

use steward::clock::{Moment, moment};
use steward::sandbox::Fault;

use crate::bench::engines;
use crate::stage::{Stage, at};

const ALL: &str = "/v1/organizations";
const POST: &str = "POST /v1/organizations/invites";
const WEEK: i64 = 7 * 24;

/// A stage whose clock stands a little behind a round of its jobs, which come every 15 seconds from nine o'clock on.
async fn out_of_step() -> Vec<Stage> {
    let mut stages = Vec::new();
    for engine in engines() {
        let stage = Stage::open(engine).await;
        stage.clock.advance_to(at("2026-12-01T09:00:15.321Z"));
        stage.settle().await;
        stages.push(stage);
    }
    stages
}

async fn next(stage: &Stage) -> Option<Moment> {
    stage.house.next_due().await.unwrap()
}

/// Its pause is over after five seconds, the sweep comes round after fifteen: one stop, at the sweep.
#[tokio::test]
async fn a_retry_is_one_stop() {
    for stage in out_of_step().await {
        let ada = stage.person("ada");
        stage.organization.misbehave(POST, Fault::FailBefore, 1);
        ada.says("/claude invite lea@example.com").await;
        let id = stage.request_about("lea@example.com").await;
        assert_eq!(stage.change(&id).await.retry_at, Some(at("2026-12-01T09:00:20.321Z")));
        assert_eq!(next(&stage).await, Some(at("2026-12-01T09:00:30Z")));

        // The news of it goes out in the same round.
        assert_eq!(stage.advance(WEEK).await, 1);
        assert_eq!(stage.state(&id).await, "applied");
        ada.was_told().await;
        assert_eq!(next(&stage).await, None);
        assert_eq!(stage.advance(WEEK).await, 0, "a week in which nothing happens is one step");
        stage.close().await;
    }
}

/// What fails for an hour is tried with growing pauses, each time as the sweep comes round.
#[tokio::test]
async fn every_stop_is_a_try() {
    for stage in out_of_step().await {
        let ada = stage.person("ada");
        stage.organization.misbehave(POST, Fault::TooManyBare, 1_000);
        ada.says("/claude invite lea@example.com").await;
        let sent = || stage.organization.count_seen(|it| it.method == "POST");
        let before = sent();
        let stops = stage.advance(1).await;
        assert_eq!(stops, sent() - before);
        assert!((5..20).contains(&stops), "{stops} stops");
        stage.organization.misbehave(POST, Fault::TooManyBare, 0);
        assert_eq!(stage.advance(1).await, 1);
        ada.was_told().await;
        stage.close().await;
    }
}

/// A request that waits has two reminders and an end in its three days; each comes with the sweep, and is delivered at once.
#[tokio::test]
async fn a_request_that_waits_is_stopped_at_when_somebody_hears_of_it() {
    for stage in out_of_step().await {
        stage.person("mira").says("/claude invite lea@example.com").await;
        stage.settle().await;
        stage.chat.forget_unheard();
        let mut heard = Vec::new();
        while let Some(due) = next(&stage).await {
            let before = stage.chat.everything().len();
            // The round before that one.
            stage.clock.advance_to(moment(due.as_millisecond() - 15_000));
            stage.settle().await;
            assert_eq!(stage.chat.everything().len(), before, "nothing before {due}");
            stage.clock.advance_to(due);
            stage.settle().await;
            assert!(stage.chat.everything().len() > before, "nobody heard anything at {due}");
            heard.push(due);
        }
        let expected = ["2026-12-01T11:00:30Z", "2026-12-01T15:00:30Z", "2026-12-01T23:00:30Z", "2026-12-02T15:00:30Z"];
        assert_eq!(heard[..4], expected.map(at));
        assert_eq!(heard.last(), Some(&at("2026-12-04T09:00:30Z")), "{heard:?}");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A process died: what it held is waited for until its hold is over, and what nobody holds is taken up with the next sweep.
#[tokio::test]
async fn what_a_dead_process_held_is_waited_for() {
    for stage in out_of_step().await {
        let ada = stage.person("ada");
        stage.organization.misbehave(ALL, Fault::FailBefore, 4);
        ada.says("/claude invite lea@example.com").await;
        // Until 09:02:15, which a sweep does not see yet.
        stage.tamper("UPDATE change SET retry_at_ms = 1796115620000, held_until_ms = 1796115735000").await;
        assert_eq!(next(&stage).await, Some(at("2026-12-01T09:02:30Z")));
        stage.tamper("UPDATE change SET retry_at_ms = NULL").await;
        assert_eq!(next(&stage).await, Some(at("2026-12-01T09:02:30Z")));
        stage.tamper("UPDATE change SET held_until_ms = NULL").await;
        assert_eq!(next(&stage).await, Some(at("2026-12-01T09:00:30Z")));
        assert_eq!(stage.advance(1).await, 1);
        ada.was_told().await;
        stage.close().await;
    }
}
