//! The stage itself: how it is opened, who is on it, and how time passes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use steward::chat::{Account, Kind, Standing};
use steward::cli::house::{House, Outside};
use steward::clock::{Clock, Moment, moment};
use steward::domain::{LinkState, Person, PersonId, Rules};
use steward::sandbox::Organization;
use steward::store::{LinkRow, Store, UsageMark};

use super::actor::Actor;
use super::chat::Chat;
use super::furniture::{HouseParts, build, build_telling, open_store};
use super::meddler::{Meddler, serve};
use super::setting::{Setting, rules};
use super::shown::Shown;
use crate::bench::{Database, Engine};

/// When every story begins.
pub(crate) const BEGIN: &str = "2026-12-01T09:00:00Z";

const DAY_MS: i64 = 86_400_000;

/// Everything a story plays on. Call [`Stage::close`] at its end.
pub(crate) struct Stage {
    /// The house. In a box: it is large, and everything that a stage is handed to would be as large.
    pub(crate) house: Box<House>,
    /// The simulated organization.
    pub(crate) organization: Organization,
    /// The chat.
    pub(crate) chat: Arc<Chat>,
    /// The time.
    pub(crate) clock: Clock,
    /// The database's address, for a second house on it.
    pub(crate) database: Database,
    /// Where the organization answers.
    pub(crate) upstream: SocketAddr,
    /// Stands between the house and the organization.
    pub(crate) meddler: Arc<Meddler>,
    pub(super) rules: Rules,
    pub(super) acts: AtomicU64,
    pub(super) closed: bool,
}

impl Stage {
    /// The seeded organization, everybody linked, the directory read.
    pub(crate) async fn open(engine: Engine) -> Self {
        Box::pin(Self::set(Setting::on(engine))).await
    }

    /// The same, set otherwise.
    pub(crate) async fn set(setting: Setting) -> Self {
        let clock = Clock::standing(BEGIN.parse().unwrap());
        let organization = setting.organization.unwrap_or_else(|| Organization::seeded(7, clock.clone()));
        organization.lift_rate_limit();
        let meddler = Arc::new(Meddler::default());
        let upstream = serve(&organization, Arc::clone(&meddler)).await;
        let chat = Arc::new(Chat::default());
        let database = Database::migrated(setting.engine).await;
        let store = open_store(&database.url).await;
        if !setting.whole_usage {
            knows_usage_before(&store, moment(clock.now().as_millisecond() - DAY_MS / 4)).await;
        }
        let mut rules = rules(setting.policies, setting.approvers_channel);
        rules.pending_per_person = setting.most_waiting;
        rules.keys_per_person = setting.most_keys;
        rules.role_map.entries.extend(setting.roles);
        rules.workspaces = setting.workspaces;
        rules.workspace_map = setting.workspace_map;
        let parts = HouseParts {
            store,
            upstream,
            key: setting.key.unwrap_or_else(|| organization.admin_key()),
            rules: rules.clone(),
            chat: Arc::clone(&chat),
            clock: clock.clone(),
            seed: 1,
            budget: None,
        };
        let house = Box::new(build_telling(parts, setting.outside).await);
        let stage = Self {
            house,
            organization,
            chat,
            clock,
            database,
            upstream,
            meddler,
            rules,
            acts: AtomicU64::new(0),
            closed: false,
        };
        stage.seat_everybody().await;
        stage.settle().await;
        stage
    }

    /// Another house on the same database, chat and organization: a replica, or the process after the one that ended.
    pub(crate) async fn another_house(&self, seed: u64) -> House {
        self.another_house_telling(seed, Outside::default()).await
    }

    /// The same, which tells its audit trail outside.
    pub(crate) async fn another_house_telling(&self, seed: u64, outside: Outside) -> House {
        build_telling(self.parts_of_another(seed).await, outside).await
    }

    /// The same, which may send so many requests in a minute of the story's clock.
    pub(crate) async fn another_house_sending(&self, seed: u64, per_minute: u32) -> House {
        build(HouseParts { budget: Some(per_minute), ..self.parts_of_another(seed).await }).await
    }

    async fn parts_of_another(&self, seed: u64) -> HouseParts {
        HouseParts {
            store: open_store(&self.database.url).await,
            upstream: self.upstream,
            key: self.organization.admin_key(),
            rules: self.rules.clone(),
            chat: Arc::clone(&self.chat),
            clock: self.clock.clone(),
            seed,
            budget: None,
        }
    }

