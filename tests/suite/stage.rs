//! The test language: people who say, press and hear, an organization that can misbehave, a clock that waits to be moved.
//!
//! Everything is real but the chat: the house, the database, the client, the simulated organization over HTTP. Nothing moves
//! by itself: jobs run and messages go out when a story calls [`Stage::settle`] or [`Stage::advance`].

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use steward::chat::{
    Account, Answer, Block, Button, Greeting, Invocation, InvocationId, Kind, Message, Messenger, Place, Platform,
    Receipt, Reply, Roster, Said, Says, SendError, Standing, Target,
};
use steward::cli::house::{House, Plan};
use steward::clock::{Clock, Moment, moment};
use steward::domain::{LinkState, Person, PersonId, PolicyRule, Role, RoleMap, RoleMapEntry, RoleMapFrom, Rules};
use steward::job::Messengers;
use steward::random::Random;
use steward::sandbox::Organization;
use steward::seal::MasterKey;
use steward::store::{LinkRow, Store};
use tokio::net::TcpListener;

use crate::bench::{Database, Engine};

/// When every story begins.
pub(crate) const BEGIN: &str = "2026-12-01T09:00:00Z";

/// What the chat of a story says of people, and what it was sent.
#[derive(Default)]
pub(crate) struct Chat {
    standings: Mutex<BTreeMap<Account, Standing>>,
    sent: Mutex<Vec<(Target, Message)>>,
    unheard: Mutex<BTreeMap<String, VecDeque<usize>>>,
    refusals: Mutex<VecDeque<SendError>>,
    silent: Mutex<bool>,
}

impl Chat {
    /// The next sends fail with these, one each.
    pub(crate) fn refuse(&self, errors: impl IntoIterator<Item = SendError>) {
        self.refusals.lock().unwrap().extend(errors);
    }

    /// From now on the chat does not say who anybody is.
    pub(crate) fn fall_silent(&self, silent: bool) {
        *self.silent.lock().unwrap() = silent;
    }

    /// Everything that was ever sent, as it reads now.
    pub(crate) fn everything(&self) -> Vec<(Target, Message)> {
        self.sent.lock().unwrap().clone()
    }
}

fn place_of(target: &Target) -> String {
    match target {
        Target::Channel(channel) => channel.clone(),
        Target::Direct(account) => account.to_string(),
    }
}

impl Messenger for Chat {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Answer<Receipt>> {
        if let Some(error) = self.refusals.lock().unwrap().pop_front() {
            return Box::pin(std::future::ready(Err(error)));
        }
        let mut sent = self.sent.lock().unwrap();
        let place = place_of(target);
        self.unheard.lock().unwrap().entry(place.clone()).or_default().push_back(sent.len());
        let receipt = Receipt { platform: "browser".into(), channel: place, message: sent.len().to_string() };
        sent.push((target.clone(), message.clone()));
        Box::pin(std::future::ready(Ok(receipt)))
    }

    fn edit<'a>(&'a self, receipt: &'a Receipt, message: &'a Message) -> BoxFuture<'a, Answer<()>> {
        let index: usize = receipt.message.parse().unwrap();
        self.sent.lock().unwrap()[index].1 = message.clone();
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Roster for Chat {
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        let silent = *self.silent.lock().unwrap();
        let standing = self.standings.lock().unwrap().get(account).cloned().filter(|_| !silent);
        Box::pin(std::future::ready(standing))
    }
}

/// The client's time in a story: a pause is over as soon as it begins.
#[derive(Default)]
struct Hasty(AtomicI64);

impl steward::claude::Time for Hasty {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        self.0.fetch_add(i64::try_from(pause.as_millis()).unwrap(), Ordering::SeqCst);
        Box::pin(std::future::ready(()))
    }
}

/// What differs from one stage to the next.
pub(crate) struct Setting {
    /// The database.
    pub(crate) engine: Engine,
    /// Policies of the configuration.
    pub(crate) policies: Vec<PolicyRule>,
    /// Where cards go.
    pub(crate) approvers_channel: Option<String>,
    /// The organization; the seeded one if none is given.
    pub(crate) organization: Option<Organization>,
}

impl Setting {
    /// The usual one.
    pub(crate) fn on(engine: Engine) -> Self {
        Self { engine, policies: Vec::new(), approvers_channel: Some("browser:approvals".into()), organization: None }
    }
}

/// Everything a story plays on. Call [`Stage::close`] at its end.
pub(crate) struct Stage {
    /// The house.
    pub(crate) house: House,
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
    acts: AtomicU64,
    closed: bool,
}

impl Stage {
    /// The seeded organization, everybody linked, the directory read.
    pub(crate) async fn open(engine: Engine) -> Self {
        Self::set(Setting::on(engine)).await
    }

