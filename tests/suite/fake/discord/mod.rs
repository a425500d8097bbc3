//! A Discord on loopback that is no kinder than the real one, misbehaves on demand and remembers every request.
//!
//! Which facts come from where in the reference page on Discord: loopback and gateway in section 1, commands, interactions and
//! limits in section 2.

mod act;
mod api;
mod buckets;
mod deliver;
mod judge;
mod link;
mod server;
mod webhook;
mod world;

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use deliver::{Delivered, hex, signing_key};
pub(crate) use judge::{faults, modal_faults};

pub(crate) const TOKEN: &str = "fake.discord.token";
pub(crate) const APPLICATION: u64 = 80_351_110_224_678_900;
pub(crate) const GUILD: &str = "80351110224670001";
pub(crate) const BOT_USER: &str = "80351110224670002";

/// How what people do reaches the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Gateway,
    Http,
}

/// What goes wrong, and how often.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// 429 with so many milliseconds of pause, for everything if the flag says so.
    Busy(u64, bool),
    Status(u16),
    /// An error with this number and status.
    Says(u64, u16),
    /// The right answer, late.
    Slow(Duration),
    /// Takes the request and never answers.
    Silent,
    /// Does what is asked, and loses the answer.
    Lost,
    /// Of `resume` alone: brings everything of the session again, so many times.
    Replays(usize),
    /// Of `identify` alone: closes with this code instead of a greeting.
    Closes(u16),
    /// Of `delivery` alone: it is brought twice.
    Twice,
    /// Of `delivery` alone: the payload is brought in a compressed frame.
    Packed,
    /// Of `delivery` alone: this field of the payload is another thing than it should be.
    Odd(&'static str),
}

/// Milliseconds since 1970.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The face of the fake. Clones are the same Discord.
#[derive(Clone)]
pub(crate) struct Discord(Arc<Inner>);

struct Inner {
    mode: Mode,
    port: AtomicU16,
    clock: Clock,
    world: Mutex<world::World>,
    record: Mutex<Record>,
    faults: Mutex<Vec<(String, Fault, usize)>>,
    buckets: Mutex<buckets::Buckets>,
    links: Mutex<link::Links>,
    http: reqwest::Client,
}

/// One request of the app.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Headers and body.
    pub(crate) bytes: Vec<u8>,
    pub(crate) has_bot_token: bool,
}

#[derive(Default)]
struct Record {
    asked: Vec<Asked>,
    trouble: Vec<String>,
    identifies: usize,
    resumes: usize,
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Discord {
    /// Opens a server with nobody in it on a free port.
    #[expect(clippy::unused_async, reason = "it spawns, which needs a runtime, as awaiting says")]
    pub(crate) async fn open(mode: Mode, clock: Clock) -> Self {
        let discord = Self(Arc::new(Inner {
            mode,
            port: AtomicU16::new(0),
            clock,
            world: Mutex::default(),
            record: Mutex::default(),
            faults: Mutex::default(),
            buckets: Mutex::default(),
            links: Mutex::default(),
            http: crate::bench::client(),
        }));
        server::start(&discord);
        discord
    }

    /// What the app takes for `https://discord.com`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.port.load(Ordering::SeqCst))
    }

    /// Where it says that its gateway is.
    fn gateway(&self) -> String {
        let named = self.world().gateway.clone();
        named.unwrap_or_else(|| self.url().replacen("http", "ws", 1) + "/gateway")
    }

    /// It says that its gateway is elsewhere.
    pub(crate) fn names_gateway(&self, url: &str) {
        self.world().gateway = Some(url.to_owned());
    }

    fn now(&self) -> i64 {
        (self.0.clock)()
    }

    fn world(&self) -> MutexGuard<'_, world::World> {
        lock(&self.0.world)
    }

    /// In HTTP mode: where the app listens, such as `http://127.0.0.1:8080`.
    pub(crate) fn delivers_to(&self, base: &str) {
        base.clone_into(&mut self.world().base);
    }

    /// The next `times` calls whose method and path contain `what` go wrong; `delivery` and `identify` are of the gateway.
    pub(crate) fn fault(&self, what: &str, fault: Fault, times: usize) {
        lock(&self.0.faults).push((what.to_owned(), fault, times));
    }

    fn takes_fault(&self, what: &str) -> Option<Fault> {
        let mut faults = lock(&self.0.faults);
        let found = faults.iter_mut().find(|it| it.2 > 0 && what.contains(&it.0))?;
        found.2 -= 1;
        Some(found.1.clone())
    }

    /// Whether this was said by the app anywhere.
    pub(crate) fn heard(&self, part: &str) -> bool {
        let part = part.as_bytes();
        lock(&self.0.record).asked.iter().any(|it| it.bytes.windows(part.len()).any(|bytes| bytes == part))
    }

    /// Every request of the app.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.0.record).asked.clone()
    }

    /// How often a session was begun, and how often one was resumed.
    pub(crate) fn sessions(&self) -> (usize, usize) {
        let record = lock(&self.0.record);
        (record.identifies, record.resumes)
    }

    /// What the app did that Discord forbids, and what broke in the fake itself. A test asserts that it is empty.
    pub(crate) fn trouble(&self) -> Vec<String> {
        lock(&self.0.record).trouble.clone()
    }

    fn complain(&self, what: impl Into<String>) {
        lock(&self.0.record).trouble.push(what.into());
    }
}
