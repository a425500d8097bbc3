//! `steward sandbox`: an organization in a box. One process, one listener, loopback only; no file of the operator's and no
//! variable of the environment is looked at.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::arguments::SandboxArgs;
use super::bench::{Bench, bench};
use super::exit::Exit;
use super::house::{House, Plan};
use super::time::ClockTime;
use crate::chat::{Account, Platform, Revealed, SecretHandle, Vault, VaultError};
use crate::clock::{Clock, moment};
use crate::domain::{LinkState, Person, PersonId};
use crate::job::Messengers;
use crate::platform::browser::{self, Cast, Channel, Room, RoomMessenger, guard, keep_saved, loopback_hosts};
use crate::random::Random;
use crate::sandbox::{Organization, Player};
use crate::seal::MasterKey;
use crate::settings::reference::{AccountRef, ChannelRef};
use crate::settings::{SandboxSettings, Settings};
use crate::store::{LinkRow, Lock, Store};

/// Who of the cast begins as Steward's admins and finance, by chat group.
const GROUPS: [(&str, &str); 4] = [("ada", "admins"), ("grace", "admins"), ("finn", "finance"), ("priya", "finance")];
/// A member whose account is not linked yet, so that `link` can be tried.
const UNLINKED: &str = "amara";

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

#[expect(clippy::print_stdout, reason = "the address is what this command is asked for")]
fn announce(running: &Sandbox) {
    println!("Steward's sandbox is ready: {}", running.address());
    println!("  Chat page         {}/", running.address());
    println!("  Simulated Console {}/console", running.address());
    println!(
        "Stop it with Ctrl-C.{}",
        if running.kept { "" } else { " Nothing is kept; for that, name a folder with --data." }
    );
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
    tasks: Vec<tokio::task::JoinHandle<()>>,
    _lock: Lock,
    /// Removed with the process, unless the folder was named.
    _folder: Folder,
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
        let listener = TcpListener::bind(args.listen)
            .await
            .with_context(|| format!("{} cannot be listened on; name another with --listen", args.listen))?;
        let listening = listener.local_addr()?;
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
        let base = format!("http://{listening}");
        let parts = Bench {
            house: Arc::clone(&house),
            room: Arc::clone(&room),
            clock: clock.clone(),
            clock_file: folder.path.join("clock"),
            pushing: tokio::sync::Mutex::new(()),
        };
        let page = browser::router(browser::Parts {
            room: Arc::clone(&room),
            answers: Arc::clone(&house.dispatch) as _,
            vault: Arc::new(NoSecrets),
            random: Random::system(),
            command: settings.configuration.command.clone(),
            admin_key: organization.admin_key(),
            anthropic_base_url: format!("{base}/anthropic"),
        });
        let router = page.merge(organization.desk()).merge(bench(parts)).nest("/anthropic", organization.admin_api());
        let guarded = guard(router, loopback_hosts(listening));
        let mut tasks = vec![tokio::spawn(crate::server::serve(listener, guarded, stop.clone()))];
        if args.data.is_some() {
            tasks.push(tokio::spawn(keep_saved(Arc::clone(&room), folder.path.join("chat.json"))));
        }
        tasks.push(tokio::spawn(super::bench::watch(
            Arc::clone(&house),
            Arc::clone(&room),
            organization.changes(),
            stop.clone(),
        )));
        // The directory is read before anybody can ask: the page is right from its first moment.
        house.settle().await.map_err(|failure| anyhow::anyhow!("the first pass failed: {}", failure.logged()))?;
        let going = Arc::clone(&house);
        tasks.push(tokio::spawn(async move { going.keep_going(stop).await }));
        Ok(Self {
            listening,
            kept: args.data.is_some(),
            organization,
            house,
            room,
            tasks,
            _lock: lock,
            _folder: folder,
        })
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
        clock: clock.clone(),
        random: Random::system(),
    })
    .await
}

fn settings(folder: &Folder, organization: &Organization, listening: SocketAddr) -> anyhow::Result<Settings> {
    let admin = |id: &str| AccountRef::parse(&format!("browser:{id}"));
    Ok(Settings::for_sandbox(SandboxSettings {
        listen: listening,
        database_url: folder.database_url().into(),
        base_url: format!("http://{listening}/anthropic").parse()?,
        admin_key: organization.admin_key().into(),
        master_key: folder.master_key()?,
        first_admins: vec![admin("ada")?],
        approvers_channel: ChannelRef::parse("browser:approvals")?,
        time_zone: jiff::tz::TimeZone::UTC,
    }))
}