    /// The same, set otherwise.
    pub(crate) async fn set(setting: Setting) -> Self {
        let clock = Clock::standing(BEGIN.parse().unwrap());
        let organization = setting.organization.unwrap_or_else(|| Organization::seeded(7, clock.clone()));
        organization.lift_rate_limit();
        let upstream = serve(&organization).await;
        let chat = Arc::new(Chat::default());
        let database = Database::fresh(setting.engine).await;
        let store = open_store(&database.url).await;
        store.migrate().await.unwrap();
        let rules = rules(setting.policies, setting.approvers_channel);
        let parts = HouseParts {
            store,
            upstream,
            key: organization.admin_key(),
            rules,
            chat: Arc::clone(&chat),
            clock: clock.clone(),
            seed: 1,
        };
        let house = build(parts).await;
        let stage =
            Self { house, organization, chat, clock, database, upstream, acts: AtomicU64::new(0), closed: false };
        stage.seat_everybody().await;
        stage.settle().await;
        stage
    }

    async fn seat_everybody(&self) {
        let group = |id: &str| match id {
            "ada" | "grace" => vec!["browser-group:admins".to_owned()],
            "finn" => vec!["browser-group:finance".to_owned()],
            _ => Vec::new(),
        };
        for player in self.organization.cast() {
            let account = Account::browser(&player.id);
            let standing = Standing {
                kind: Kind::Person,
                name: player.name.clone(),
                email: Some(player.email.clone()),
                groups: group(&player.id),
            };
            self.chat.standings.lock().unwrap().insert(account.clone(), standing);
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
    pub(crate) fn person<'a>(&'a self, id: &str) -> Actor<'a> {
        Actor { stage: self, account: Account::browser(id) }
    }

    /// Several of them.
    pub(crate) fn cast<const N: usize>(&self, ids: [&str; N]) -> [Actor<'_>; N] {
        ids.map(|id| self.person(id))
    }

    /// Does everything that is due now.
    pub(crate) async fn settle(&self) {
        self.house.settle().await.unwrap_or_else(|failure| panic!("{}", failure.logged()));
    }

    /// Moves the clock, stopping at everything that becomes due in between.
    pub(crate) async fn advance(&self, hours: i64) {
        let target = moment(self.clock.now().as_millisecond() + hours * 3_600_000);
        self.settle().await;
        for _ in 0..1_000 {
            let now = self.clock.now();
            let Some(due) = self.house.next_due().await.unwrap().filter(|due| *due <= target) else { break };
            self.clock.advance_to(due.max(moment(now.as_millisecond() + 1)));
            self.settle().await;
        }
        self.clock.advance_to(target);
        self.settle().await;
    }

    /// The next message in a channel that nobody has heard yet.
    pub(crate) async fn next_in(&self, channel: &str) -> Shown {
        self.settle().await;
        self.heard(&format!("browser:{channel}"))
    }

    fn heard(&self, place: &str) -> Shown {
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
        change(self.chat.standings.lock().unwrap().get_mut(&Account::browser(id)).unwrap());
    }

    /// The actions in the audit trail about changes and links, oldest first, with who did them.
    pub(crate) async fn trail(&self) -> Vec<String> {
        let wanted = steward::store::Trail { after_seq: Some(0), limit: 100_000, ..Default::default() };
        let entries = self.house.store.trail(&wanted).await.unwrap();
        let told = entries.iter().filter(|it| !it.action.starts_with("query."));
        told.map(|it| format!("{} by {}", it.action, it.actor.trim_start_matches("browser:"))).collect()
    }

    /// How often a call was applied by the organization.
    pub(crate) fn applied(&self, method: &str, path: &str) -> usize {
        self.organization.applied(method, path)
    }

    /// Ends the story: nothing may be left unsent, open, unheard or broken.
    pub(crate) async fn close(mut self) {
        self.closed = true;
        self.settle().await;
        let store = &self.house.store;
        assert_eq!(store.outbox_depth().await.unwrap(), (0, 0), "messages (waiting, undeliverable)");
        assert_eq!(store.invocations().await.unwrap().0, 0, "open invocations");
        let unheard: Vec<_> = self
            .chat
            .unheard
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, it)| !it.is_empty())
            .map(|(place, it)| (place.clone(), it.len()))
            .collect();
        assert!(unheard.is_empty(), "unheard messages: {unheard:?}");
        self.check_invariants().await;
        store.close().await;
    }

    /// What must hold at any moment: the trail is whole, and nobody was invited twice.
    pub(crate) async fn check_invariants(&self) {
        let checked = self.house.store.verify_audit().await.unwrap();
        assert_eq!(checked.broken, None, "the trail");
        let mut open: Vec<String> = self
            .organization
            .invites()
            .iter()
            .filter(|it| it.status(self.clock.now()).as_str() == "pending")
            .map(|it| it.email.clone())
            .collect();
        let all = open.len();
        open.sort();
        open.dedup();
        assert_eq!(open.len(), all, "somebody was invited twice");
    }

    /// Ends a story in the middle on purpose, such as one whose house was killed: only the invariants are looked at.
    pub(crate) async fn leave(mut self) {
        self.closed = true;
        self.check_invariants().await;
        self.house.store.close().await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        assert!(self.closed || std::thread::panicking(), "a story must end with `stage.close()`");
    }
}

