//! A Slack on loopback that is no kinder than the real one, misbehaves on demand and remembers every byte.
//!
//! Which facts come from where in the reference page on Slack: base URL and one-time socket URLs 1.2; time limits, trigger ids and
//! `response_url` 2.1; Socket Mode 2.2 and 1.3; rate limits 2.3; messages 2.4; layout limits 2.5 and 2.6; uploads 2.7; commands 2.8;
//! guests and strangers 2.9; ghost connections and duplicates 3.

mod api;
mod chat;
mod deliver;
mod fault;
mod files;
mod layout;
mod people;
mod person;
mod record;
mod server;
mod socket;
mod submit;
mod views;
mod world;

use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::bench::client;

pub(crate) use deliver::{Delivered, signature};
pub(crate) use fault::Fault;

pub(crate) const TEAM: &str = "T00000001";
pub(crate) const APP: &str = "A1";
pub(crate) const BOT_USER: &str = "UBOT";
pub(crate) const BOT: &str = "B1";
pub(crate) const BOT_TOKEN: &str = "xoxb-fake-bot-token";
pub(crate) const APP_TOKEN: &str = "xapp-1-A1-fake-app-token";
pub(crate) const SIGNING_SECRET: &str = "fake-signing-secret";

/// How what people do reaches the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Socket,
    Http,
}

/// Milliseconds since 1970.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The face of the fake. Clones are the same Slack.
#[derive(Clone)]
pub(crate) struct Slack(Arc<Inner>);

struct Inner {
    mode: Mode,
    port: AtomicU16,
    clock: Clock,
    /// Added to the clock by `later`.
    later: AtomicI64,
    world: Mutex<world::World>,
    record: Mutex<record::Record>,
    faults: Mutex<fault::Faults>,
    links: Mutex<socket::Links>,
    is_out: watch::Sender<bool>,
    /// Without proxies and pools; posts what HTTP mode delivers.
    http: reqwest::Client,
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slack {
    /// Opens a workspace with nobody in it on a free port.
    #[expect(clippy::unused_async, reason = "it spawns, which needs a runtime, as awaiting says")]
    pub(crate) async fn open(mode: Mode, clock: Clock) -> Self {
        let http = client();
        let slack = Self(Arc::new(Inner {
            mode,
            port: AtomicU16::new(0),
            clock,
            later: AtomicI64::new(0),
            world: Mutex::default(),
            record: Mutex::default(),
            faults: Mutex::default(),
            links: Mutex::default(),
            is_out: watch::Sender::new(false),
            http,
        }));
        server::start(&slack);
        slack
    }

    /// What the app takes for `https://slack.com/api`.
    pub(crate) fn api_url(&self) -> String {
        format!("{}/api", self.url())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.port.load(Ordering::SeqCst))
    }

    fn now(&self) -> i64 {
        (self.0.clock)() + self.0.later.load(Ordering::SeqCst)
    }

    /// Lets time go by for trigger ids, response URLs and timestamps.
    pub(crate) fn later(&self, by: Duration) {
        self.0.later.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    fn world(&self) -> MutexGuard<'_, world::World> {
        lock(&self.0.world)
    }

    fn links(&self) -> MutexGuard<'_, socket::Links> {
        lock(&self.0.links)
    }

    /// In HTTP mode: where the app listens, such as `http://127.0.0.1:8080`.
    pub(crate) fn delivers_to(&self, base: &str) {
        base.clone_into(&mut self.world().base);
    }

    /// The next `times` calls of `method` go wrong; `*` is every method of the Web API, and `link`, `upload` and `response_url` are
    /// the other doors.
    pub(crate) fn fault(&self, method: &str, fault: Fault, times: usize) {
        lock(&self.0.faults).add(method, fault, times);
    }

    /// Takes back every fault.
    pub(crate) fn behaves(&self) {
        lock(&self.0.faults).clear();
    }

    /// Nothing can be reached, and every socket is cut, until `false` is said.
    pub(crate) fn outage(&self, is_out: bool) {
        self.0.is_out.send_replace(is_out);
        if is_out {
            self.cuts_links();
        }
    }

    /// Whether any byte said in either direction holds this text.
    pub(crate) fn bytes_contain(&self, text: &str) -> bool {
        lock(&self.0.record).contains(text.as_bytes())
    }

    /// Everything said, in order, as text.
    pub(crate) fn said(&self) -> Vec<record::Said> {
        lock(&self.0.record).said.clone()
    }

    /// The bodies of the calls of one method.
    pub(crate) fn calls(&self, method: &str) -> Vec<record::Said> {
        let path = format!("/api/{method}");
        self.said().into_iter().filter(|it| it.is_in && it.path == path).collect()
    }

    /// Lets go of what was said and shown so far, which would fill the memory where very much is said.
    pub(crate) fn forgets(&self) {
        lock(&self.0.record).said.clear();
        let mut world = self.world();
        world.messages.clear();
        world.response_urls.clear();
        world.triggers.clear();
    }

    /// What the app did that Slack forbids, and what broke in the fake itself. A test asserts that it is empty.
    pub(crate) fn trouble(&self) -> Vec<String> {
        lock(&self.0.record).trouble.clone()
    }

    fn complain(&self, what: impl Into<String>) {
        lock(&self.0.record).trouble.push(what.into());
    }
}
