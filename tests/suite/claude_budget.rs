//! The budget of the Admin API client: exact in every window, with a reserve for revocations and a share for what nobody
//! waits for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use steward::claude::{Error, KeyStatus, Reader, Role, Time, Writer, connect};
use steward::random::Random;

use super::claude_upstream::{FakeTime, Upstream, failed, ok, organization, refusal, settings, with_header};

const WINDOW_MS: i64 = 60_000;

/// An upstream that knows nobody, a client with `per_minute`, and when each request arrived.
struct Scene {
    upstream: Upstream,
    reader: Reader,
    writer: Writer,
    time: Arc<FakeTime>,
    arrivals: Arc<Mutex<Vec<(i64, String)>>>,
}

impl Scene {
    async fn with(per_minute: u32) -> Self {
        let time = Arc::new(FakeTime::default());
        let arrivals: Arc<Mutex<Vec<(i64, String)>>> = Arc::default();
        let (clock, log) = (Arc::clone(&time), Arc::clone(&arrivals));
        let upstream = Upstream::answering(move |seen, _| {
            log.lock().unwrap().push((clock.now_ms(), seen.method.clone()));
            if seen.method == "GET" { ok(&organization()) } else { refusal(404, "not_found_error", None) }
        })
        .await;
        let settings = steward::claude::Settings { budget_per_minute: per_minute, ..settings(&upstream.url) };
        let (reader, writer) = connect(settings, Arc::clone(&time) as Arc<dyn Time>).unwrap();
        Self { upstream, reader, writer, time, arrivals }
    }

    fn times(&self) -> Vec<i64> {
        self.arrivals.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }

    /// The most requests that any window of 60 seconds saw, both its ends counted.
    fn busiest(&self, counts: impl Fn(&str) -> bool) -> usize {
        let all = self.arrivals.lock().unwrap();
        let times: Vec<i64> = all.iter().filter(|(_, method)| counts(method)).map(|(at, _)| *at).collect();
        let in_window = |from: i64| times.iter().filter(|at| (from..=from + WINDOW_MS).contains(*at)).count();
        times.iter().map(|at| in_window(*at)).max().unwrap_or(0)
    }
}

/// How often each time occurs, in order.
fn grouped(times: &[i64]) -> Vec<(i64, usize)> {
    let mut groups: Vec<(i64, usize)> = Vec::new();
    for at in times {
        match groups.last_mut() {
            Some((last, count)) if last == at => *count += 1,
            _ => groups.push((*at, 1)),
        }
    }
    groups
}

#[tokio::test]
async fn ordinary_calls_use_four_fifths_a_minute() {
    let scene = Scene::with(100).await;
    for _ in 0..250 {
        scene.reader.organization().await.unwrap();
    }
    assert_eq!(grouped(&scene.times()), [(0, 80), (60_001, 80), (120_002, 80), (180_003, 10)]);
    assert_eq!(scene.busiest(|_| true), 80);
}

#[tokio::test]
async fn a_fifth_is_kept_for_revocations() {
    let scene = Scene::with(100).await;
    for _ in 0..80 {
        scene.reader.organization().await.unwrap();
    }
    for n in 0..5 {
        let id = format!("user_{n}");
        scene.writer.remove_user(&id).await.unwrap();
        scene.writer.withdraw_invite("invite_1").await.unwrap();
        scene.writer.remove_workspace_member("wrkspc_1", &id).await.unwrap();
        let status = if n % 2 == 0 { KeyStatus::Inactive } else { KeyStatus::Archived };
        failed(scene.writer.set_key_status("apikey_1", &status).await);
    }
    assert_eq!(scene.time.now_ms(), 0, "no revocation had to wait");
    assert_eq!(scene.upstream.count(), 100);

    scene.writer.remove_user("user_9").await.unwrap();
    assert_eq!(scene.time.now_ms(), 60_001, "the hundred and first waits like everybody");
    assert_eq!(scene.busiest(|_| true), 100);
}