/// Opens a store with the key that all stories use.
pub(crate) async fn open_store(url: &str) -> Store {
    Store::open(url, &MasterKey::generate(&Random::seeded(99))).await.unwrap()
}

/// Serves the organization on a loopback port of its own.
pub(crate) async fn serve(organization: &Organization) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().nest("/anthropic", organization.admin_api());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// The rules of a story.
pub(crate) fn rules(policies: Vec<PolicyRule>, approvers_channel: Option<String>) -> Rules {
    let group = |group: &str, role| RoleMapEntry {
        from: RoleMapFrom::Group(format!("browser-group:{group}")),
        role,
        workspace: None,
    };
    Rules {
        command: "/claude".into(),
        time_zone: "UTC".into(),
        verified_domains: vec!["example.com".into()],
        role_map: RoleMap {
            first_admins: vec![Account::browser("ada")],
            entries: vec![group("admins", Role::Admin), group("finance", Role::Billing)],
            custom: BTreeMap::new(),
        },
        policies,
        approvers_channel,
        remind_after: Duration::from_hours(2),
        expire_after: Duration::from_hours(72),
        pending_per_person: 100_000,
    }
}

/// What a house of a story is made of.
pub(crate) struct HouseParts {
    /// The database, migrated.
    pub(crate) store: Store,
    /// Where the organization answers.
    pub(crate) upstream: SocketAddr,
    /// Its admin key.
    pub(crate) key: String,
    /// The rules.
    pub(crate) rules: Rules,
    /// The chat.
    pub(crate) chat: Arc<Chat>,
    /// The time.
    pub(crate) clock: Clock,
    /// The seed of ids.
    pub(crate) seed: u64,
}

/// Builds a house.
pub(crate) async fn build(parts: HouseParts) -> House {
    let mut claude = steward::claude::Settings::new(parts.key.into(), 1);
    claude.base_url = format!("http://{}/anthropic", parts.upstream);
    claude.budget_per_minute = 1_000_000;
    claude.total_timeout = Duration::from_secs(2);
    let plan = Plan {
        store: parts.store,
        claude,
        time: Arc::new(Hasty::default()),
        rules: parts.rules,
        roster: Arc::clone(&parts.chat) as _,
        messengers: Messengers::default().with(Platform::Browser, parts.chat),
        clock: parts.clock,
        random: Random::seeded(parts.seed),
    };
    House::build(plan).await.unwrap()
}

/// Somebody who acts in a story.
pub(crate) struct Actor<'a> {
    stage: &'a Stage,
    /// Their account.
    pub(crate) account: Account,
}

