//! A company on a chat platform: the same people, the same house and organization, reached through that platform alone.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use steward::chat::{Account, Platform, Roster};
use steward::cli::house::{House, Outside, Plan};
use steward::clock::{Clock, moment};
use steward::domain::{Environment, Issuer, LinkState, Person, PersonId, Place, RoleMapEntry, RoleMapFrom, Rules};
use steward::job::Messengers;
use steward::random::Random;
use steward::sandbox::{Organization, Player, Rhythm};
use steward::store::LinkRow;

use super::seen::Seen;
use crate::bench::{Database, Engine, client};
use crate::keys::put_into_stock;
use crate::stage::{BEGIN, Hasty, Meddler, open_store, rules, serve};

/// How people talk to the house.
pub(crate) trait Talk: Send + Sync {
    /// Types a command in #general, and sees what is new for them.
    fn say<'a>(&'a self, who: &'a str, line: &'a str) -> Answering<'a>;
    /// Presses a button, and sees what is new for them.
    fn press<'a>(&'a self, who: &'a str, seen: &'a Seen, label: &'a str) -> Answering<'a>;
    /// Sends the form that is open.
    fn submit<'a>(&'a self, who: &'a str, seen: &'a Seen, values: Value) -> Answering<'a>;
    /// Opens the start page.
    fn home<'a>(&'a self, who: &'a str) -> Answering<'a>;
    /// The newest message in #approvals, as `who` sees it.
    fn newest<'a>(&'a self, who: &'a str) -> Answering<'a>;
    /// The newest direct message to somebody.
    fn told<'a>(&'a self, who: &'a str) -> Answering<'a>;
    /// A message as it reads now.
    fn again<'a>(&'a self, who: &'a str, seen: &'a Seen) -> Answering<'a>;
    /// The account of somebody.
    fn account(&self, id: &str) -> Account;
    /// Whether the platform knows people's addresses.
    fn has_addresses(&self) -> bool {
        true
    }
    /// Makes somebody a guest.
    fn make_guest<'a>(&'a self, id: &'a str) -> futures_util::future::BoxFuture<'a, ()>;
    /// Ends it, and complains of whatever went wrong on the way.
    fn close(&self) -> futures_util::future::BoxFuture<'_, ()>;
}

pub(crate) type Answering<'a> = futures_util::future::BoxFuture<'a, Seen>;

/// The company.
pub(crate) struct Town {
    pub(crate) house: Arc<House>,
    pub(crate) organization: Organization,
    pub(crate) clock: Clock,
    /// Where the simulated Anthropic answers.
    pub(crate) anthropic: String,
    pub(crate) talk: Box<dyn Talk>,
    pub(crate) database: Database,
}

/// What a platform is opened with.
pub(crate) struct Ground {
    pub(crate) clock: Clock,
    pub(crate) players: Vec<Player>,
}

/// What the house needs of a platform before there is a house.
pub(crate) struct Outlet {
    pub(crate) platform: Platform,
    pub(crate) roster: Arc<dyn Roster>,
    pub(crate) messenger: Arc<dyn steward::chat::Messenger>,
    pub(crate) approvals: String,
    pub(crate) admins: String,
    pub(crate) finance: String,
}

impl Town {
    /// Builds the house behind a platform.
    pub(crate) async fn found<F, T>(engine: Engine, open: F) -> Self
    where
        F: AsyncFnOnce(Ground) -> (Outlet, T),
        T: AsyncFnOnce(Arc<House>, Clock) -> Box<dyn Talk>,
    {
        let clock = Clock::standing(BEGIN.parse().unwrap());
        let organization = Organization::seeded(7, clock.clone());
        organization.lift_rate_limit();
        let upstream = serve(&organization, Arc::new(Meddler::default())).await;
        let (outlet, furnish) = open(Ground { clock: clock.clone(), players: organization.cast() }).await;
        let database = Database::migrated(engine).await;
        let store = open_store(&database.url).await;
        let mut claude = steward::claude::Settings::new(organization.admin_key().into(), 1);
        let anthropic = format!("http://{upstream}/anthropic");
        claude.base_url.clone_from(&anthropic);
        claude.budget_per_minute = 1_000_000;
        claude.total_timeout = Duration::from_secs(2);
        let plan = Plan {
            store,
            claude,
            time: Hasty::beside(&clock),
            rules: rules_of(&outlet),
            roster: outlet.roster,
            messengers: Messengers::default().with(outlet.platform, outlet.messenger),
            outside: Outside::default(),
            clock: clock.clone(),
            random: Random::seeded(3),
        };
        let house = Arc::new(House::build(plan).await.unwrap());
        let talk = furnish(Arc::clone(&house), clock.clone()).await;
        let town = Self { house, organization, clock, anthropic, talk, database };
        town.seat_everybody().await;
        town.settle().await;
        town
    }

