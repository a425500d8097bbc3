//! A house for a story: real but for its chat, its time and the seeds of what is random.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use steward::chat::Platform;
use steward::cli::house::{House, Outside, Plan};
use steward::clock::Clock;
use steward::domain::Rules;
use steward::job::Messengers;
use steward::random::Random;
use steward::seal::MasterKey;
use steward::store::Store;

use super::chat::Chat;

/// What the master key of all stories is made from.
pub(crate) const STAGE_SEED: u64 = 99;

/// The client's time in a story: the story's own, and a pause is over as soon as it begins.
pub(crate) struct Hasty {
    clock: Clock,
    slept_ms: AtomicI64,
}

impl Hasty {
    pub(crate) fn beside(clock: &Clock) -> Arc<Self> {
        Arc::new(Self { clock: clock.clone(), slept_ms: AtomicI64::new(0) })
    }
}

impl steward::claude::Time for Hasty {
    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond() + self.slept_ms.load(Ordering::SeqCst)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        self.slept_ms.fetch_add(i64::try_from(pause.as_millis()).unwrap(), Ordering::SeqCst);
        Box::pin(std::future::ready(()))
    }
}

/// The client's time of a house whose budget is looked at: a pause is over when the story's clock has got there.
struct Held(Clock);

impl steward::claude::Time for Held {
    fn now_ms(&self) -> i64 {
        self.0.now().as_millisecond()
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        let clock = self.0.clone();
        let until = clock.now().as_millisecond() + i64::try_from(pause.as_millis()).unwrap();
        Box::pin(async move {
            while clock.now().as_millisecond() < until {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
    }
}

/// What a house of a story is made of.
pub(crate) struct HouseParts {
    /// The database, migrated.
    pub(crate) store: Store,
    /// Where the organization answers.
    pub(crate) upstream: SocketAddr,
    /// Its admin key.
    pub(crate) key: String,
    /// The rules.
    pub(crate) rules: Rules,
    /// The chat.
    pub(crate) chat: Arc<Chat>,
    /// The time.
    pub(crate) clock: Clock,
    /// The seed of ids.
    pub(crate) seed: u64,
    /// How many requests it may send in a minute of the story; as many as it likes if that is not said.
    pub(crate) budget: Option<u32>,
}

/// Builds a house.
pub(crate) async fn build(parts: HouseParts) -> House {
    build_telling(parts, Outside::default()).await
}

/// Builds a house that tells its audit trail outside.
pub(crate) async fn build_telling(parts: HouseParts, outside: Outside) -> House {
    let mut claude = steward::claude::Settings::new(parts.key.into(), 1);
    claude.base_url = format!("http://{}/anthropic", parts.upstream);
    claude.budget_per_minute = parts.budget.unwrap_or(1_000_000);
    claude.total_timeout = Duration::from_secs(2);
    let plan = Plan {
        store: parts.store,
        claude,
        time: match parts.budget {
            Some(_) => Arc::new(Held(parts.clock.clone())),
            None => Hasty::beside(&parts.clock),
        },
        rules: parts.rules,
        roster: Arc::clone(&parts.chat) as _,
        messengers: Messengers::default()
            .with(Platform::Browser, Arc::clone(&parts.chat) as _)
            .with(Platform::Slack, Arc::clone(&parts.chat) as _)
            .with(Platform::Discord, parts.chat),
        outside,
        clock: parts.clock,
        random: Random::seeded(parts.seed),
    };
    House::build(plan).await.unwrap()
}

/// Opens a store with the key that all stories use.
pub(crate) async fn open_store(url: &str) -> Store {
    Store::open(url, &MasterKey::generate(&Random::seeded(STAGE_SEED))).await.unwrap()
}