    async fn seat_everybody(&self) {
        for player in self.organization.cast() {
            let account = Account::browser(&player.id);
            self.chat.seat(&player);
            let Some(member) = player.member else { continue };
            let person =
                Person { id: PersonId(format!("person_{}", player.id)), name: player.name, member_id: Some(member) };
            let link = LinkRow { account, state: LinkState::Active, email: Some(player.email), how: "stage".into() };
            let store = &self.house.store;
            let mut tx = store.begin().await.unwrap();
            assert!(store.create_person(&mut tx, &person, &link, self.clock.now()).await.unwrap());
            store.commit(tx).await.unwrap();
        }
    }

    /// Somebody of the cast: `ada`, `grace` (admins), `finn` (billing), `mira`, `jonas` (members), `lea`, `tom` (strangers).
    ///
    /// With a platform in front, `discord:42`, somebody who was seated there.
    pub(crate) fn person<'a>(&'a self, id: &str) -> Actor<'a> {
        Actor { stage: self, account: account(id) }
    }

    /// Somebody sits down on another platform: a person of the company, without an address unless one is given.
    pub(crate) fn seat<'a>(&'a self, id: &str, name: &str, email: Option<&str>) -> Actor<'a> {
        let (name, email) = (name.to_owned(), email.map(ToOwned::to_owned));
        let standing = Standing { kind: Kind::Person, name, email, groups: Vec::new() };
        self.chat.standings.lock().unwrap().insert(account(id), standing);
        self.person(id)
    }

    /// Several of them.
    pub(crate) fn cast<const N: usize>(&self, ids: [&str; N]) -> [Actor<'_>; N] {
        ids.map(|id| self.person(id))
    }

    /// Does everything that is due now.
    pub(crate) async fn settle(&self) {
        self.house.settle().await.unwrap_or_else(|failure| panic!("{}", failure.logged()));
    }

    /// Moves the clock, as the sandbox's page does. Answers at how many moments it stopped on its way.
    pub(crate) async fn advance(&self, hours: i64) -> usize {
        self.advance_minutes(60 * hours).await
    }

    /// The same in minutes.
    pub(crate) async fn advance_minutes(&self, minutes: i64) -> usize {
        let target = moment(self.clock.now().as_millisecond() + minutes * 60_000);
        let pushed = self.house.push_to(target).await;
        pushed.unwrap_or_else(|failure| panic!("{}", failure.logged())).stops
    }

    /// The next message in a channel that nobody has heard yet.
    pub(crate) async fn next_in(&self, channel: &str) -> Shown {
        self.settle().await;
        self.heard(&format!("browser:{channel}"))
    }

    /// True if a message in a channel waits to be heard.
    pub(crate) async fn has_news_in(&self, channel: &str) -> bool {
        self.settle().await;
        let unheard = self.chat.unheard.lock().unwrap();
        unheard.get(&format!("browser:{channel}")).is_some_and(|it| !it.is_empty())
    }

    pub(super) fn heard(&self, place: &str) -> Shown {
        let index = self.chat.unheard.lock().unwrap().get_mut(place).and_then(VecDeque::pop_front);
        let index = index.unwrap_or_else(|| panic!("nothing new in {place}"));
        Shown { message: self.chat.sent.lock().unwrap()[index].1.clone(), index: Some(index) }
    }

    /// A sent message as it reads now.
    pub(crate) async fn seen_again(&self, shown: &Shown) -> Shown {
        self.settle().await;
        let index = shown.index.expect("only a sent message can be seen again");
        Shown { message: self.chat.sent.lock().unwrap()[index].1.clone(), index: Some(index) }
    }

    /// Changes what the chat says of somebody.
    pub(crate) fn change_standing(&self, id: &str, change: impl FnOnce(&mut Standing)) {
        change(self.chat.standings.lock().unwrap().get_mut(&account(id)).unwrap());
    }
}

/// An account as stories write it: `ada` is on the sandbox's page, `discord:42` elsewhere.
fn account(id: &str) -> Account {
    if id.contains(':') { id.parse().unwrap() } else { Account::browser(id) }
}

/// Takes what was used before `since`, and what that cost, as read.
async fn knows_usage_before(store: &Store, since: Moment) {
    let year = moment(since.as_millisecond() - 366 * DAY_MS);
    let mut tx = store.begin().await.unwrap();
    for (mark, at) in [
        (UsageMark::HoursTo, since),
        (UsageMark::DaysFrom, year),
        (UsageMark::ReportFrom, since),
        (UsageMark::AnalyticsFrom, since),
        (UsageMark::ClaudeCodeTo, BEGIN.parse().unwrap()),
    ] {
        store.set_usage_mark(&mut tx, mark, at).await.unwrap();
    }
    store.commit(tx).await.unwrap();
}
