//! `steward sandbox`: an organization in a box. One process, one listener, loopback only; no file of the operator's and no
//! variable of the environment is looked at.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::arguments::SandboxArgs;
use super::bench::{Bench, bench, watch};
use super::exit::Exit;
use super::folder::Folder;
use super::house::{House, Plan};
use super::output::say;
use super::outside::outside;
use super::seats::{cast, seed_federation, seed_links, seed_spending, seed_stock};
use super::time::ClockTime;
use crate::chat::Platform;
use crate::clock::Clock;
use crate::job::Messengers;
use crate::platform::browser::{self, Room, RoomMessenger, guard, keep_saved, loopback_hosts};
use crate::random::Random;
use crate::sandbox::Organization;
use crate::server::{Probe, ops};
use crate::settings::reference::{AccountRef, ChannelRef};
use crate::settings::{SandboxSettings, Settings};
use crate::store::{Lock, Store};

/// Runs the sandbox until Ctrl-C.
///
/// # Errors
///
/// That the address is taken or not loopback, or that the folder cannot be used.
pub async fn sandbox(args: SandboxArgs) -> anyhow::Result<Exit> {
    let stop = CancellationToken::new();
    let running = Sandbox::start(args, stop.clone()).await?;
    announce(&running);
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be listened to")?;
    running.stop(stop).await;
    Ok(Exit::Done)
}

/// Says where it is. Whoever reads no further than the first line has read enough.
fn announce(running: &Sandbox) {
    let address = running.address();
    let kept = if running.kept { "" } else { " Nothing is kept; for that, name a folder with --data." };
    let _unheard = say(format_args!(
        "Steward's sandbox is ready: {address}\n  Chat page         {address}/\n  Simulated Console {address}/console\nStop it with Ctrl-C.{kept}"
    ));
}

/// A sandbox that runs.
pub struct Sandbox {
    listening: SocketAddr,
    kept: bool,
    /// The simulated organization.
    pub organization: Organization,
    /// Everything behind the page.
    pub house: Arc<House>,
    room: Arc<Room>,
    clock: Clock,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    _lock: Lock,
    /// Removed with the process, unless the folder was named.
    folder: Folder,
}

impl Sandbox {
    /// Starts everything and reads the organization once.
    ///
    /// # Errors
    ///
    /// As [`sandbox`].
    pub async fn start(args: SandboxArgs, stop: CancellationToken) -> anyhow::Result<Self> {
        if !args.listen.ip().is_loopback() {
            bail!(
                "the sandbox listens on loopback only, and {} is not: everybody who reaches it could act as anybody",
                args.listen
            );
        }
        let taken = || format!("{} cannot be listened on; name another with --listen", args.listen);
        let listener = TcpListener::bind(args.listen).await.with_context(taken)?;
        let mut sandbox = Self::furnish(&args, listener.local_addr()?).await?;
        sandbox.open_doors(listener, stop).await?;
        Ok(sandbox)
    }

    /// Everything behind the doors.
    async fn furnish(args: &SandboxArgs, listening: SocketAddr) -> anyhow::Result<Self> {
        let folder = Folder::open(args.data.as_deref())?;
        let lock = Lock::take(&folder.database_url())?;
        let clock = folder.clock();
        let organization = open_organization(&folder, args.seed, &clock)?;
        let settings = settings(&folder, &organization, listening)?;
        let store = Store::open(settings.database_url.expose_secret(), settings.master_key()?).await?;
        store.migrate().await?;
        let room = open_room(&folder, &organization, &clock)?;
        let house = Arc::new(build(&settings, store, &room, &clock).await?);
        seed_links(&house.store, &organization, &clock).await?;
        seed_stock(&house.store, &organization, &clock).await?;
        let kept = args.data.is_some();
        Ok(Self { listening, kept, organization, house, room, clock, tasks: Vec::new(), _lock: lock, folder })
    }

