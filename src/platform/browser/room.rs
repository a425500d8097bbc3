//! The room: who is in it, what was said in it, who has read how far. The browser's stand-in for a chat service.
//!
//! One lock, never held across an await. Every change tells the open pages and whoever keeps the room on disk.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{broadcast, watch};

use super::history::{Entry, History, tokens};
use super::stir::{Stir, Touch};
use super::{Cast, Channel, Person};
use crate::chat::{Account, Form, Home, Kind, Message, Standing, Token};
use crate::clock::{Clock, Moment};

/// More unread messages than this are not counted.
const COUNTED: usize = 99;

/// How many events a slow page may lag behind before it is told to look at everything.
const BACKLOG: usize = 256;

/// Somebody in the room, and what sort of account they have at this moment.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Member {
    pub(super) person: Person,
    pub(super) kind: Kind,
}

/// A chat without a service.
pub struct Room {
    state: Mutex<State>,
    clock: Clock,
    stirs: broadcast::Sender<Stir>,
    changes: watch::Sender<u64>,
    closed: AtomicBool,
}

/// What the lock guards.
#[derive(Default)]
pub(super) struct State {
    pub(super) company: String,
    pub(super) members: Vec<Member>,
    pub(super) channels: Vec<Channel>,
    pub(super) history: History,
    /// The last message that a person has seen, by person and channel.
    pub(super) seen: BTreeMap<String, BTreeMap<String, u64>>,
    /// Each person's start page as it was last opened; its buttons can be pressed.
    pub(super) homes: HashMap<String, Home>,
}

impl State {
    pub(super) fn member(&self, id: &str) -> Option<&Member> {
        self.members.iter().find(|it| it.person.id == id)
    }

    /// True if `person` sees `channel`: every channel is open, a conversation with the bot belongs to one person.
    pub(super) fn may_see(&self, person: &str, channel: &str) -> bool {
        match channel.strip_prefix('@') {
            Some(owner) => owner == person && self.member(owner).is_some(),
            None => self.channels.iter().any(|it| it.id == channel),
        }
    }

    fn unread(&self, person: &str, channel: &str) -> usize {
        let seen = self.seen.get(person).and_then(|by| by.get(channel)).copied().unwrap_or(0);
        let newer = self.history.channel(channel).rev().take_while(|entry| entry.id > seen);
        newer.filter(|entry| entry.is_seen_by(person) && entry.from != person).take(COUNTED).count()
    }
}

impl Room {
    /// A room with these people and channels, in which nothing was said.
    #[must_use]
    pub fn new(cast: Cast, clock: Clock) -> Arc<Self> {
        let members = cast.people.into_iter().map(|person| Member { person, kind: Kind::Person }).collect();
        Self::with(State { company: cast.company, members, channels: cast.channels, ..State::default() }, clock)
    }

