//! The test language: people who say, press and hear, an organization that can misbehave, a clock that waits to be moved.
//!
//! Everything is real but the chat: the house, the database, the client, the simulated organization over HTTP. Nothing moves
//! by itself: jobs run and messages go out when a story calls [`Stage::settle`] or [`Stage::advance`].

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;
use sqlx::Connection as _;
use steward::chat::{
    Account, Answer, Block, Button, Greeting, Invocation, InvocationId, Kind, Message, Messenger, Place, Platform,
    Receipt, Reply, Roster, Said, Says, SendError, Standing, Target,
};
use steward::cli::house::{House, Outside, Plan};
use steward::clock::{Clock, Moment, moment};
use steward::domain::{LinkState, Person, PersonId, PolicyRule, Role, RoleMap, RoleMapEntry, RoleMapFrom, Rules};
use steward::job::Messengers;
use steward::random::Random;
use steward::sandbox::{Organization, Player};
use steward::seal::MasterKey;
use steward::store::{LinkRow, Store};
use tokio::net::TcpListener;

use crate::bench::{Database, Engine};

/// An inline snapshot that the same line meets again and again, such as on each engine.
macro_rules! assert_snapshot {
    ($value:expr, @$expected:literal) => {
        // What the value borrows from lives as long as a match does.
        match $value {
            value => insta::allow_duplicates! { insta::assert_snapshot!(value, @$expected) },
        }
    };
}
pub(crate) use assert_snapshot;

/// What the master key of all stories is made from.
pub(crate) const STAGE_SEED: u64 = 99;
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
    /// Somebody of the cast sits down: Ada and Grace in the group of admins, Finn in that of finance.
    pub(crate) fn seat(&self, player: &Player) {
        let groups = match player.id.as_str() {
            "ada" | "grace" => vec!["browser-group:admins".to_owned()],
            "finn" => vec!["browser-group:finance".to_owned()],
            _ => Vec::new(),
        };
        let (name, email) = (player.name.clone(), Some(player.email.clone()));
        let standing = Standing { kind: Kind::Person, name, email, groups };
        self.standings.lock().unwrap().insert(Account::browser(&player.id), standing);
    }

    /// What the chat says of somebody.
    pub(crate) fn standing_of(&self, account: &Account) -> Standing {
        self.standings.lock().unwrap().get(account).cloned().unwrap_or_default()
    }

    /// Nobody needs to hear what was sent so far.
    pub(crate) fn forget_unheard(&self) {
        self.unheard.lock().unwrap().clear();
    }

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

/// Every command that somebody reads can be typed as it stands there.
fn assert_complete(said: &impl std::fmt::Debug) {
    let said = format!("{said:?}");
    assert!(!said.contains("Command(\""), "a command left the house without its root: {said}");
}

impl Messenger for Chat {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Answer<Receipt>> {
        assert_complete(message);
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
        assert_complete(message);
        let index: usize = receipt.message.parse().unwrap();
        let gone = || SendError::Closed { code: "message_not_found".into() };
        let found = self.sent.lock().unwrap().get_mut(index).map(|it| it.1 = message.clone());
        Box::pin(std::future::ready(found.ok_or_else(gone)))
    }
}

impl Roster for Chat {
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        let silent = *self.silent.lock().unwrap();
        let standing = self.standings.lock().unwrap().get(account).cloned().filter(|_| !silent);
        Box::pin(std::future::ready(standing))
    }
}

/// The client's time in a story: the story's own, and a pause is over as soon as it begins.
struct Hasty {
    clock: Clock,
    slept_ms: AtomicI64,
}

impl Hasty {
    fn beside(clock: &Clock) -> Arc<Self> {
        Arc::new(Self { clock: clock.clone(), slept_ms: AtomicI64::new(0) })
    }
}

impl steward::claude::Time for Hasty {
    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond() + self.slept_ms.load(Ordering::SeqCst)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        self.slept_ms.fetch_add(i64::try_from(pause.as_millis()).unwrap(), Ordering::SeqCst);
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
    /// The admin key; the organization's own if none is given.
    pub(crate) key: Option<String>,
    /// How many requests of one person may wait.
    pub(crate) most_waiting: i64,
    /// More entries of the role map.
    pub(crate) roles: Vec<RoleMapEntry>,
    /// Where the audit trail is told outside the database.
    pub(crate) outside: Outside,
    /// Workspaces of the configuration.
    pub(crate) workspaces: Vec<steward::domain::Place>,
}

