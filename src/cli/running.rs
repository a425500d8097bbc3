//! A Steward that runs: database, house, doors. Doors open last and close first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::Router;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::database::sentence;
use super::house::{House, Plan};
use super::outside::outside;
use super::reload::{WatchedFile, keep_watching};
use super::sides::{Platforms, Sides};
use super::time::ClockTime;
use crate::clock::Clock;
use crate::random::Random;
use crate::seal::HookKey;
use crate::server::{LeakHook, Probe, leak_hook, ops};
use crate::settings::{DiscordMode, Settings, SlackMode};
use crate::store::{Lock, Store};

/// How long each part may take to end.
const TO_END: Duration = Duration::from_secs(15);

/// A Steward that runs.
pub struct Running {
    /// Everything behind the doors.
    pub house: Arc<House>,
    /// What is said of it to the operator.
    pub said: String,
    platforms: Platforms,
    listens: Arc<AtomicBool>,
    doors: CancellationToken,
    inside: CancellationToken,
    at_the_doors: Vec<JoinHandle<()>>,
    within: Vec<JoinHandle<()>>,
    _lock: Lock,
}

/// The listeners, bound before anything else: a taken address is told at once.
struct Listeners {
    ops: TcpListener,
    webhooks: Option<TcpListener>,
}

impl Running {
    /// Starts everything, on every platform whose tokens are set.
    ///
    /// # Errors
    ///
    /// That an address is taken, the database cannot be used, a token is not accepted, or the admin key is of another
    /// organization than this database.
    pub async fn start(settings: &Settings, clock: Clock) -> anyhow::Result<Self> {
        let listeners = Listeners::bind(settings).await?;
        let url = settings.database_url.expose_secret();
        let failed = |error: crate::store::Error| anyhow!(sentence(&error));
        let lock = Lock::take(url).map_err(failed)?;
        let store = Store::open(url, settings.master_key()?).await.map_err(failed)?;
        store.migrate().await.map_err(failed)?;
        let doors = CancellationToken::new();
        let sides = Sides::meet(settings, &clock, &doors).await?;
        let house = Arc::new(build(settings, store, &sides, &clock).await?);
        let platforms = sides.platforms(settings, &house, &clock)?;
        let mut running = Self {
            said: said(&sides, settings, &listeners),
            house,
            platforms,
            listens: Arc::default(),
            doors,
            inside: CancellationToken::new(),
            at_the_doors: Vec::new(),
            within: Vec::new(),
            _lock: lock,
        };
        running.begin(settings, sides, listeners)?;
        Ok(running)
    }

    fn begin(&mut self, settings: &Settings, sides: Sides, listeners: Listeners) -> anyhow::Result<()> {
        let paths = self.platforms.paths(settings)?;
        let (house, inside) = (Arc::clone(&self.house), self.inside.clone());
        self.within.push(tokio::spawn(async move { house.keep_going(inside).await }));
        self.watch(settings);
        self.within.push(tokio::spawn(serve(listeners.ops, ops(self.probe()), self.inside.clone())));
        self.at_the_doors.extend(self.platforms.keep_connected(settings, &self.doors));
        self.at_the_doors.extend(sides.register(settings, &self.house, &self.doors));
        let paths = [self.hooks(settings), paths].into_iter().flatten().reduce(Router::merge);
        if let (Some(listener), Some(paths)) = (listeners.webhooks, paths) {
            self.at_the_doors.push(tokio::spawn(serve(listener, paths, self.doors.clone())));
        }
        self.listens.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// The path that scanners report leaks to, if there is a secret that they sign with.
    fn hooks(&self, settings: &Settings) -> Option<Router> {
        let secret = settings.leak_secret.clone()?;
        Some(leak_hook(LeakHook {
            key: HookKey::shared(secret),
            store: self.house.store.clone(),
            pipeline: Arc::clone(&self.house.pipeline),
            rules: Arc::clone(&self.house.rules),
            clock: Clock::system(),
        }))
    }

    /// The configuration file is looked at from now on.
    fn watch(&mut self, settings: &Settings) {
        let Some(path) = settings.config_path.clone() else { return };
        let (file, now) = WatchedFile::new(path);
        self.house.reload.starts_with(settings.configuration.clone(), now.digest);
        self.within.push(tokio::spawn(keep_watching(file, self.house.reload.clone(), self.inside.clone())));
    }

    fn probe(&self) -> Probe {
        let (listens, platforms, doors) = (Arc::clone(&self.listens), self.platforms.clone(), self.doors.clone());
        Probe {
            store: self.house.store.clone(),
            reader: self.house.reader.clone(),
            clock: Clock::system(),
            intake: Arc::new(move || {
                listens.load(Ordering::SeqCst) && platforms.are_connected() && !doors.is_cancelled()
            }),
        }
    }

    /// Closes the doors, finishes what came in, then the house, then the database.
    pub async fn stop(self) {
        self.doors.cancel();
        end(self.at_the_doors).await;
        self.platforms.finish().await;
        self.inside.cancel();
        end(self.within).await;
        self.house.store.close().await;
    }
}

impl Listeners {
    async fn bind(settings: &Settings) -> anyhow::Result<Self> {
        let bind = async |address: std::net::SocketAddr| {
            TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
        };
        let ops = bind(settings.listeners.ops).await?;
        let of_slack = settings.slack.as_ref().is_some_and(|it| matches!(it.mode, SlackMode::Http { .. }));
        let of_discord = settings.discord.as_ref().is_some_and(|it| matches!(it.mode, DiscordMode::Http { .. }));
        let has_paths = of_slack || of_discord || settings.leak_secret.is_some();
        let webhooks = if has_paths { Some(bind(settings.listeners.webhooks).await?) } else { None };
        Ok(Self { ops, webhooks })
    }
}

async fn build(settings: &Settings, store: Store, sides: &Sides, clock: &Clock) -> anyhow::Result<House> {
    let mut claude = crate::claude::Settings::new(settings.admin_key()?.clone(), Random::system().below(u64::MAX));
    claude.base_url = settings.claude.base_url.to_string();
    let house = House::build(Plan {
        store,
        claude,
        time: Arc::new(ClockTime(clock.clone())),
        rules: settings.rules()?,
        roster: Arc::new(sides.roster()),
        messengers: sides.messengers(),
        outside: outside(settings)?,
        clock: clock.clone(),
        random: Random::system(),
    })
    .await?;
    house.check_organization().await.map_err(|failure| anyhow!("{}", failure.told("").text.to_plain()))?;
    Ok(house)
}

/// What the operator is told once everything is there.
fn said(sides: &Sides, settings: &Settings, listeners: &Listeners) -> String {
    let address = |listener: &TcpListener| listener.local_addr().map_or_else(|_| "?".to_owned(), |it| it.to_string());
    let webhooks = listeners.webhooks.as_ref().map_or_else(|| "?".to_owned(), address);
    let (places, ops) = (sides.said(settings, &webhooks), address(&listeners.ops));
    format!("Steward runs in {places}.\n  Health, readiness, metrics: http://{ops}\nStop it with Ctrl-C.")
}

async fn end(tasks: Vec<JoinHandle<()>>) {
    for task in tasks {
        // A task that panicked has said so in the log.
        if tokio::time::timeout(TO_END, task).await.is_err() {
            tracing::warn!("something did not end in time, and is cut off");
        }
    }
}

/// Serves until told to stop. A listener that broke is said in the log; nothing else can be done about it.
async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    if let Err(error) = crate::server::serve(listener, router, stop).await {
        tracing::error!(kind = ?error.kind(), "a listener broke");
    }
}