impl Actor<'_> {
    /// Says something to the bot and hears the answer.
    pub(crate) async fn says(&self, text: &str) -> Shown {
        let words =
            steward::command::split(text.strip_prefix("/claude").expect("people speak to the bot with /claude"));
        self.does(Said::Command(words)).await
    }

    /// Presses a button of a message.
    pub(crate) async fn presses(&self, shown: &Shown, label: &str) -> Shown {
        let token = shown.button(label).token.clone().expect("a button without a token cannot be pressed");
        self.does(Said::Press(token)).await
    }

    /// Fills in the form that an answer opened.
    pub(crate) async fn submits(&self, form: &steward::chat::Form, entered: &[(&str, &str)]) -> Shown {
        let entered = entered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.does(Said::Form(form.token.clone().expect("a form that was not stored cannot be sent"), entered)).await
    }

    /// Does anything, and hears the answer as a message.
    pub(crate) async fn does(&self, said: Said) -> Shown {
        match self.reply(said).await.says {
            Says::Message(message) => Shown { message, index: None },
            Says::Home(home) => {
                let mut whole = Message::plain("");
                for section in home.sections {
                    whole.blocks.push(Block::Paragraph(section.text.clone()));
                    whole.blocks.extend(section.blocks.iter().cloned());
                    whole.buttons.extend(section.buttons.iter().cloned());
                }
                Shown { message: whole, index: None }
            }
            other => panic!("that was no message: {other:?}"),
        }
    }

    /// Does anything, and hears whatever comes back.
    pub(crate) async fn reply(&self, said: Said) -> Reply {
        let invocation = self.invocation(said);
        match self.stage.house.dispatch.greet(&invocation) {
            Greeting::Answer(message) => {
                Reply { audience: steward::chat::Audience::Asker, says: Says::Message(message) }
            }
            Greeting::Wait(_) | Greeting::Open(_) => self.stage.house.dispatch.serve(invocation).await,
        }
    }

    /// The form that something opens.
    pub(crate) async fn opens(&self, text: &str) -> steward::chat::Form {
        let words = steward::command::split(text.strip_prefix("/claude").unwrap());
        match self.reply(Said::Command(words)).await.says {
            Says::Form(form) => *form,
            other => panic!("that was no form: {other:?}"),
        }
    }

    /// An invocation of its own.
    pub(crate) fn invocation(&self, said: Said) -> Invocation {
        let number = self.stage.acts.fetch_add(1, Ordering::SeqCst);
        self.delivered(InvocationId::single(format!("act-{number}")), said)
    }

    /// An invocation with this id.
    pub(crate) fn delivered(&self, id: InvocationId, said: Said) -> Invocation {
        Invocation {
            id,
            who: self.account.clone(),
            standing: self.stage.chat.standings.lock().unwrap().get(&self.account).cloned().unwrap_or_default(),
            place: Place { channel: "browser:general".into(), direct: false },
            said,
            at: self.stage.clock.now(),
        }
    }

    /// The next direct message that they have not heard yet.
    pub(crate) async fn was_told(&self) -> Shown {
        self.stage.settle().await;
        self.stage.heard(&self.account.to_string())
    }

    /// True if a direct message waits for them.
    pub(crate) async fn has_news(&self) -> bool {
        self.stage.settle().await;
        self.stage.chat.unheard.lock().unwrap().get(&self.account.to_string()).is_some_and(|it| !it.is_empty())
    }
}

/// A message as somebody sees it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// The message.
    pub(crate) message: Message,
    index: Option<usize>,
}

impl Shown {
    /// All its words, a line each; buttons in brackets.
    pub(crate) fn reads(&self) -> String {
        let mut lines = vec![self.message.text.to_plain()];
        if let Some(badge) = &self.message.badge {
            lines[0] = format!("{} ({})", lines[0], badge.label);
        }
        for block in &self.message.blocks {
            match block {
                Block::Paragraph(text) => lines.push(text.to_plain()),
                Block::Heading(text) | Block::Code(text) => lines.push(text.clone()),
                Block::Fields(fields) => {
                    lines.extend(fields.iter().map(|(name, value)| format!("{name}: {}", value.to_plain())));
                }
                Block::Table(table) => {
                    lines.push(table.columns.join(" | "));
                    lines.extend(
                        table
                            .rows
                            .iter()
                            .map(|row| row.iter().map(steward::chat::Text::to_plain).collect::<Vec<_>>().join(" | ")),
                    );
                }
                Block::Chart(chart) => lines.push(chart.to_plain()),
                Block::Secret(_) => lines.push("(a secret)".into()),
                Block::Buttons(buttons) => lines.push(labels(buttons)),
            }
        }
        if let Some(hint) = &self.message.hint {
            lines.push(hint.to_plain());
        }
        if !self.message.buttons.is_empty() {
            lines.push(labels(&self.message.buttons));
        }
        lines.join("\n")
    }

    /// One of its buttons.
    pub(crate) fn button(&self, label: &str) -> &Button {
        let inner = self
            .message
            .blocks
            .iter()
            .filter_map(|block| if let Block::Buttons(buttons) = block { Some(buttons.iter()) } else { None });
        let mut all = inner.flatten().chain(&self.message.buttons);
        all.find(|it| it.label == label).unwrap_or_else(|| panic!("no button {label} on:\n{}", self.reads()))
    }

    /// The id of the request that it is about.
    pub(crate) fn request(&self) -> String {
        let fields = self
            .message
            .blocks
            .iter()
            .filter_map(|block| if let Block::Fields(fields) = block { Some(fields.iter()) } else { None });
        let id = fields.flatten().find(|(name, _)| name == "Request").map(|(_, value)| value.to_plain());
        id.unwrap_or_else(|| panic!("no request on:\n{}", self.reads()))
    }
}

fn labels(buttons: &[Button]) -> String {
    buttons.iter().map(|it| format!("[{}]", it.label)).collect::<Vec<_>>().join(" ")
}

/// A moment of the story.
pub(crate) fn at(text: &str) -> Moment {
    text.parse().unwrap()
}
