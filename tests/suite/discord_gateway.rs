//! The gateway as it misbehaves: what was said is heard once, the connection comes back, and is not begun too often.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use steward::chat::Memory;
use steward::clock::{Clock, moment};
use steward::platform::discord::{Budget, MOST_A_DAY, Patience};

use crate::bench::measured;
use crate::discord_scene::{Kept, Scene};
use crate::fake::discord::{Fault, Mode};
use crate::slack_scene::{One, always};
use crate::source::Tree;

async fn says(scene: &Scene, count: usize) {
    scene.fake.says(&scene.ada, &scene.general, "/claude whoami").await;
    scene.until("it is answered", || scene.whispers(&scene.ada).len() == count).await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_resumed_and_what_was_missed_is_heard_once() {
    let scene = Scene::open(Mode::Gateway, always("yes")).await;
    says(&scene, 1).await;
    scene.fake.asks_to_reconnect();
    scene.until("it is resumed", || scene.fake.sessions().1 == 1).await;
    says(&scene, 2).await;
    scene.fake.cuts();
    scene.until("it is resumed again", || scene.fake.sessions().1 == 2).await;
    says(&scene, 3).await;
    assert_eq!((scene.fake.sessions().0, scene.script.served()), (1, 3));
    let budget = Budget::new(Arc::clone(&scene.memory) as Arc<dyn Memory>, Clock::system());
    assert_eq!(budget.used().await, 1, "what was resumed costs no beginning");
    scene.close().await;
}

#[tokio::test]
async fn a_session_that_is_over_or_silent_is_begun_anew() {
    let scene = Scene::open(Mode::Gateway, always("yes")).await;
    says(&scene, 1).await;
    scene.fake.ends_session();
    scene.until("it is begun anew", || scene.fake.sessions().0 == 2 && scene.platform.connection().is_open()).await;
    says(&scene, 2).await;
    scene.fake.falls_silent();
    scene.until("it is begun anew", || scene.fake.sessions().0 == 3 && scene.fake.link_count() == 1).await;
    scene.until("it is open", || scene.platform.connection().is_open()).await;
    says(&scene, 3).await;
    let budget = Budget::new(Arc::clone(&scene.memory) as Arc<dyn Memory>, Clock::system());
    assert!(budget.used().await >= scene.fake.sessions().0, "each is counted");
    scene.close().await;
}

#[tokio::test]
async fn frames_of_any_kind_are_read() {
    let scene = Scene::open(Mode::Gateway, always("yes")).await;
    scene.fake.fault("delivery", Fault::Packed, 1);
    says(&scene, 1).await;
    // The crate cannot read this one; we can.
    scene.fake.fault("delivery", Fault::Odd("locale"), 1);
    says(&scene, 2).await;
    scene.fake.fault("delivery", Fault::Odd("data"), 1);
    scene.fake.says(&scene.ada, &scene.general, "/claude whoami").await.acknowledged();
    scene.until("sorry is said", || scene.whispers(&scene.ada).iter().any(|it| it.starts_with("Sorry"))).await;
    assert_eq!(scene.script.served(), 2);
    scene.close().await;
}

#[tokio::test]
async fn whoever_is_connected_holds_the_lease_and_gives_it_up_at_the_end() {
    let one = Scene::open(Mode::Gateway, always("one")).await;
    let until = moment(Clock::system().now().as_millisecond() + 1_000);
    let asked = one.memory.lease("discord gateway", "another replica", until).await;
    assert_eq!(asked, steward::chat::LeaseAnswer::Taken);
    one.stop.cancel();
    one.until("it is given up", || one.fake.link_count() == 0).await;
    let mut asked = steward::chat::LeaseAnswer::Taken;
    for _ in 0..200 {
        asked = one.memory.lease("discord gateway", "another replica", until).await;
        if asked != steward::chat::LeaseAnswer::Taken {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(asked, steward::chat::LeaseAnswer::Held { fence: 1 });
    one.close().await;
}

#[tokio::test]
async fn a_token_that_is_not_accepted_ends_it() {
    let vault = Arc::new(One { secret: String::new(), of: Mutex::default() });
    let scene = Scene::closed(Mode::Gateway, always("yes"), vault).await;
    scene.fake.fault("identify", Fault::Closes(4004), 100);
    let listening = scene.listens(Patience::default());
    let ended = tokio::time::timeout(Duration::from_secs(20), listening).await.expect("it ends by itself");
    ended.expect("in order, so that the lease is given up");
    assert_eq!(scene.fake.sessions().0, 1, "a fatal close is not tried again");
    let until = moment(Clock::system().now().as_millisecond() + 1_000);
    let asked = scene.memory.lease("discord gateway", "another replica", until).await;
    assert_eq!(asked, steward::chat::LeaseAnswer::Held { fence: 1 });
    scene.close().await;
}

#[tokio::test]
async fn a_gateway_that_closes_at_once_is_not_begun_more_often_than_is_counted() {
    let vault = Arc::new(One { secret: String::new(), of: Mutex::default() });
    let scene = Scene::closed(Mode::Gateway, always("yes"), vault).await;
    scene.fake.fault("identify", Fault::Closes(4000), 100);
    let _listening = scene.listens(Patience {
        to_connect: Duration::from_secs(1),
        to_connect_later: Duration::from_secs(6),
        ..Patience::default()
    });
    tokio::time::sleep(Duration::from_secs(14)).await;
    let budget = Budget::new(Arc::clone(&scene.memory) as Arc<dyn Memory>, Clock::system());
    let (begun, counted) = (scene.fake.sessions().0, budget.used().await);
    measured("sessions begun of those counted, gateway that closes at once", begun, counted, begun <= counted);
    assert!((1..=counted).contains(&begun), "{begun} of {counted}");
    scene.close().await;
}

/// A simulated Discord leads nowhere else, whatever it says and however it fails: no test reaches the real gateway.
#[tokio::test]
async fn no_other_gateway_is_connected_to() {
    let vault = Arc::new(One { secret: String::new(), of: Mutex::default() });
    let scene = Scene::closed(Mode::Gateway, always("yes"), vault).await;
    let real = ["wss://gateway.", "discord.gg"].concat();
    scene.fake.names_gateway(&real);
    let listening = scene.listens(Patience::default());
    scene.until("it was asked", || !scene.fake.asked().is_empty()).await;
    scene.fake.fault("GET /api/v10/gateway", Fault::Status(500), 100);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!((scene.platform.connection().begun(), scene.fake.sessions()), (0, (0, 0)));
    scene.stop.cancel();
    listening.await.unwrap();
    scene.close().await;
}

/// No test names an address of the real one, and whatever starts the program says another one.
#[test]
fn no_test_names_the_real_discord() {
    let real = [["discord", ".com/api"], ["discord", ".gg"], ["slack", ".com/api/"]];
    for (file, text) in &Tree::read("tests", ".rs").0 {
        for address in real.map(|it| it.concat()) {
            assert!(!text.contains(&format!("s://{address}")), "{file} names {address}");
        }
        let is_run = ["run", "doctor", "init"].iter().any(|it| text.contains(&format!("\"{it}\"")));
        let starts = is_run && text.contains("CARGO_BIN_EXE_steward") && text.contains("DISCORD_TOKEN");
        assert!(!starts || text.contains("DISCORD_API_URL"), "{file} starts it with a token and without an address");
    }
}

/// A store that takes what is written and gives nothing back: what this process began is known all the same.
#[tokio::test]
async fn a_budget_that_cannot_be_read_is_not_an_empty_one() {
    let (memory, clock) = (Arc::new(Kept::default()), Clock::standing(moment(1_800_000_000_000)));
    let budget = Budget::new(Arc::clone(&memory) as Arc<dyn Memory>, clock.clone());
    budget.take(1).await.unwrap();
    memory.is_unread.store(true, Ordering::SeqCst);
    assert!(budget.take(1).await.is_err(), "the pause after the first one counts");
    clock.advance_to(moment(1_800_000_060_000));
    budget.take(1).await.unwrap();
    memory.is_unread.store(false, Ordering::SeqCst);
    assert_eq!(budget.used().await, 2, "and nothing was overwritten");
}

/// Somebody restarts it every second for a day: the budget is kept across restarts.
#[tokio::test]
async fn a_crash_loop_of_a_day_stays_under_a_hundred() {
    let (memory, clock) = (Arc::new(Kept::default()), Clock::standing(moment(1_800_000_000_000)));
    let mut begun = 0_usize;
    for second in 0..86_400 {
        let budget = Budget::new(Arc::clone(&memory) as Arc<dyn Memory>, clock.clone());
        begun += usize::from(budget.take(1).await.is_ok());
        clock.advance_to(moment(1_800_000_000_000 + (second + 1) * 1_000));
    }
    measured("IDENTIFYs of a crash loop in 24 simulated hours", begun, "100", begun < 100);
    assert!(begun <= MOST_A_DAY && begun > 10, "{begun}");
}
