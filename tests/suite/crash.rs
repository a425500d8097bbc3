//! A house that dies in the middle of a change: the next one finishes it, once.

use std::io::{BufRead as _, Write as _};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use steward::chat::{Account, Invocation, InvocationId, Kind, Place, Said, Standing};
use steward::cli::house::House;
use steward::clock::{Clock, moment};
use steward::command::split;
use steward::domain::Rules;
use steward::sandbox::Organization;
use steward::store::Trail;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::bench::{engines, is_full};
use crate::crash_sync::crew;
use crate::keys::{issue_many, stock_places};
use crate::stage::{BEGIN, Chat, HouseParts, Stage, build, open_store, rules};

/// Tells a child what to do; absent in every other run of the test below.
const ORDERS: &str = "STEWARD_TEST_CHILD";
/// Requests of one approval that a kill is aimed at: two looks, the invitation, and the look at what it left.
const AIMED_AT: usize = 4;
/// Longer than any hold that a dead process can leave behind.
pub(crate) const HOLDS_OVER_MS: i64 = 200_000;

/// Not a test of its own: the process that the tests below start, let work on their database, and kill. They run this
/// very binary with this test's name and the orders in the environment; without orders there is nothing to do.
#[tokio::test]
async fn the_child() {
    let Ok(orders) = std::env::var(ORDERS) else { return };
    let orders: Value = serde_json::from_str(&orders).unwrap();
    let word = |name: &str| orders[name].as_str().unwrap().to_owned();
    let chat = Arc::new(Chat::default());
    for player in Organization::seeded(7, Clock::standing(BEGIN.parse().unwrap())).cast() {
        chat.seat(&player);
    }
    let clock = Clock::standing(moment(orders["now"].as_i64().unwrap()));
    let store = open_store(&word("database")).await;
    // The child's chat says of people what the parent's said last.
    for person in store.mapped_people().await.unwrap() {
        for account in person.accounts.iter().filter(|it| it.id().starts_with('c')) {
            let groups = person.groups.iter().cloned().collect();
            chat.stand(account, &Standing { kind: Kind::Person, groups, ..Standing::default() });
        }
    }
    let parts = HouseParts {
        store,
        upstream: word("upstream").parse().unwrap(),
        key: word("key"),
        rules: Rules {
            workspace_map: crew(),
            workspaces: stock_places(),
            keys_per_person: 1_000_000,
            ..rules(Vec::new(), Some("browser:approvals".into()))
        },
        chat: Arc::clone(&chat),
        clock: clock.clone(),
        seed: orders["seed"].as_u64().unwrap(),
        budget: None,
    };
    let house = build(parts).await;
    let work: Work = serde_json::from_value(orders["work"].clone()).unwrap();
    if matches!(work, Work::SaysWarm { .. } | Work::Issues { .. }) {
        house.settle().await.unwrap();
    }
    say("ready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    let counted = orders["dies_at"].as_u64().map(|at| Statements::count_to(usize::try_from(at).unwrap()));
    do_work(&house, &chat, &clock, (work, word("delivery"))).await;
    say("settled");
    if let Some(counted) = counted {
        say(&format!("statements {}", counted.load(Ordering::SeqCst)));
    }
}

/// What a child does.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) enum Work {
    /// Somebody says something; then everything is done that is due.
    Says { who: String, said: String },
    /// The same, by a process that has done everything that was due before.
    SaysWarm { who: String, said: String },
    /// The secrets whose time is over are erased.
    Erases,
    /// The change with this number goes on.
    Applies { number: i64 },
    /// Ada asks for so many keys, from this number on, several at a time.
    Issues { first: usize, count: usize, at_a_time: usize },
}

async fn do_work(house: &House, chat: &Chat, clock: &Clock, (work, delivery): (Work, String)) {
    match work {
        Work::Says { who, said } | Work::SaysWarm { who, said } => {
            let who = Account::browser(&who);
            let invocation = Invocation {
                id: InvocationId::single(delivery),
                standing: chat.standing_of(&who),
                who,
                place: Place { channel: "browser:general".into(), direct: false },
                said: Said::Command(split(&said)),
                at: clock.now(),
            };
            house.dispatch.serve(invocation).await;
            say("answered");
            house.settle().await.unwrap_or_else(|failure| panic!("{}", failure.logged()));
        }
        Work::Erases => {
            house.pipeline.erase_secrets().await.unwrap();
        }
        Work::Applies { number } => {
            house.pipeline.apply(number).await.unwrap();
        }
        Work::Issues { first, count, at_a_time } => {
            let ada = Account::browser("ada");
            let standing = chat.standing_of(&ada);
            issue_many(house, (&ada, standing), clock.now(), (first..first + count, at_a_time)).await;
            house.settle().await.unwrap();
        }
    }
}

