//! Acknowledgements do not wait for work: many commands a second over one connection, one in ten of them slow.

use std::time::Duration;

use crate::bench::is_full;
use crate::fake::slack::{Fault, Mode};
use crate::slack_scene::{Scene, always};

/// Commands a second.
const RATE: u64 = 200;

/// Leaves one connection: the other is told that there are too many, and rests.
async fn leave_one(scene: &Scene) {
    let links = || scene.fake.calls("apps.connections.open").len();
    let before = links();
    scene.fake.fault("link", Fault::TooManyLinks, 1);
    scene.fake.disconnects("refresh_requested", false);
    scene.until("two are asked for", || links() == before + 2).await;
    scene.until("one is left", || scene.platform.connections().open() == 1 && scene.fake.link_count() == 1).await;
}

async fn commands(scene: &Scene, count: u64) -> Vec<Duration> {
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / RATE));
    let mut said = tokio::task::JoinSet::new();
    for number in 0..count {
        ticks.tick().await;
        let (fake, ada, general) = (scene.fake.clone(), scene.ada.clone(), scene.general.clone());
        let line = if number % 10 == 0 { "/claude usage slow" } else { "/claude usage" };
        said.spawn(async move { fake.says(&ada, &general, line).await.acknowledged().after });
    }
    let mut times = said.join_all().await;
    times.sort_unstable();
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledgements_do_not_wait_for_slow_commands_and_none_is_lost() {
    let scene = Scene::open(Mode::Socket, always("answered")).await;
    leave_one(&scene).await;
    let count = if is_full() { RATE * 25 } else { RATE * 3 };
    let times = commands(&scene, count).await;
    let whole = usize::try_from(count).unwrap();
    let (median, p99) = (times[whole / 2], times[whole * 99 / 100]);
    println!("{count} commands on one connection: median {median:?}, p99 {p99:?}, worst {:?}", times[whole - 1]);
    scene.until("every command is answered", || scene.fake.ephemerals(&scene.ada).len() == whole).await;
    assert_eq!((scene.script.served(), scene.script.acts()), (whole, whole));
    // Unoptimized and beside other tests; the bound itself is measured in a release build.
    assert!(p99 < Duration::from_millis(500), "{p99:?}");
    scene.close().await;
}

/// What waits has an end: beyond it a command is told so, and Slack says of anything else that it failed, as nobody acknowledges.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_much_that_waits_is_enough() {
    for mode in [Mode::Socket, Mode::Http] {
        let scene = Scene::open(mode, always("answered")).await;
        let (fake, ada) = (&scene.fake, &scene.ada);
        let mut said = 0;
        let refusal = loop {
            assert!(said < 3_000, "{mode:?}: it takes everything");
            let several = (0..50).map(|_| fake.says(ada, &scene.general, "/claude usage held"));
            let answers = futures_util::future::join_all(several).await.into_iter().map(|it| it.acknowledged().answer);
            said += 50;
            if let Some(refusal) = answers.flatten().find(|it| it["text"].is_string()) {
                break refusal;
            }
        };
        assert!(said > 1_000, "{mode:?}: {said} are no load yet");
        let read = refusal["text"].as_str().unwrap();
        assert!(read.contains("Too much is asked") && refusal["response_type"] == "ephemeral", "{refusal}");
        let asked = fake.shortcut(ada, "report_leaked_key").await;
        assert_eq!((asked.answer, asked.status), (None, if mode == Mode::Http { 503 } else { 0 }), "{mode:?}");
        scene.script.lets_go.cancel();
        scene.until("everything is served", || scene.script.served() > 1_990).await;
        fake.says(ada, &scene.general, "/claude usage").await.acknowledged();
        let is_answered = || scene.whispers(ada).last().is_some_and(|it| it == "answered");
        scene.until("there is room again", is_answered).await;
        scene.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement: tests/run --full"]
async fn measure_acknowledgements_over_one_connection() {
    let scene = Scene::open(Mode::Socket, always("answered")).await;
    leave_one(&scene).await;
    let count = RATE * 25;
    let times = commands(&scene, count).await;
    let whole = usize::try_from(count).unwrap();
    let p99 = times[whole * 99 / 100];
    scene.until("every command is answered", || scene.fake.ephemerals(&scene.ada).len() == whole).await;
    crate::bench::measured("Slack acknowledgement p99, us", p99.as_micros(), "50000", p99.as_millis() < 50);
    scene.close().await;
}