#[tokio::test]
async fn switching_a_key_on_is_no_revocation_and_reader_and_writer_share() {
    let scene = Scene::with(100).await;
    for _ in 0..40 {
        scene.reader.organization().await.unwrap();
        failed(scene.writer.create_workspace("lab").await);
    }
    assert_eq!(scene.time.now_ms(), 0);
    failed(scene.writer.set_key_status("apikey_1", &KeyStatus::Active).await);
    assert_eq!(scene.time.now_ms(), 60_001);
}

#[tokio::test]
async fn background_work_uses_a_fifth() {
    let scene = Scene::with(100).await;
    let background = scene.reader.background();
    for _ in 0..20 {
        background.organization().await.unwrap();
    }
    for _ in 0..60 {
        scene.reader.organization().await.unwrap();
    }
    assert_eq!(scene.time.now_ms(), 0, "the others still have their share");
    for _ in 0..30 {
        background.clone().organization().await.unwrap();
    }
    assert_eq!(grouped(&scene.times()), [(0, 80), (60_001, 20), (120_002, 10)]);
}

#[tokio::test]
async fn any_mixture_keeps_every_window() {
    for seed in 0..20 {
        let random = Random::seeded(seed);
        let per_minute = 5 + u32::try_from(random.below(40)).unwrap();
        let scene = Scene::with(per_minute).await;
        let background = scene.reader.background();
        for _ in 0..200 {
            match random.below(6) {
                0 => drop(scene.writer.remove_user("user_1").await),
                1 => drop(background.organization().await),
                2 => drop(scene.writer.invite("ada@example.com", &Role::User).await),
                3 => scene.time.advance(i64::try_from(random.below(9_000)).unwrap()),
                _ => drop(scene.reader.organization().await),
            }
        }
        let total = usize::try_from(per_minute).unwrap();
        assert!(scene.busiest(|_| true) <= total, "seed {seed}");
        assert!(scene.busiest(|method| method != "DELETE") <= total - total / 5, "seed {seed}");
        assert!(scene.upstream.count() > 100, "seed {seed}");
    }
}

#[tokio::test]
async fn a_step_back_in_time_is_survived() {
    let scene = Scene::with(100).await;
    scene.time.advance(86_400_000);
    for _ in 0..80 {
        scene.reader.organization().await.unwrap();
    }
    scene.time.advance(-86_400_000);
    scene.reader.organization().await.unwrap();
    assert_eq!(scene.time.now_ms(), 60_001, "careful, but not for a day");
}

#[tokio::test]
async fn a_single_request_a_minute_works_and_none_is_refused() {
    let scene = Scene::with(1).await;
    scene.reader.organization().await.unwrap();
    scene.reader.background().organization().await.unwrap();
    scene.writer.remove_user("user_1").await.unwrap();
    assert_eq!(scene.times(), [0, 60_001, 120_002]);
    let none = steward::claude::Settings { budget_per_minute: 0, ..settings("http://127.0.0.1:1") };
    assert!(matches!(connect(none, Arc::new(FakeTime::default())), Err(Error::Settings(_))));
}

#[tokio::test]
async fn a_pause_that_upstream_asks_for_holds_for_everybody() {
    let times: Arc<Mutex<Vec<i64>>> = Arc::default();
    let time = Arc::new(FakeTime::default());
    let (log, clock) = (Arc::clone(&times), Arc::clone(&time));
    let upstream = Upstream::answering(move |seen, n| {
        log.lock().unwrap().push(clock.now_ms());
        match n {
            0 => with_header(429, "retry-after", "30"),
            _ if seen.method == "GET" => ok(&organization()),
            _ => refusal(404, "not_found_error", None),
        }
    })
    .await;
    let (reader, writer) = connect(settings(&upstream.url), Arc::clone(&time) as Arc<dyn Time>).unwrap();
    let error = failed(writer.create_workspace("lab").await);
    assert_eq!((error.status(), error.retry_after()), (Some(429), Some(Duration::from_secs(30))));
    assert!(!error.is_ambiguous());
    writer.remove_user("user_1").await.unwrap();
    reader.organization().await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 30_000, 30_000]);
}