/// Counts what this process asks the database, and dies right after a certain statement. What ends a transaction is not
/// counted, so a death comes just before a commit, or at the first thing that is asked after it.
struct Statements {
    seen: Arc<AtomicUsize>,
    dies_at: usize,
}

impl Statements {
    /// Zero: it only counts.
    fn count_to(dies_at: usize) -> Arc<AtomicUsize> {
        let seen = Arc::new(AtomicUsize::new(0));
        let layer = Self { seen: Arc::clone(&seen), dies_at };
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
        seen
    }
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.dies_at {
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::KILL).unwrap();
        }
    }
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nchild: {word}").unwrap();
    out.flush().unwrap();
}

/// When the child dies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kill {
    /// Never.
    Not,
    /// So long after it was told to go.
    After(Duration),
    /// As its request of this number arrives; the organization does not see it any more.
    Before(usize),
    /// As the organization has dealt with its request of this number, before it hears the answer.
    Behind(usize),
    /// Right after the database has done its statement of this number.
    At(usize),
}

/// What a child did before it ended.
pub(crate) struct Worked {
    /// Whether it had answered.
    pub(crate) answered: bool,
    /// How long it worked.
    pub(crate) long: Duration,
    /// How many requests came.
    pub(crate) requests: usize,
    /// What it asked the database, if it was not killed.
    pub(crate) statements: usize,
}

pub(crate) struct Worker {
    process: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    kill: Kill,
    aimed_at: &'static str,
}

impl Worker {
    /// Ada says something in a process of its own.
    pub(crate) async fn start(stage: &Stage, said: &str, number: usize, kill: Kill) -> Self {
        Self::start_on(stage, Work::Says { who: "ada".into(), said: said.into() }, number, (kill, "")).await
    }

