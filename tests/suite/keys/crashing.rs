//! A house that is killed anywhere on a key's way: no key with two people, none lost, none left on that nobody has.

use std::collections::BTreeMap;

use steward::chat::{Said, Says, SecretHandle, VaultError};
use steward::clock::{Moment, moment};
use steward::sandbox::{Fault, Key, KeyStatus};
use steward::store::{Pass, RequestFilter, StockRow, StockState};

use super::{key_of, opened, put_into_stock, stock_places};
use crate::bench::{Engine, engines, is_full, measured};
use crate::crash::{HOLDS_OVER_MS, Kill, Work, Worked, Worker};
use crate::stage::{BEGIN, Setting, Stage};

const HOUR_MS: i64 = 3_600_000;
const OLD_MS: i64 = 20 * 24 * HOUR_MS;

/// The part of a key's way that a process dies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The request is approved: a key is claimed, renamed and offered.
    Issue,
    /// Its owner asks to see it: it is switched on and shown.
    Reveal,
    /// They have looked long enough: it is erased.
    Erase,
    /// They did not ask in time: it is archived and erased.
    Archive,
    /// It was switched on late, and they never came back: it is switched off and erased.
    Abandon,
}

impl Part {
    const ALL: [Self; 5] = [Self::Issue, Self::Reveal, Self::Erase, Self::Archive, Self::Abandon];

    /// Where a key stands at the end, here and in the organization.
    fn end(self) -> (StockState, KeyStatus) {
        match self {
            Self::Issue | Self::Reveal | Self::Erase => (StockState::Erased, KeyStatus::Active),
            Self::Archive => (StockState::Erased, KeyStatus::Archived),
            Self::Abandon => (StockState::Erased, KeyStatus::Inactive),
        }
    }
}

/// One stage, and how far its keys have come.
struct Run {
    stage: Stage,
    number: usize,
    /// Which end each key has come to, by id.
    ends: BTreeMap<String, Part>,
}

/// A key on its way.
struct Journey {
    /// The request.
    request: String,
    /// What the key is.
    secret: String,
    part: Part,
    kill: Kill,
}

impl Run {
    async fn on(engine: Engine) -> Self {
        let setting = Setting { workspaces: stock_places(), most_keys: 1_000_000, ..Setting::on(engine) };
        let stage = Stage::set(setting).await;
        stage.organization.bound_active_keys(100_000, 100_000);
        Self { stage, number: 0, ends: BTreeMap::new() }
    }

    /// Keys that nobody used for a month are switched off, which is another story.
    fn is_old(&self) -> bool {
        self.stage.clock.now() > moment(BEGIN.parse::<Moment>().unwrap().as_millisecond() + OLD_MS)
    }

    async fn ends(self) {
        let requests = self.stage.house.store.requests(&RequestFilter::All, 100_000).await.unwrap();
        assert!(requests.iter().all(|it| it.state.to_string() == "applied"), "every request came to its end");
        self.stage.chat.forget_unheard();
        // A child that was killed leaves what it had heard open; that is how it is found again.
        self.stage.leave().await;
    }

    fn passes(&self, ms: i64) {
        self.stage.clock.advance_to(moment(self.stage.clock.now().as_millisecond() + ms));
    }

    /// A process of its own does this part, unless it dies; then time passes, and the house that is left goes on.
    async fn apart(&self, on: &Journey, part: Part, work: Work) -> Option<Worked> {
        if on.part != part {
            return None;
        }
        let worker = Worker::start_on(&self.stage, work, self.number, (on.kill, "/api_keys")).await;
        let worked = worker.work(&self.stage).await;
        self.passes(HOLDS_OVER_MS);
        self.stage.settle().await;
        Some(worked)
    }