/// However long upstream asks for silence: nobody waits for it in vain, and it ends.
#[tokio::test]
async fn an_absurd_pause_is_told_and_ends() {
    let upstream =
        Upstream::answering(
            |_, n| {
                if n == 0 { with_header(429, "retry-after", "31536000") } else { ok(&organization()) }
            },
        )
        .await;
    let (reader, _, time) = upstream.client();
    assert_eq!(failed(reader.organization().await).status(), Some(429));
    assert_eq!(failed(reader.organization().await), Error::Busy { retry_after: Duration::from_mins(10) });
    assert!(time.slept().is_empty());
    time.advance(600_000);
    reader.organization().await.unwrap();
    assert_eq!(upstream.count(), 2);
}

/// Upstream lets 40 a minute through, because others use the rest of the allowance; later everything.
#[tokio::test]
async fn the_budget_shrinks_with_a_429_and_grows_back_slowly() {
    let times: Arc<Mutex<Vec<(i64, bool)>>> = Arc::default();
    let time = Arc::new(FakeTime::default());
    let (log, clock) = (Arc::clone(&times), Arc::clone(&time));
    let upstream = Upstream::answering(move |_, _| {
        let mut log = log.lock().unwrap();
        let now = clock.now_ms();
        let passed = log.iter().filter(|(at, passed)| *passed && now - at <= 60_000).count();
        let passes = now > 600_000 || passed < 40;
        log.push((now, passes));
        if passes { ok(&organization()) } else { with_header(429, "retry-after", "5") }
    })
    .await;
    let (reader, _) = connect(settings(&upstream.url), Arc::clone(&time) as Arc<dyn Time>).unwrap();
    for _ in 0..41 {
        reader.organization().await.unwrap();
    }
    let condition = reader.condition();
    assert_eq!((condition.budget_per_minute, condition.full_budget_per_minute), (60, 100), "halved, a minute ago");
    while time.now_ms() < 600_000 {
        reader.organization().await.unwrap();
    }
    let refused = times.lock().unwrap().iter().filter(|(_, passed)| !passed).count();
    assert!(refused <= 20, "{refused} in ten minutes: it learns");

    time.advance(60_000);
    let low = reader.condition().budget_per_minute;
    let mut grown = vec![low];
    while grown.last() < Some(&100) {
        time.advance(60_000);
        grown.push(reader.condition().budget_per_minute);
    }
    assert!(grown.windows(2).all(|it| it[1] == (it[0] + 10).min(100)), "{grown:?}");
}

/// However often upstream says so: a fifth is always left, and what one burst is told counts once.
#[tokio::test]
async fn the_budget_never_shrinks_to_nothing() {
    let upstream = Upstream::answering(|_, _| refusal(429, "rate_limit_error", None)).await;
    let time = Arc::new(FakeTime::default());
    let (reader, writer) = connect(settings(&upstream.url), Arc::clone(&time) as Arc<dyn Time>).unwrap();
    let mut seen = Vec::new();
    for _ in 0..5 {
        for _ in 0..3 {
            failed(writer.invite("ada@example.com", &Role::User).await);
        }
        seen.push(reader.condition().budget_per_minute);
        time.advance(10_000);
    }
    assert_eq!(seen, [50, 25, 20, 20, 20]);

    let alone = steward::claude::Settings { budget_per_minute: 1, ..settings(&upstream.url) };
    let (reader, writer) = connect(alone, Arc::clone(&time) as Arc<dyn Time>).unwrap();
    failed(writer.invite("ada@example.com", &Role::User).await);
    assert_eq!(reader.condition().budget_per_minute, 1);
}

/// Of what is left, a fifth is still for revocations alone.
#[tokio::test]
async fn a_fifth_of_a_lowered_budget_is_kept_for_revocations() {
    let upstream = Upstream::answering(|seen, n| match n {
        0 => refusal(429, "rate_limit_error", None),
        _ if seen.method == "GET" => ok(&organization()),
        _ => refusal(404, "not_found_error", None),
    })
    .await;
    let (reader, writer, time) = upstream.client_within(100);
    failed(writer.create_workspace("lab").await);
    for _ in 1..40 {
        reader.organization().await.unwrap();
    }
    for _ in 0..10 {
        writer.remove_user("user_1").await.unwrap();
    }
    assert_eq!((time.now_ms(), reader.condition().sent_in_last_minute), (0, 50), "nobody had to wait");
    reader.organization().await.unwrap();
    assert_eq!(time.now_ms(), 60_001);
}
