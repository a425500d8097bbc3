//! The handle on a simulated organization: reading it, changing it, watching it.
//!
//! One lock guards all of it, so that each call sees and leaves a whole organization. Every change is written down (if a
//! path was given) and announced before the lock is let go.

use super::bill::Bill;
use super::books::Books;
use super::faults::{Fault, Planned};
use super::federation::Federated;
use super::feed::Feed;
use super::ids;
use super::meter::{Meter, Metered};
use super::nouns::{Invite, Key, Mail, Member, Role, ServiceAccount, Workspace, WorkspaceMember};
use super::pace::{Allowance, Pace};
use super::persist::{self, LoadError};
use super::seats::Seat;
use super::seen::{Ledger, Seen};
use super::state::{Bounds, FORMAT, State};
pub(super) use super::tools::Tools;
use crate::clock::{Clock, Moment};
use crate::random::Random;
use serde_json::{Map, json};
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::watch;

/// Set apart from the seed of ids, so that reading does not change which ids come next.
const REQUESTS: u64 = 0x7265_7175_6573_7473;

/// A simulated organization. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Organization(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Where each change is written to. Locked after `state`.
    path: Mutex<Option<PathBuf>>,
    clock: Clock,
    random: Random,
    request_ids: Random,
    changes: watch::Sender<u64>,
    faults: Mutex<Planned>,
    seen: Mutex<Ledger>,
    pace: Mutex<Pace>,
    /// Locked after `state`.
    books: Mutex<Books>,
    other: OnceLock<Organization>,
}

impl Organization {
    /// An organization with one admin, Ada Brandt (`ada@example.com`), the Default Workspace, and nothing else.
    #[must_use]
    pub fn empty(seed: u64, clock: Clock) -> Self {
        let random = Random::seeded(seed);
        let state = bare(&random, "Meridian Labs", clock.now());
        Self::of(state, clock, random, seed)
    }

    /// Takes up the organization that [`Organization::save_to`] keeps at `path`, and goes on keeping it there.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the file cannot be read or holds something else.
    pub fn load(path: &Path, clock: Clock) -> Result<Self, LoadError> {
        let state = persist::load(path)?;
        // Not seeded: the same seed would hand out the ids a second time that are taken already.
        let random = Random::system();
        let seed = random.below(u64::MAX);
        let loaded = Self::of(state, clock, random, seed);
        *lock(&loaded.0.path) = Some(path.to_owned());
        Ok(loaded)
    }