fn open_organization(folder: &Folder, seed: u64, clock: &Clock) -> anyhow::Result<Organization> {
    let path = folder.path.join("organization.json");
    if path.exists() {
        return Organization::load(&path, clock.clone()).context("the folder's organization cannot be read");
    }
    let organization = Organization::seeded(seed, clock.clone());
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

fn cast(organization: &Organization) -> Cast {
    let channel = |id: &str, topic: &str| Channel { id: id.into(), name: id.into(), topic: topic.into() };
    Cast {
        people: organization.cast().iter().map(person).collect(),
        channels: vec![
            channel("general", "Everybody. Type /claude to begin"),
            channel("approvals", "Requests that wait for a decision"),
            channel("random", "Anything else"),
        ],
        company: organization.name(),
    }
}

fn person(player: &Player) -> browser::Person {
    let group = GROUPS.iter().find(|(id, _)| *id == player.id).map(|(_, group)| *group);
    let role = match group {
        Some("admins") => "admin",
        Some("finance") => "billing",
        _ => "member",
    };
    let title = match (&player.role, player.id.as_str()) {
        (None, _) => "not in the Claude organization yet".to_owned(),
        (Some(_), UNLINKED) => "account not linked yet".to_owned(),
        (Some(role), _) => format!("{} in the organization", role.as_str()),
    };
    browser::Person {
        id: player.id.clone(),
        name: player.name.clone(),
        role: role.into(),
        email: Some(player.email.clone()),
        groups: group.map(|it| format!("browser-group:{it}")).into_iter().collect(),
        title,
    }
}

/// Links the cast's members, but for one, as if they had said `link` on an earlier day.
async fn seed_links(store: &Store, organization: &Organization, clock: &Clock) -> anyhow::Result<()> {
    let now = clock.now();
    for player in organization.cast() {
        let account = Account::browser(&player.id);
        let Some(member) = player.member.filter(|_| player.id != UNLINKED) else { continue };
        if store.known(&account).await?.is_some() {
            continue;
        }
        let person =
            Person { id: PersonId(format!("person_{}", player.id)), name: player.name, member_id: Some(member) };
        let link = LinkRow { account, state: LinkState::Active, email: Some(player.email), how: "sandbox".into() };
        let mut tx = store.begin().await?;
        store.create_person(&mut tx, &person, &link, now).await?;
        store.commit(tx).await?;
    }
    Ok(())
}

/// Nothing in this version issues secrets, so there is none to open.
struct NoSecrets;

impl Vault for NoSecrets {
    fn open<'a>(&'a self, _: &'a SecretHandle, _: &'a Account) -> BoxFuture<'a, Result<Revealed, VaultError>> {
        Box::pin(std::future::ready(Err(VaultError::Gone)))
    }
}

/// Where a sandbox keeps its things.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn open(named: Option<&Path>) -> anyhow::Result<Self> {
        let (path, temporary) = match named {
            Some(path) => (path.to_owned(), false),
            None => (std::env::temp_dir().join(format!("steward-sandbox-{}", Random::system().short(12))), true),
        };
        std::fs::create_dir_all(&path).with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Self { path, temporary })
    }

    fn database_url(&self) -> String {
        format!("sqlite://{}", self.path.join("steward.db").display())
    }

    /// The key that seals this sandbox's database. Beside it on purpose: nothing in a sandbox is secret.
    fn master_key(&self) -> anyhow::Result<MasterKey> {
        let path = self.path.join("master_key");
        if let Ok(text) = std::fs::read_to_string(&path) {
            return Ok(MasterKey::parse(&SecretString::from(text.trim()))?);
        }
        let key = MasterKey::generate(&Random::system());
        std::fs::write(&path, key.to_base64().expose_secret())?;
        Ok(key)
    }

    /// The system's clock, as far ahead as it was pushed in this folder before.
    fn clock(&self) -> Clock {
        let clock = Clock::system();
        let pushed = std::fs::read_to_string(self.path.join("clock")).ok().and_then(|it| it.trim().parse::<i64>().ok());
        if let Some(ms) = pushed {
            clock.advance_to(moment(ms));
        }
        clock
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // Best effort: the operating system empties its temporary folder anyway.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