    /// A key from the stock to its end, where one part is done by a process that is killed.
    async fn one(&mut self, part: Part, kill: Kill) -> Worked {
        self.number += 1;
        let stage = &self.stage;
        let name = format!("k{}", self.number);
        let pool_name = format!("steward-stock-{name}");
        let secret = put_into_stock(&stage.house.store, &stage.organization, stage.clock.now(), &pool_name).await;
        // The copy knows it, as if it had been loaded by the pipeline.
        let key = stage.house.reader.api_key(&key_of(stage, &secret).id).await.unwrap();
        stage.house.store.write_page(&Pass::ApiKeys(vec![key.into()]), stage.clock.now()).await.unwrap();
        let asks = format!("/claude key request --workspace research --purpose load --name {name}");
        let request = stage.person("mira").says(&asks).await.request();
        stage.settle().await;
        let on = Journey { request, secret, part, kill };
        let mut worked = self.is_issued(&on).await;
        worked = match part {
            Part::Issue | Part::Reveal | Part::Erase => {
                let revealed = self.is_revealed(&on).await;
                let erased = self.is_erased(&on).await;
                worked.or(revealed).or(erased)
            }
            Part::Archive => self.is_archived(&on).await,
            Part::Abandon => self.is_abandoned(&on).await,
        };
        self.ends.insert(key_of(&self.stage, &on.secret).id, part);
        self.check(&on).await;
        self.stage.chat.forget_unheard();
        worked.expect("one part was done apart")
    }

    async fn row(&self, on: &Journey) -> StockRow {
        let number = self.stage.change(&on.request).await.id.number();
        self.stage.house.store.stock_of(number).await.unwrap().expect("a key was taken")
    }

    async fn is_issued(&self, on: &Journey) -> Option<Worked> {
        let said = format!("approve {}", on.request);
        let worked = self.apart(on, Part::Issue, Work::SaysWarm { who: "ada".into(), said }).await;
        if self.stage.state(&on.request).await == "waiting" {
            let answered = worked.as_ref().is_some_and(|it| it.answered);
            assert!(!answered, "{:?}: a decision that was answered is lost", on.kill);
            self.stage.person("ada").says(&format!("/claude approve {}", on.request)).await;
            self.stage.settle().await;
        }
        let row = self.row(on).await;
        assert_eq!(row.state, StockState::Offered, "{:?}", on.kill);
        let key = key_of(&self.stage, &on.secret);
        assert_eq!((&key.id, key.switched), (&row.key_id, KeyStatus::Inactive), "{:?}", on.kill);
        assert!(key.name.starts_with(&format!("k{} (steward ", self.number)), "{:?}: {}", on.kill, key.name);
        worked
    }

    async fn is_revealed(&self, on: &Journey) -> Option<Worked> {
        let said = format!("key reveal {}", on.request);
        let worked = self.apart(on, Part::Reveal, Work::Says { who: "mira".into(), said: said.clone() }).await;
        let [mira, jonas] = self.stage.cast(["mira", "jonas"]);
        let words = steward::command::split(&said);
        let Says::Secret(handle, _) = mira.reply(Said::Command(words)).await.says else {
            panic!("{:?}: it cannot be revealed any more", on.kill)
        };
        assert_eq!(key_of(&self.stage, &on.secret).switched, KeyStatus::Active, "{:?}: shown before it works", on.kill);
        // Whoever reports it as leaked is answered by the copy.
        let copied = self.stage.house.store.api_key(&self.row(on).await.key_id).await.unwrap().unwrap();
        assert_eq!(copied.status, "active", "{:?}: the copy does not know that it works", on.kill);
        assert_eq!(opened(&self.stage, &handle, &mira).await, Ok(on.secret.clone()), "{:?}", on.kill);
        assert_eq!(opened(&self.stage, &handle, &jonas).await, Err(VaultError::NotYours), "{:?}", on.kill);
        self.stage.settle().await;
        worked
    }

    /// What a process of its own leaves, another one finishes: the erasing is a job.
    async fn ends_apart(&self, on: &Journey, work: Work) -> Option<Worked> {
        let worked = self.apart(on, on.part, work).await;
        self.stage.settle().await;
        worked
    }

    async fn is_erased(&self, on: &Journey) -> Option<Worked> {
        self.passes(16 * 60_000);
        let worked = match on.part {
            Part::Erase => self.ends_apart(on, Work::Erases).await,
            _ => None,
        };
        self.stage.settle().await;
        let handle = SecretHandle(on.request.clone());
        let gone = opened(&self.stage, &handle, &self.stage.person("mira")).await;
        assert_eq!(gone, Err(VaultError::Gone), "{:?}", on.kill);
        worked
    }