impl Setting {
    /// The usual one.
    pub(crate) fn on(engine: Engine) -> Self {
        Self {
            engine,
            policies: Vec::new(),
            approvers_channel: Some("browser:approvals".into()),
            organization: None,
            key: None,
            most_waiting: 100_000,
            roles: Vec::new(),
            outside: Outside::default(),
            workspaces: Vec::new(),
        }
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
    /// Stands between the house and the organization.
    pub(crate) meddler: Arc<Meddler>,
    rules: Rules,
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
        let meddler = Arc::new(Meddler::default());
        let upstream = serve(&organization, Arc::clone(&meddler)).await;
        let chat = Arc::new(Chat::default());
        let database = Database::fresh(setting.engine).await;
        let store = open_store(&database.url).await;
        store.migrate().await.unwrap();
        let mut rules = rules(setting.policies, setting.approvers_channel);
        rules.pending_per_person = setting.most_waiting;
        rules.role_map.entries.extend(setting.roles);
        rules.workspaces = setting.workspaces;
        let parts = HouseParts {
            store,
            upstream,
            key: setting.key.unwrap_or_else(|| organization.admin_key()),
            rules: rules.clone(),
            chat: Arc::clone(&chat),
            clock: clock.clone(),
            seed: 1,
        };
        let house = build_telling(parts, setting.outside).await;
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
        let parts = HouseParts {
            store: open_store(&self.database.url).await,
            upstream: self.upstream,
            key: self.organization.admin_key(),
            rules: self.rules.clone(),
            chat: Arc::clone(&self.chat),
            clock: self.clock.clone(),
            seed,
        };
        build_telling(parts, outside).await
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

    /// Moves the clock, as the sandbox's page does. Answers at how many moments it stopped on its way.
    pub(crate) async fn advance(&self, hours: i64) -> usize {
        let target = moment(self.clock.now().as_millisecond() + hours * 3_600_000);
        let pushed = self.house.push_to(target).await;
        pushed.unwrap_or_else(|failure| panic!("{}", failure.logged())).stops
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

    /// The client of somebody who works past Steward, as in the Console.
    pub(crate) fn console(&self) -> steward::claude::Writer {
        self.past_steward().1
    }

    /// What such a client sees.
    pub(crate) fn console_reader(&self) -> steward::claude::Reader {
        self.past_steward().0
    }

    fn past_steward(&self) -> (steward::claude::Reader, steward::claude::Writer) {
        let mut settings = steward::claude::Settings::new(self.organization.admin_key().into(), 2);
        settings.base_url = format!("http://{}/anthropic", self.upstream);
        steward::claude::connect(settings, Hasty::beside(&self.clock)).unwrap()
    }

    /// A member's id in the organization, by the name before the `@`.
    pub(crate) fn member_id(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        self.organization.members().into_iter().find(|it| it.email == email).expect("a member").id
    }

    /// A member's role in the organization; none if they are none.
    pub(crate) fn role_of(&self, name: &str) -> Option<&'static str> {
        let email = format!("{name}@example.com");
        self.organization.members().iter().find(|it| it.email == email).map(|it| it.role.as_str())
    }

    /// How many invitations to this address are open.
    pub(crate) fn open_invites(&self, email: &str) -> usize {
        let now = self.clock.now();
        let is_open = |it: &&steward::sandbox::Invite| it.email == email && it.status(now).as_str() == "pending";
        self.organization.invites().iter().filter(is_open).count()
    }

    /// Clicks on the newest mail to this address.
    pub(crate) fn accept_mail(&self, email: &str) {
        let mail = self.organization.mails().into_iter().rev().find(|it| it.to == email).expect("a mail");
        self.organization.accept_mail(&mail.id).unwrap();
    }

    /// A change as it stands.
    pub(crate) async fn change(&self, id: &str) -> steward::domain::Change {
        self.house.store.change(&id.parse().unwrap()).await.unwrap().expect("a change with this id")
    }

    /// The id of the newest request about this address, for answers that do not name it.
    pub(crate) async fn request_about(&self, email: &str) -> String {
        let all = self.house.store.requests(&steward::store::RequestFilter::All, 10_000).await.unwrap();
        all.into_iter().find(|it| it.asked.subject == email).expect("a request about this address").id.to_string()
    }

    /// The state of a change.
    pub(crate) async fn state(&self, id: &str) -> String {
        self.change(id).await.state.to_string()
    }

    /// Works on the database past Steward.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        let mut connection = sqlx::AnyConnection::connect(&self.database.url).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
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
    Store::open(url, &MasterKey::generate(&Random::seeded(STAGE_SEED))).await.unwrap()
}

/// What is done with an answer on its way back.
pub(crate) type Lie = Box<dyn FnOnce(Vec<u8>) -> Response + Send>;
/// What happens at a request, before (`false`) or after (`true`) the organization has seen it. Whoever answers `true`
/// before keeps it from the organization.
pub(crate) type Watch = Box<dyn FnMut(&str, bool) -> bool + Send>;

/// Stands between a house and the organization, and can lie.
#[derive(Default)]
pub(crate) struct Meddler {
    lies: Mutex<VecDeque<(String, Lie)>>,
    watch: Mutex<Option<Watch>>,
}

impl Meddler {
    /// The next request that begins like this, such as `POST /v1/organizations/invites`, is answered with a lie.
    pub(crate) fn lie(&self, about: &str, lie: Lie) {
        self.lies.lock().unwrap().push_back((about.to_owned(), lie));
    }