    pub(super) fn with(state: State, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(state),
            clock,
            stirs: broadcast::Sender::new(BACKLOG),
            changes: watch::Sender::new(0),
            closed: AtomicBool::new(false),
        })
    }

    /// A panic elsewhere leaves the state whole: every change is one step.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time in this room.
    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Stir> {
        self.stirs.subscribe()
    }

    /// Moves whenever the room changed; what [`super::keep_saved`] waits for.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Tells every open page that something beside the messages changed.
    pub fn touch(&self, touch: Touch) {
        // Nobody listening is no failure: the next page asks for everything anyway.
        let _ = self.stirs.send(Stir::Touched(touch));
    }

    /// Ends the pages' streams and the saving, so that a server can stop in good order.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let _ = self.stirs.send(Stir::Closed);
        self.changes.send_modify(|count| *count += 1);
    }

    /// True once [`Room::close`] was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn stir(&self, entry: &Entry) {
        let owner = entry.channel.strip_prefix('@').map(str::to_owned);
        let stir = Stir::Message { channel: entry.channel.clone(), to: entry.only.clone().or(owner) };
        let _ = self.stirs.send(stir);
        self.changes.send_modify(|count| *count += 1);
    }

    /// What the chat says of `id` now; none if nobody has this id.
    #[must_use]
    pub fn standing(&self, id: &str) -> Option<Standing> {
        let state = self.state();
        let member = state.member(id)?;
        Some(Standing {
            kind: member.kind,
            name: member.person.name.clone(),
            email: member.person.email.clone(),
            groups: member.person.groups.clone(),
        })
    }

    /// Everybody in a group who is a person of the company.
    #[must_use]
    pub fn members(&self, group: &str) -> Vec<Account> {
        let state = self.state();
        let people = state.members.iter().filter(|it| it.kind == Kind::Person);
        let inside = people.filter(|it| it.person.groups.iter().any(|it| it == group));
        inside.map(|it| Account::browser(&it.person.id)).collect()
    }

    /// Adds somebody, or replaces who had this id.
    pub fn add_person(&self, person: Person) {
        let member = Member { person, kind: Kind::Person };
        let mut state = self.state();
        match state.members.iter_mut().find(|it| it.person.id == member.person.id) {
            Some(known) => *known = member,
            None => state.members.push(member),
        }
        drop(state);
        self.people_changed();
    }

    /// Changes somebody's role, groups, name or address. False if nobody has this id.
    pub fn change_person(&self, id: &str, change: impl FnOnce(&mut Person)) -> bool {
        self.change_member(id, |member| change(&mut member.person))
    }

    /// Makes the account a guest's, a bot's, deactivated or a person's again. False if nobody has this id.
    pub fn set_kind(&self, id: &str, kind: Kind) -> bool {
        self.change_member(id, |member| member.kind = kind)
    }

    fn change_member(&self, id: &str, change: impl FnOnce(&mut Member)) -> bool {
        let mut state = self.state();
        let Some(member) = state.members.iter_mut().find(|it| it.person.id == id) else { return false };
        change(member);
        drop(state);
        self.people_changed();
        true
    }

    fn people_changed(&self) {
        self.touch(Touch::People);
        self.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn is_known(&self, person: &str) -> bool {
        self.state().member(person).is_some()
    }

    pub(super) fn may_see(&self, person: &str, channel: &str) -> bool {
        self.state().may_see(person, channel)
    }

    /// Posts and tells the pages.
    pub(super) fn post(&self, entry: Entry) -> Arc<Entry> {
        let entry = self.state().history.post(entry);
        self.stir(&entry);
        entry
    }

    /// Replaces what a message says; buttons that go are remembered, for presses that are already under way.
    pub(super) fn edit(&self, id: u64, body: Message) -> Option<Arc<Entry>> {
        let entry = self.state().history.change(id, |entry| {
            let gone: Vec<Token> = tokens(&entry.body).filter(|it| !entry.past.contains(it)).cloned().collect();
            entry.past.extend(gone);
            entry.body = body;
            entry.edited = true;
        })?;
        self.stir(&entry);
        Some(entry)
    }

    /// Replaces a form after an attempt that had mistakes.
    pub(super) fn refill(&self, id: u64, form: Form) -> Option<Arc<Entry>> {
        let entry = self.state().history.change(id, |entry| {
            entry.past.extend(entry.form.take().and_then(|old| old.token));
            entry.form = Some(form);
            entry.edited = true;
        })?;
        self.stir(&entry);
        Some(entry)
    }

    /// Takes a form that was sent out of sight.
    pub(super) fn form_sent(&self, id: u64) {
        let changed = self.state().history.change(id, |entry| entry.sent = true);
        if let Some(entry) = changed {
            self.stir(&entry);
        }
    }

    /// Takes away a message that only this person sees. False if there is none.
    pub(super) fn dismiss(&self, person: &str, id: u64) -> bool {
        let mut state = self.state();
        let theirs = state.history.find(id).is_some_and(|entry| entry.only.as_deref() == Some(person));
        let gone = if theirs { state.history.remove(id) } else { None };
        drop(state);
        gone.inspect(|entry| self.stir(entry)).is_some()
    }

    /// A message that `person` sees, or saw.
    pub(super) fn find(&self, person: &str, id: u64) -> Option<Arc<Entry>> {
        let state = self.state();
        let entry = state.history.find(id)?;
        let theirs = entry.only.as_deref().is_none_or(|only| only == person);
        (theirs && state.may_see(person, &entry.channel)).then(|| Arc::clone(entry))
    }

    /// A form that was opened for `person`, also one that was sent already.
    pub(super) fn find_form(&self, person: &str, token: &Token) -> Option<Arc<Entry>> {
        let state = self.state();
        let theirs = |entry: &&Arc<Entry>| entry.only.as_deref() == Some(person);
        let carries = |entry: &&Arc<Entry>| {
            entry.form.as_ref().is_some_and(|form| form.token.as_ref() == Some(token) || entry.past.contains(token))
        };
        state.history.all().filter(theirs).find(carries).cloned()
    }

    /// The newest `most` messages that `person` sees in `channel` after number `after`, oldest first.
    pub(super) fn messages(&self, person: &str, channel: &str, after: u64, most: usize) -> Vec<Arc<Entry>> {
        let state = self.state();
        let newer = state.history.channel(channel).rev().take_while(|entry| entry.id > after);
        let mut seen: Vec<_> = newer.filter(|entry| entry.is_seen_by(person)).take(most).cloned().collect();
        seen.reverse();
        seen
    }

    /// Marks everything in `channel` as seen by `person`.
    pub(super) fn mark_seen(&self, person: &str, channel: &str) {
        let mut state = self.state();
        let newest = state.history.channel(channel).next_back().map_or(0, |entry| entry.id);
        state.seen.entry(person.into()).or_default().insert(channel.into(), newest);
        drop(state);
        self.changes.send_modify(|count| *count += 1);
    }

    /// How much `person` has not seen, by channel; and who else has word from the bot, by person.
    pub(super) fn unread(&self, person: &str) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
        let state = self.state();
        let own = format!("@{person}");
        let places = state.channels.iter().map(|it| it.id.clone()).chain([own]);
        let here = places.map(|place| (place.clone(), state.unread(person, &place))).collect();
        let others = state.members.iter().map(|it| &it.person.id).filter(|id| *id != person);
        let elsewhere = others.map(|id| (id.clone(), state.unread(id, &format!("@{id}"))));
        (here, elsewhere.filter(|(_, count)| *count > 0).collect())
    }

    pub(super) fn keep_home(&self, person: &str, home: Home) {
        self.state().homes.insert(person.into(), home);
    }

    /// True if the start page that `person` last opened carries `token`.
    pub(super) fn home_carries(&self, person: &str, token: &Token) -> bool {
        let state = self.state();
        state.homes.get(person).is_some_and(|home| home.sections.iter().flat_map(tokens).any(|it| it == token))
    }
}