    async fn open_doors(&mut self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        let guarded = guard(self.router(), loopback_hosts(self.listening));
        self.tasks.push(tokio::spawn(serve(listener, guarded, stop.clone())));
        let (house, room) = (Arc::clone(&self.house), Arc::clone(&self.room));
        if self.kept {
            self.tasks.push(tokio::spawn(keep_saved(Arc::clone(&room), self.folder.path.join("chat.json"))));
        }
        self.tasks.push(tokio::spawn(watch(Arc::clone(&house), room, self.organization.changes(), stop.clone())));
        // The directory is read before anybody can ask: the page is right from its first moment.
        house.settle().await.map_err(|failure| anyhow::anyhow!("the first pass failed: {}", failure.logged()))?;
        let base_url = format!("{}/anthropic", self.address());
        seed_federation(&house, &self.organization, &base_url, &self.clock).await?;
        let (spending, organization) = (Arc::clone(&house), self.organization.clone());
        let (clock, stopped) = (self.clock.clone(), stop.clone());
        self.tasks.push(tokio::spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                read = seed_spending(&spending, &organization, &base_url, &clock) => {
                    if let Err(trouble) = read {
                        tracing::warn!(%trouble, "what was spent before comes bit by bit");
                    }
                }
            }
        }));
        self.tasks.push(tokio::spawn(async move { house.keep_going(stop).await }));
        Ok(())
    }

    /// The page, the bench, the simulated Console and Admin API, and the operator's paths.
    fn router(&self) -> axum::Router {
        let parts = Bench {
            house: Arc::clone(&self.house),
            room: Arc::clone(&self.room),
            clock: self.clock.clone(),
            clock_file: self.folder.path.join("clock"),
            pushing: tokio::sync::Mutex::new(()),
        };
        let page = browser::router(browser::Parts {
            room: Arc::clone(&self.room),
            answers: Arc::clone(&self.house.dispatch) as _,
            vault: self.house.vault(),
            random: Random::system(),
            command: self.house.dispatch.root(),
            admin_key: self.organization.admin_key(),
            anthropic_base_url: format!("{}/anthropic", self.address()),
        });
        let probe = Probe {
            store: self.house.store.clone(),
            reader: self.house.reader.clone(),
            clock: self.clock.clone(),
            intake: Arc::new(|| true),
        };
        let page = page.merge(ops(probe)).merge(self.organization.desk()).merge(bench(parts));
        page.nest("/anthropic", self.organization.admin_api())
    }

    /// Where the page is: `http://127.0.0.1:8080`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.listening)
    }

    /// Closes the doors, finishes what is under way, and closes the database.
    pub async fn stop(self, stop: CancellationToken) {
        stop.cancel();
        self.room.close();
        for task in self.tasks {
            // A task that panicked has said so in the log.
            let _ = tokio::time::timeout(std::time::Duration::from_secs(5), task).await;
        }
        self.house.store.close().await;
    }
}

async fn build(settings: &Settings, store: Store, room: &Arc<Room>, clock: &Clock) -> anyhow::Result<House> {
    let messenger = Arc::new(RoomMessenger::new(Arc::clone(room)));
    let mut claude = crate::claude::Settings::new(settings.admin_key()?.clone(), Random::system().below(u64::MAX));
    claude.base_url = settings.claude.base_url.to_string();
    House::build(Plan {
        store,
        claude,
        time: Arc::new(ClockTime(clock.clone())),
        rules: settings.rules()?,
        roster: Arc::clone(&messenger) as _,
        messengers: Messengers::default().with(Platform::Browser, messenger),
        outside: outside(settings)?,
        clock: clock.clone(),
        random: Random::system(),
    })
    .await
}

/// Serves until told to stop. A listener that broke is said in the log; nothing else can be done about it.
async fn serve(listener: TcpListener, router: axum::Router, stop: CancellationToken) {
    if let Err(error) = crate::server::serve(listener, router, stop).await {
        tracing::error!(kind = ?error.kind(), "the sandbox's listener broke");
    }
}

fn settings(folder: &Folder, organization: &Organization, listening: SocketAddr) -> anyhow::Result<Settings> {
    let admin = |id: &str| AccountRef::parse(&format!("browser:{id}"));
    let mut settings = Settings::for_sandbox(SandboxSettings {
        listen: listening,
        database_url: folder.database_url().into(),
        base_url: format!("http://{listening}/anthropic").parse()?,
        admin_key: organization.admin_key().into(),
        master_key: folder.master_key()?,
        first_admins: vec![admin("ada")?],
        approvers_channel: ChannelRef::parse("browser:approvals")?,
        time_zone: jiff::tz::TimeZone::UTC,
    });
    settings.configuration.audit.head_channel = Some(ChannelRef::parse("browser:audit")?);
    Ok(settings)
}

fn open_organization(folder: &Folder, seed: u64, clock: &Clock) -> anyhow::Result<Organization> {
    let path = folder.path.join("organization.json");
    if path.exists() {
        return Organization::load(&path, clock.clone()).context("the folder's organization cannot be read");
    }
    let organization = Organization::seeded(seed, clock.clone());
    organization.switch_activity_feed(true);
    organization.save_to(&path).context("the folder cannot be written to")?;
    Ok(organization)
}

fn open_room(folder: &Folder, organization: &Organization, clock: &Clock) -> anyhow::Result<Arc<Room>> {
    let cast = cast(organization);
    match std::fs::read(folder.path.join("chat.json")) {
        Ok(saved) => Ok(Room::restore(cast, clock.clone(), serde_json::from_slice(&saved)?)?),
        Err(_) => Ok(Room::new(cast, clock.clone())),
    }
}
