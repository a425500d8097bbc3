//! Discord's platform alone: the fake before it, and behind it answers from a script.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use steward::chat::{LeaseAnswer, Memory, Vault};
use steward::clock::{Clock, Moment};
use steward::outgoing::AllowedHosts;
use steward::platform::discord::{Api, Discord as Ours, Parts, Patience, People};
use steward::random::Random;
use tokio_util::sync::CancellationToken;

use crate::everywhere::open_discord;
use crate::fake::discord::{APPLICATION, Discord, GUILD, Mode, TOKEN};
use crate::slack_scene::{Line, Script};

/// A memory in memory.
#[derive(Default)]
pub(crate) struct Kept {
    values: Mutex<HashMap<String, String>>,
    lease: Mutex<Option<(String, Moment)>>,
    /// It cannot be read, though written.
    pub(crate) is_unread: AtomicBool,
    pub(crate) clock: Mutex<Option<Clock>>,
}

impl Memory for Kept {
    fn first_seen<'a>(&'a self, key: &'a str) -> BoxFuture<'a, bool> {
        let is_new = self.values.lock().unwrap().insert(format!("seen {key}"), String::new()).is_none();
        Box::pin(std::future::ready(is_new))
    }

    fn lease<'a>(&'a self, _: &'a str, holder: &'a str, until: Moment) -> BoxFuture<'a, LeaseAnswer> {
        let now = self.clock.lock().unwrap().clone().unwrap_or_else(Clock::system).now();
        let mut lease = self.lease.lock().unwrap();
        let is_free = lease.as_ref().is_none_or(|(by, end)| by == holder || *end <= now);
        if is_free {
            *lease = Some((holder.to_owned(), until));
        }
        let answer = if is_free { LeaseAnswer::Held { fence: 1 } } else { LeaseAnswer::Taken };
        Box::pin(std::future::ready(answer))
    }

    fn remember<'a>(&'a self, key: &'a str, value: &'a str) -> BoxFuture<'a, bool> {
        self.values.lock().unwrap().insert(key.to_owned(), value.to_owned());
        Box::pin(std::future::ready(true))
    }

    fn recall<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<String>> {
        let kept = self.values.lock().unwrap().get(key).cloned();
        Box::pin(std::future::ready(kept.filter(|_| !self.is_unread.load(Ordering::SeqCst))))
    }
}

/// The platform between the fake and a script.
pub(crate) struct Scene {
    pub(crate) fake: Discord,
    pub(crate) script: Arc<Script>,
    pub(crate) platform: Arc<Ours>,
    pub(crate) memory: Arc<Kept>,
    /// The platform's own client.
    pub(crate) api: Api,
    pub(crate) ada: String,
    pub(crate) general: String,
    pub(crate) stop: CancellationToken,
}

impl Scene {
    pub(crate) async fn open(mode: Mode, line: Line) -> Self {
        let vault = crate::slack_scene::One { secret: String::new(), of: Mutex::default() };
        Self::open_with(mode, line, Arc::new(vault)).await
    }

    pub(crate) async fn open_with(mode: Mode, line: Line, vault: Arc<dyn Vault>) -> Self {
        let scene = Self::closed(mode, line, vault).await;
        open_discord(mode, &scene.fake, &scene.platform, &scene.stop).await;
        scene
    }

    /// The same before its door is open.
    pub(crate) async fn closed(mode: Mode, line: Line, vault: Arc<dyn Vault>) -> Self {
        let clock = Clock::system();
        let beat = clock.clone();
        let fake = Discord::open(mode, Arc::new(move || beat.now().as_millisecond())).await;
        let (ada, general) = (fake.user("ada", |_| {}), fake.channel(|_| {}));
        let script = Arc::new(Script::of(line));
        let api = Api::new(&fake.url(), &TOKEN.to_owned().into(), APPLICATION).unwrap();
        let memory = Arc::new(Kept::default());
        let parts = Parts {
            answers: Arc::clone(&script) as _,
            vault,
            memory: Arc::clone(&memory) as _,
            people: People::new(api.clone(), GUILD),
            clock,
        };
        let platform = Arc::new(Ours::new(api.clone(), AllowedHosts::none().and_loopback(), parts).unwrap());
        Self { fake, script, platform, memory, api, ada, general, stop: CancellationToken::new() }
    }

    /// Keeps the gateway, with this patience, until the scene ends.
    pub(crate) fn listens(&self, patience: Patience) -> tokio::task::JoinHandle<()> {
        let (ours, stop) = (Arc::clone(&self.platform), self.stop.clone());
        tokio::spawn(async move { ours.listen(patience, &Random::system(), stop).await })
    }

    /// Waits until something holds.
    #[track_caller]
    pub(crate) fn until<'a>(&'a self, what: &'a str, holds: impl Fn() -> bool + 'a) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let began = std::time::Instant::now();
            while !holds() {
                assert!(began.elapsed() < Duration::from_secs(30), "{at}: never {what}: {:?}", self.fake.trouble());
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        }
    }

    /// What `user` alone has been shown.
    pub(crate) fn whispers(&self, user: &str) -> Vec<String> {
        let all = self.fake.ephemerals(user);
        all.iter().map(|it| it.body["content"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Ends it; Discord has nothing to complain about.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.platform.finish().await;
        assert_eq!(self.fake.trouble(), Vec::<String>::new());
    }
}
