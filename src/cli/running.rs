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
use super::slack::{Door, SlackSide, keep_connected};
use super::time::ClockTime;
use crate::chat::Platform;
use crate::clock::Clock;
use crate::job::Messengers;
use crate::platform::slack::{Connections, Parts, Slack};
use crate::random::Random;
use crate::seal::HookKey;
use crate::server::{LeakHook, Probe, leak_hook, ops};
use crate::settings::{self, Settings};
use crate::store::{Lock, Store};

/// How long each part may take to end.
const TO_END: Duration = Duration::from_secs(15);

/// A Steward that runs.
pub struct Running {
    /// Everything behind the doors.
    pub house: Arc<House>,
    /// What is said of it to the operator.
    pub said: String,
    slack: Arc<Slack>,
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
    /// Starts everything. `slack` is what the settings say of Slack.
    ///
    /// # Errors
    ///
    /// That an address is taken, the database cannot be used, a token is not accepted, or the admin key is of another
    /// organization than this database.
    pub async fn start(settings: &Settings, slack: &settings::Slack, clock: Clock) -> anyhow::Result<Self> {
        let listeners = Listeners::bind(settings, slack).await?;
        let url = settings.database_url.expose_secret();
        let failed = |error: crate::store::Error| anyhow!(sentence(&error));
        let lock = Lock::take(url).map_err(failed)?;
        let store = Store::open(url, settings.master_key()?).await.map_err(failed)?;
        store.migrate().await.map_err(failed)?;
        let doors = CancellationToken::new();
        let side = SlackSide::meet(slack, &clock, &doors).await?;
        let house = Arc::new(build(settings, store, &side, &clock).await?);
        side.people.follow(Arc::clone(&house.rules));
        let parts = Parts {
            answers: Arc::clone(&house.dispatch) as _,
            vault: house.vault(),
            people: side.people.clone(),
            clock: side.clock(),
        };
        let platform = Arc::new(side.platform(slack, parts)?);
        let mut running = Self {
            said: said(&side, slack, &listeners),
            house,
            slack: platform,
            listens: Arc::default(),
            doors,
            inside: CancellationToken::new(),
            at_the_doors: Vec::new(),
            within: Vec::new(),
            _lock: lock,
        };
        running.begin(settings, slack, listeners);
        Ok(running)
    }

    fn begin(&mut self, settings: &Settings, slack: &settings::Slack, listeners: Listeners) {
        let (house, inside) = (Arc::clone(&self.house), self.inside.clone());
        self.within.push(tokio::spawn(async move { house.keep_going(inside).await }));
        self.watch(settings);
        self.within.push(tokio::spawn(serve(listeners.ops, ops(self.probe(slack)), self.inside.clone())));
        let mut paths = self.hooks(settings);
        match Door::of(slack, &self.slack) {
            Door::Paths(router) => {
                paths = Some(paths.unwrap_or_default().merge(router));
                self.listens.store(true, Ordering::SeqCst);
            }
            Door::Socket(app) => {
                let (platform, stop) = (Arc::clone(&self.slack), self.doors.clone());
                self.at_the_doors.push(tokio::spawn(async move { keep_connected(&platform, app, stop).await }));
            }
        }
        if let (Some(listener), Some(paths)) = (listeners.webhooks, paths) {
            self.at_the_doors.push(tokio::spawn(serve(listener, paths, self.doors.clone())));
        }
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

    fn probe(&self, slack: &settings::Slack) -> Probe {
        let (listens, connections, doors) = (Arc::clone(&self.listens), self.connections(), self.doors.clone());
        let by_socket = matches!(slack.mode, settings::SlackMode::Socket { .. });
        Probe {
            store: self.house.store.clone(),
            reader: self.house.reader.clone(),
            clock: Clock::system(),
            intake: Arc::new(move || {
                let open = if by_socket { connections.open() > 0 } else { listens.load(Ordering::SeqCst) };
                open && !doors.is_cancelled()
            }),
        }
    }

    /// What is known of the connections of Socket Mode.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.slack.connections()
    }

    /// Closes the doors, finishes what came in, then the house, then the database.
    pub async fn stop(self) {
        self.doors.cancel();
        end(self.at_the_doors).await;
        self.slack.finish().await;
        self.inside.cancel();
        end(self.within).await;
        self.house.store.close().await;
    }
}

impl Listeners {
    async fn bind(settings: &Settings, slack: &settings::Slack) -> anyhow::Result<Self> {
        let bind = async |address: std::net::SocketAddr| {
            TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
        };
        let ops = bind(settings.listeners.ops).await?;
        let has_paths = matches!(slack.mode, settings::SlackMode::Http { .. }) || settings.leak_secret.is_some();
        let webhooks = if has_paths { Some(bind(settings.listeners.webhooks).await?) } else { None };
        Ok(Self { ops, webhooks })
    }
}

async fn build(settings: &Settings, store: Store, side: &SlackSide, clock: &Clock) -> anyhow::Result<House> {
    let mut claude = crate::claude::Settings::new(settings.admin_key()?.clone(), Random::system().below(u64::MAX));
    claude.base_url = settings.claude.base_url.to_string();
    let house = House::build(Plan {
        store,
        claude,
        time: Arc::new(ClockTime(clock.clone())),
        rules: settings.rules()?,
        roster: Arc::new(side.people.clone()),
        messengers: Messengers::default().with(Platform::Slack, Arc::new(side.messenger.clone())),
        outside: outside(settings)?,
        clock: clock.clone(),
        random: Random::system(),
    })
    .await?;
    house.check_organization().await.map_err(|failure| anyhow!("{}", failure.told("").text.to_plain()))?;
    Ok(house)
}

/// What the operator is told once everything is there.
fn said(side: &SlackSide, slack: &settings::Slack, listeners: &Listeners) -> String {
    let name = &side.team.name;
    let address = |listener: &TcpListener| listener.local_addr().map_or_else(|_| "?".to_owned(), |it| it.to_string());
    let way = match (&slack.mode, &listeners.webhooks) {
        (settings::SlackMode::Http { .. }, Some(listener)) => format!("HTTP mode, on {}", address(listener)),
        _ => "Socket Mode".to_owned(),
    };
    let ops = address(&listeners.ops);
    format!(
        "Steward runs in the Slack workspace {name:?} ({way}).\n  Health, readiness, metrics: http://{ops}\nStop it with Ctrl-C."
    )
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