    async fn seat_everybody(&self) {
        for player in self.organization.cast() {
            let Some(member) = player.member else { continue };
            let account = self.talk.account(&player.id);
            let person =
                Person { id: PersonId(format!("person_{}", player.id)), name: player.name, member_id: Some(member) };
            let link = LinkRow { account, state: LinkState::Active, email: Some(player.email), how: "stage".into() };
            let store = &self.house.store;
            let mut tx = store.begin().await.unwrap();
            assert!(store.create_person(&mut tx, &person, &link, self.clock.now()).await.unwrap());
            store.commit(tx).await.unwrap();
        }
    }

    /// Puts a key into the stock of research, as an admin would. Answers its secret.
    pub(crate) async fn stock(&self) -> String {
        let pool_name = format!("steward-stock-{}", Random::system().short(12));
        put_into_stock(&self.house.store, &self.organization, self.clock.now(), &pool_name).await
    }

    /// Moves the clock, with everything that is due on the way.
    pub(crate) async fn pass_days(&self, days: i64) {
        self.pass_hours(24 * days).await;
    }

    /// The same by hours.
    pub(crate) async fn pass_hours(&self, hours: i64) {
        let target = moment(self.clock.now().as_millisecond() + hours * 3_600_000);
        self.house.push_to(target).await.unwrap_or_else(|failure| panic!("{}", failure.logged()));
    }

    /// A program uses a key every night from now on, or none does.
    pub(crate) fn nightly(&self, secret: &str, is_used: bool) {
        let (head, tail) = (&secret[..16], &secret[secret.len() - 4..]);
        let keys = self.organization.keys();
        let key = keys.iter().find(|it| it.hint.starts_with(head) && it.hint.ends_with(tail)).unwrap();
        if is_used {
            self.organization.run_workload(&key.id, Rhythm::Nightly);
        } else {
            self.organization.end_workload(&key.id);
        }
    }

    /// What `POST /v1/messages` answers with this key.
    pub(crate) async fn messages(&self, key: &str) -> u16 {
        messages(&self.anthropic, key).await
    }

    /// Does everything that is due now.
    pub(crate) async fn settle(&self) {
        self.house.settle().await.unwrap_or_else(|failure| panic!("{}", failure.logged()));
    }

    pub(crate) async fn say(&self, who: &str, line: &str) -> Seen {
        self.talk.say(who, line).await
    }

    pub(crate) async fn press(&self, who: &str, seen: &Seen, label: &str) -> Seen {
        let answer = self.talk.press(who, seen, label).await;
        self.settle().await;
        answer
    }

    pub(crate) async fn submit(&self, who: &str, seen: &Seen, values: Value) -> Seen {
        let answer = self.talk.submit(who, seen, values).await;
        self.settle().await;
        answer
    }

    pub(crate) async fn home(&self, who: &str) -> Seen {
        self.talk.home(who).await
    }

    /// The newest card.
    pub(crate) async fn card(&self, who: &str) -> Seen {
        self.settle().await;
        self.talk.newest(who).await
    }

    pub(crate) async fn told(&self, who: &str) -> Seen {
        self.settle().await;
        self.talk.told(who).await
    }

    pub(crate) async fn again(&self, who: &str, seen: &Seen) -> Seen {
        self.settle().await;
        self.talk.again(who, seen).await
    }

    pub(crate) async fn close(self) {
        self.settle().await;
        self.talk.close().await;
        let (open, dead) = self.house.store.outbox_depth().await.unwrap();
        assert_eq!((open, dead), (0, 0), "messages that were not delivered");
        self.house.store.close().await;
    }
}

/// What `POST /v1/messages` below an address answers with this key.
pub(crate) async fn messages(anthropic: &str, key: &str) -> u16 {
    let body = r#"{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":"Hello"}]}"#;
    let request = client()
        .post(format!("{anthropic}/v1/messages"))
        .header("x-api-key", key)
        .header("anthropic-version", "2023-06-01")
        .header("content-type", "application/json")
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

fn rules_of(outlet: &Outlet) -> Rules {
    let mut rules = rules(Vec::new(), Some(outlet.approvals.clone()));
    let entry = |group: &str, role| RoleMapEntry { from: RoleMapFrom::Group(group.to_owned()), role, workspace: None };
    let research =
        Place { environment: Environment::Dev, issuer: Issuer::Stock, low_stock: 0, ..Place::unnamed("research") };
    rules.workspaces = vec![research];
    rules.role_map.first_admins.clear();
    rules.role_map.entries = vec![
        entry(&outlet.admins, steward::domain::Role::Admin),
        entry(&outlet.finance, steward::domain::Role::Billing),
    ];
    rules
}