    /// Lies that nobody was told.
    pub(crate) fn forget_lies(&self) -> usize {
        self.lies.lock().unwrap().drain(..).count()
    }

    /// Has every request looked at.
    pub(crate) fn watch(&self, watch: Option<Watch>) {
        *self.watch.lock().unwrap() = watch;
    }

    fn seen(&self, what: &str, after: bool) -> bool {
        self.watch.lock().unwrap().as_mut().is_some_and(|watch| watch(what, after))
    }

    fn lie_about(&self, what: &str) -> Option<Lie> {
        let mut lies = self.lies.lock().unwrap();
        let at = lies.iter().position(|(about, _)| what.starts_with(about.as_str()))?;
        lies.remove(at).map(|(_, lie)| lie)
    }
}

async fn meddle(State(meddler): State<Arc<Meddler>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches("/anthropic").to_owned();
    let what = format!("{} {path}", request.method());
    if meddler.seen(&what, false) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let lie = meddler.lie_about(&what);
    let answer = next.run(request).await;
    meddler.seen(&what, true);
    match lie {
        None => answer,
        Some(lie) => lie(to_bytes(answer.into_body(), usize::MAX).await.unwrap_or_default().to_vec()),
    }
}

/// Serves the organization on a loopback port of its own.
pub(crate) async fn serve(organization: &Organization, meddler: Arc<Meddler>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = organization.admin_api().layer(from_fn_with_state(meddler, meddle));
    let router = axum::Router::new().nest("/anthropic", api);
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
        workspaces: Vec::new(),
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
    build_telling(parts, Outside::default()).await
}

/// Builds a house that tells its audit trail outside.
pub(crate) async fn build_telling(parts: HouseParts, outside: Outside) -> House {
    let mut claude = steward::claude::Settings::new(parts.key.into(), 1);
    claude.base_url = format!("http://{}/anthropic", parts.upstream);
    claude.budget_per_minute = 1_000_000;
    claude.total_timeout = Duration::from_secs(2);
    let plan = Plan {
        store: parts.store,
        claude,
        time: Hasty::beside(&parts.clock),
        rules: parts.rules,
        roster: Arc::clone(&parts.chat) as _,
        messengers: Messengers::default().with(Platform::Browser, parts.chat),
        outside,
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

    /// Fills in a form, and hears whatever comes back.
    pub(crate) async fn sends(&self, form: &steward::chat::Form, entered: &[(&str, &str)]) -> Says {
        let entered = entered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.reply(Said::Form(form.token.clone().expect("a form that was not stored cannot be sent"), entered))
            .await
            .says
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
        let greeting = self.stage.house.dispatch.greet(&invocation);
        assert_complete(&greeting);
        let reply = match greeting {
            Greeting::Answer(message) => {
                Reply { audience: steward::chat::Audience::Asker, says: Says::Message(message) }
            }
            Greeting::Wait(_) | Greeting::Open(_) => self.stage.house.dispatch.serve(invocation).await,
        };
        assert_complete(&reply.says);
        reply
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
            standing: self.stage.chat.standing_of(&self.account),
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

    /// The same, with ids that differ from run to run, or say nothing to a reader, made alike.
    pub(crate) fn told(&self) -> String {
        masked(&self.reads())
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

/// `C17-k3f9` becomes `C17-xxxx`, `user_01AbC…` becomes `user_…`.
pub(crate) fn masked(text: &str) -> String {
    let is_inside = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_inside(letter)).unwrap_or(rest.len());
        out.push_str(&masked_word(&rest[..end]));
        let gap = rest[end..].find(is_inside).unwrap_or(rest.len() - end);
        out.push_str(&rest[end..end + gap]);
        rest = &rest[end + gap..];
    }
    out
}

fn masked_word(word: &str) -> String {
    if let Some((number, digest)) = word.strip_prefix('C').and_then(|it| it.split_once('-'))
        && number.parse::<u32>().is_ok()
        && digest.len() == 4
    {
        return format!("C{number}-xxxx");
    }
    let named = ["user_", "invite_", "apikey_", "wrkspc_", "svac_", "req_"]
        .into_iter()
        .find(|it| word.len() > 16 && word.starts_with(it));
    named.map_or_else(|| word.to_owned(), |it| format!("{it}…"))
}

/// A moment of the story.
pub(crate) fn at(text: &str) -> Moment {
    text.parse().unwrap()
}