    async fn is_archived(&self, on: &Journey) -> Option<Worked> {
        self.passes(25 * HOUR_MS);
        let number = self.stage.change(&on.request).await.id.number();
        self.ends_apart(on, Work::Applies { number }).await
    }

    async fn is_abandoned(&self, on: &Journey) -> Option<Worked> {
        let path = format!("POST /v1/organizations/api_keys/{}", key_of(&self.stage, &on.secret).id);
        self.stage.organization.misbehave(&path, Fault::Overloaded, 50);
        self.stage.person("mira").says(&format!("/claude key reveal {}", on.request)).await;
        self.stage.organization.misbehave(&path, Fault::Overloaded, 0);
        self.stage.advance(1).await;
        assert_eq!(key_of(&self.stage, &on.secret).switched, KeyStatus::Active, "{:?}", on.kill);
        self.passes(25 * HOUR_MS);
        self.ends_apart(on, Work::Erases).await
    }

    /// Of all keys that there ever were.
    async fn check(&self, on: &Journey) {
        let at = format!("{:?} in {:?}", on.kill, on.part);
        let change = self.stage.change(&on.request).await;
        assert_eq!(change.state.to_string(), "applied", "{at}: {:?}, again at {:?}", change.note, change.retry_at);
        let rows = self.stage.house.store.stock(&StockState::ALL).await.unwrap();
        let keys: BTreeMap<String, Key> =
            self.stage.organization.keys().into_iter().map(|it| (it.id.clone(), it)).collect();
        assert_eq!(rows.len(), self.number, "{at}: none is lost");
        let mut changes = BTreeMap::new();
        for row in &rows {
            let key = &keys[&row.key_id];
            let end = self.ends[&row.key_id].end();
            assert_eq!((row.state, key.switched), end, "{at}: {}", key.name);
            assert!(row.is_genuine, "{at}");
            assert_eq!(row.owner.as_ref().map(steward::domain::PersonId::as_str), Some("person_mira"), "{at}");
            assert_eq!(changes.insert(row.change.unwrap(), &row.key_id), None, "{at}: two keys for one request");
            let mark = format!("(steward {})", row.claim.as_ref().unwrap());
            assert_eq!(keys.values().filter(|it| it.name.contains(&mark)).count(), 1, "{at}: one name, one key");
            assert!(key.name.ends_with(&mark), "{at}: {}", key.name);
            let owner = self.stage.house.store.key_record(&row.key_id).await.unwrap().map(|it| it.owner);
            assert_eq!(owner, row.owner, "{at}");
            assert!(row.seen_at.is_some() || end.1 != KeyStatus::Active, "{at}: it works, and nobody has it");
        }
        assert_eq!(self.stage.house.store.verify_audit().await.unwrap().broken, None, "{at}");
    }
}

/// So many points of what a whole run was seen to do: after its statements, and before and behind its requests.
fn points(whole: &Worked, count: usize) -> Vec<Kill> {
    let aimed = (1..=whole.requests).flat_map(|nth| [Kill::Before(nth), Kill::Behind(nth)]);
    let all: Vec<Kill> = aimed.chain((1..=whole.statements).map(Kill::At)).collect();
    let count = count.min(all.len());
    (0..count).map(|it| all[it * all.len() / count]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_any_point_no_key_is_lost_doubled_or_left_on() {
    // All there are, which are more than three hundred in all.
    let each = if is_full() { usize::MAX } else { 3 };
    for engine in engines() {
        let mut run = Run::on(engine).await;
        let (mut kills, mut told) = (0_usize, Vec::new());
        for part in Part::ALL {
            let whole = run.one(part, Kill::Not).await;
            let points = points(&whole, each);
            told.push(format!("{part:?} {} of {}", points.len(), whole.statements + 2 * whole.requests));
            for kill in points {
                if run.is_old() {
                    run.ends().await;
                    run = Run::on(engine).await;
                }
                run.one(part, kill).await;
                kills += 1;
            }
        }
        eprintln!("{engine:?}: {}", told.join(", "));
        let bound = if is_full() { 300 } else { 5 * each };
        measured(&format!("kills on a key's way, none lost or doubled, {engine:?}"), kills, bound, kills >= bound);
        run.ends().await;
    }
}