    /// A process for this work. Requests are counted whose path holds `aimed_at`.
    pub(crate) async fn start_on(
        stage: &Stage,
        work: Work,
        number: usize,
        (kill, aimed_at): (Kill, &'static str),
    ) -> Self {
        let dies_at = match kill {
            Kill::Not => Some(0),
            Kill::At(nth) => Some(nth),
            _ => None,
        };
        let orders = json!({
            "database": stage.database.url, "upstream": stage.upstream.to_string(), "key": stage.organization.admin_key(),
            "now": stage.clock.now().as_millisecond(), "seed": 1_000 + number, "work": work, "delivery": format!("child-{number}"),
            "dies_at": dies_at,
        });
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::the_child", "--nocapture", "--test-threads=1"])
            .env(ORDERS, orders.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut worker = Self { process, input, lines, kill, aimed_at };
        assert!(worker.hears("ready").await, "the child did not get ready");
        worker
    }

    /// Waits for a word of the child; false if it ends without it.
    async fn hears(&mut self, word: &str) -> bool {
        let wanted = format!("child: {word}");
        let heard = async {
            while let Ok(Some(line)) = self.lines.next_line().await {
                if line == wanted {
                    return true;
                }
            }
            false
        };
        let patience = if is_full() { Duration::from_hours(2) } else { Duration::from_mins(1) };
        tokio::time::timeout(patience, heard).await.expect("the child hangs")
    }

    /// Waits for a word of the child with a number behind it.
    async fn hears_number(&mut self, word: &str) -> usize {
        let begins = format!("child: {word} ");
        while let Ok(Some(line)) = self.lines.next_line().await {
            if let Some(number) = line.strip_prefix(&begins) {
                return number.parse().unwrap();
            }
        }
        panic!("the child did not say its {word}")
    }

    /// Lets it go, and kills it when it is time.
    pub(crate) async fn work(mut self, stage: &Stage) -> Worked {
        let (kill, aimed_at) = (self.kill, self.aimed_at);
        let (reached, mut hit) = tokio::sync::mpsc::unbounded_channel();
        let (dead, is_dead) = std::sync::mpsc::channel();
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&requests);
        stage.meddler.watch(Some(Box::new(move |what, after| {
            if !what.contains(aimed_at) {
                return false;
            }
            let seen = seen.fetch_add(usize::from(!after), Ordering::SeqCst) + usize::from(!after);
            let now = match kill {
                Kill::Before(nth) => !after && seen == nth,
                Kill::Behind(nth) => after && seen == nth,
                _ => false,
            };
            if now && reached.send(()).is_ok() {
                // Nothing goes back before it is dead. Said to the runtime, whose other threads would otherwise leave every
                // socket alone meanwhile, that of the dead included.
                let _ = tokio::task::block_in_place(|| is_dead.recv_timeout(Duration::from_secs(10)));
            }
            now && !after
        })));
        let begun = Instant::now();
        self.input.write_all(b"go\n").await.unwrap();
        let mut statements = 0;
        match kill {
            Kill::Not => {
                assert!(self.hears("settled").await);
                statements = self.hears_number("statements").await;
            }
            // The moment itself is what is tested: it has to come from outside, at any point of the child's work.
            Kill::After(delay) => tokio::time::sleep(delay).await,
            Kill::Before(_) | Kill::Behind(_) => {
                tokio::time::timeout(Duration::from_mins(1), hit.recv()).await.expect("the request came");
            }
            Kill::At(_) => {
                tokio::time::timeout(Duration::from_mins(1), self.process.wait()).await.expect("it dies").unwrap();
            }
        }
        let long = begun.elapsed();
        self.process.kill().await.unwrap();
        let _ = dead.send(());
        stage.meddler.watch(None);
        let answered = matches!(kill, Kill::Not) || self.hears("answered").await;
        Worked { answered, long, requests: requests.load(Ordering::SeqCst), statements }
    }
}

/// One request, approved by a child that dies; then time passes, and the house that is left goes on.
async fn one(stage: &Stage, number: usize, kill: Kill) -> (Duration, bool) {
    let [ada, mira] = stage.cast(["ada", "mira"]);
    let email = format!("person{number}@example.com");
    let id = mira.says(&format!("/claude invite {email}")).await.request();
    stage.settle().await;
    let Worked { answered, long, .. } =
        Worker::start(stage, &format!("approve {id}"), number, kill).await.work(stage).await;

    stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + HOLDS_OVER_MS));
    stage.settle().await;
    let made = stage.open_invites(&email);
    let lost = match stage.state(&id).await.as_str() {
        "applied" => false,
        "waiting" => {
            assert!(!answered, "{kill:?}: a decision that was answered is lost");
            assert_eq!(made, 0, "{kill:?}: invited without a decision");
            ada.says(&format!("/claude approve {id}")).await;
            true
        }
        other => panic!("{kill:?}: {id} is {other}"),
    };
    assert_eq!(stage.state(&id).await, "applied", "{kill:?}");
    let invites = stage.organization.invites().iter().filter(|it| it.email == email).count();
    assert_eq!(invites, 1, "{kill:?}: invitations");
    let trail =
        stage.house.store.trail(&Trail { about: Some(id.clone()), limit: 100, ..Trail::default() }).await.unwrap();
    for step in ["invite.approved", "invite.applied"] {
        assert_eq!(trail.iter().filter(|it| it.action == step).count(), 1, "{kill:?}: {step}");
    }
    assert_eq!(stage.house.store.verify_audit().await.unwrap().broken, None, "{kill:?}");
    (long, lost)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_any_point_nothing_is_lost_or_doubled() {
    let many = if is_full() { 200 } else { 10 };
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let (whole, _) = one(&stage, 0, Kill::Not).await;
        let mut kills: Vec<Kill> = (1..=AIMED_AT).flat_map(|nth| [Kill::Before(nth), Kill::Behind(nth)]).collect();
        let timed = many - kills.len();
        kills.extend((0..timed).map(|at| {
            Kill::After(whole.mul_f64(f64::from(u32::try_from(at).unwrap()) / f64::from(u32::try_from(timed).unwrap())))
        }));
        let mut undecided = 0;
        for (number, kill) in (1..).zip(kills) {
            undecided += usize::from(one(&stage, number, kill).await.1);
        }
        assert_eq!(stage.applied("POST", "/v1/organizations/invites"), many + 1);
        assert!(undecided < many, "every child died before it had decided anything");
        eprintln!("{engine:?}: {many} kills within {whole:?}, {undecided} of them before the decision");
        stage.settle().await;
        stage.chat.forget_unheard();
        // A child that was killed leaves what it had heard open; that is how it is found again.
        stage.leave().await;
    }
}