    pub(super) fn of(state: State, clock: Clock, random: Random, seed: u64) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            path: Mutex::new(None),
            clock,
            random,
            request_ids: Random::seeded(seed ^ REQUESTS),
            changes: watch::Sender::new(0),
            faults: Mutex::default(),
            seen: Mutex::default(),
            pace: Mutex::default(),
            books: Mutex::default(),
            other: OnceLock::new(),
        }))
    }

    /// Writes the organization to `path`, now and after each change. Readable for its owner only.
    ///
    /// # Errors
    ///
    /// If it cannot be written now. Later failures are logged: the organization goes on in memory.
    pub fn save_to(&self, path: &Path) -> io::Result<()> {
        let state = lock(&self.0.state);
        persist::save(&state, path)?;
        *lock(&self.0.path) = Some(path.to_owned());
        Ok(())
    }

    /// A number that grows with every change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// The key that opens the simulated Admin API. It opens nothing else in the world.
    #[must_use]
    pub fn admin_key(&self) -> String {
        self.read(|state| state.admin_key.clone())
    }

    /// The organization's id, a UUID.
    #[must_use]
    pub fn id(&self) -> String {
        self.read(|state| state.id.clone())
    }

    /// The organization's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.read(|state| state.name.clone())
    }

    /// The members, oldest first.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        self.read(|state| state.members.clone())
    }

    /// The invites, oldest first, withdrawn ones included.
    #[must_use]
    pub fn invites(&self) -> Vec<Invite> {
        self.read(|state| state.invites.clone())
    }

    /// The workspaces, oldest first, archived ones and the Default Workspace included.
    #[must_use]
    pub fn workspaces(&self) -> Vec<Workspace> {
        self.read(|state| state.workspaces.clone())
    }

    /// Who was added to which workspace. What is inherited is not among it.
    #[must_use]
    pub fn workspace_members(&self) -> Vec<WorkspaceMember> {
        self.read(|state| state.workspace_members.clone())
    }

    /// The keys, oldest first.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.read(|state| state.keys.clone())
    }

    /// The service accounts, oldest first.
    #[must_use]
    pub fn service_accounts(&self) -> Vec<ServiceAccount> {
        self.read(|state| state.service_accounts.clone())
    }

    /// The mails that were sent, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.read(|state| state.mails.clone())
    }

    /// What the keys used so far.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.read(|state| state.meter.clone())
    }

    /// Adds traffic as if it had come in.
    pub fn use_key(&self, used: Metered) {
        let Ok(()) = self.change(|state, _| {
            state.meter.add(used);
            Ok::<_, Infallible>(())
        });
    }

    /// Adds what a member used of Claude Code by subscription.
    pub fn use_seat(&self, seat: Seat) {
        let Ok(()) = self.change(|state, _| {
            state.seats.push(seat);
            Ok::<_, Infallible>(())
        });
    }

    /// The last 100,000 requests to the API, oldest first.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.0.seen).all()
    }

    /// How many of the remembered requests are like this.
    #[must_use]
    pub fn count_seen(&self, like: impl Fn(&Seen) -> bool) -> usize {
        lock(&self.0.seen).count(like)
    }

    /// How many requests with this method, and a path that begins like this, changed something.
    #[must_use]
    pub fn applied(&self, method: &str, path: &str) -> usize {
        self.count_seen(|seen| seen.applied && seen.method == method && seen.path.starts_with(path))
    }

    /// Lets the next `times` requests to `path` (`/v1/…` or `POST /v1/…`, all that begins like it) meet `fault`.
    /// No times: what was planned for this path is off.
    pub fn misbehave(&self, path: &str, fault: Fault, times: u32) {
        lock(&self.0.faults).add(path, fault, times);
    }

    /// Answers however many requests come, and counts none of them: for load tests, and for what is furnished.
    pub fn lift_rate_limit(&self) {
        lock(&self.0.pace).lifted = true;
    }

    /// Counts requests again, as it does from the start.
    pub fn impose_rate_limit(&self) {
        lock(&self.0.pace).lifted = false;
    }

    /// Sets how many keys may be active, in all and in each workspace. The vendor does not publish the real numbers.
    pub fn bound_active_keys(&self, in_all: usize, per_workspace: usize) {
        let Ok(()) = self.change(|state, _| {
            state.bounds.active_keys = in_all;
            state.bounds.active_keys_per_workspace = per_workspace;
            Ok::<_, Infallible>(())
        });
    }

    pub(super) fn now(&self) -> Moment {
        self.0.clock.now()
    }

    pub(super) fn request_id(&self) -> String {
        ids::id(&self.0.request_ids, "req")
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&lock(&self.0.state))
    }

    /// Changes the organization, keeps and announces it. `act` refuses before it touches anything.
    pub(super) fn change<T, E>(&self, act: impl FnOnce(&mut State, &Tools<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut state = lock(&self.0.state);
        let now = self.now();
        let done = act(&mut state, &Tools { now, random: &self.0.random })?;
        state.follow_workloads(now);
        if let Some(path) = &*lock(&self.0.path)
            && let Err(error) = persist::save(&state, path)
        {
            tracing::error!(kind = ?error.kind(), "the simulated organization could not be written");
        }
        self.0.changes.send_modify(|count| *count += 1);
        Ok(done)
    }

    pub(super) fn take_fault(&self, method: &str, path: &str) -> Option<Fault> {
        lock(&self.0.faults).take(method, path)
    }

    pub(super) fn take_allowance(&self, which: Allowance) -> Result<(), i64> {
        lock(&self.0.pace).take(which, self.now())
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        lock(&self.0.books)
    }

    pub(super) fn saw(&self, seen: Seen) {
        lock(&self.0.seen).add(seen);
    }

    /// Another company's organization, which answers when `wrong-org` is asked for.
    pub(super) fn other(&self) -> Self {
        let other = || {
            let random = Random::seeded(self.0.request_ids.below(u64::MAX));
            let state = bare(&random, "Somebody Else", self.now());
            Self::of(state, self.0.clock.clone(), random, 0)
        };
        self.0.other.get_or_init(other).clone()
    }
}

/// An organization with one admin and the Default Workspace, made at `now`.
pub(super) fn bare(random: &Random, name: &str, now: Moment) -> State {
    State {
        format: FORMAT,
        id: ids::uuid(random),
        name: name.to_owned(),
        admin_key: ids::admin_secret(random),
        members: vec![Member {
            id: ids::id(random, "user"),
            email: "ada@example.com".to_owned(),
            name: "Ada Brandt".to_owned(),
            role: Role::Admin,
            added_at: now,
        }],
        invites: Vec::new(),
        workspaces: vec![Workspace { is_default: true, ..workspace(random, "Default", now) }],
        workspace_members: Vec::new(),
        service_accounts: Vec::new(),
        keys: Vec::new(),
        mails: Vec::new(),
        meter: Meter::default(),
        bounds: Bounds::USUAL,
        feed: Feed::default(),
        own_limits: Vec::new(),
        workloads: Vec::new(),
        federated: Federated::default(),
        bill: Bill::default(),
        seats: Vec::new(),
    }
}

/// A new workspace with everything as it is when nothing was said.
pub(super) fn workspace(random: &Random, name: &str, now: Moment) -> Workspace {
    const COLORS: [&str; 6] = ["#6C5BB9", "#3B7A57", "#C0562F", "#2F6FC0", "#A63D6B", "#8A7A2A"];
    let color = COLORS[usize::from(random.bytes::<1>()[0]) % COLORS.len()];
    Workspace {
        id: ids::id(random, "wrkspc"),
        name: name.to_owned(),
        display_color: color.to_owned(),
        tags: Map::new(),
        data_residency: json!({
            "workspace_geo": "us", "allowed_inference_geos": "unrestricted", "default_inference_geo": "global",
        }),
        compartment_id: ids::id(random, "cmprt"),
        created_at: now,
        archived_at: None,
        is_default: false,
    }
}

/// A lock that another thread left in a panic is still good: changes refuse before they touch anything.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
