//! A thousand deliveries in Slack, in good times and bad: each key is in the dialogs of its owner, and nowhere else.

use sqlx::Row as _;
use steward::clock::moment;
use steward::store::{StockState, Trail};

use super::remembering::{look_at_slack, offer, shown};
use super::scanning::Scan;
use crate::bench::{Engine, engines, is_full, measured};
use crate::canary::Log;
use crate::everywhere::town::Town;
use crate::fake::slack::Fault;
use crate::slack_company::Company;
use crate::slack_program::until;

/// How many keys lie in the stock at a time.
const AT_A_TIME: usize = 25;
/// Longer than anybody may look again.
const LOOKED_MS: i64 = 20 * 60_000;

/// Slack does not take the dialog of this key at first.
fn fails(number: usize) -> bool {
    number.is_multiple_of(4)
}

struct Office {
    town: Town,
    company: Company,
}

impl Office {
    async fn says(&self, line: &str) {
        let (fake, ada) = (&self.company.fake, &self.company.users["ada"]);
        let before = fake.ephemerals(ada).len();
        fake.says(ada, &self.company.general, line).await.acknowledged();
        until("it is answered", || fake.ephemerals(ada).len() > before).await;
    }

    /// Works until this is so.
    async fn works(&self, what: &str, is_so: impl Fn() -> bool) {
        for _ in 0..1_000 {
            self.town.settle().await;
            if is_so() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("never: {what}");
    }

    /// Ada gets a key, in whatever way this number has, and gives it back. Answers it.
    async fn delivers(&self, number: usize) -> String {
        let (fake, ada) = (&self.company.fake, &self.company.users["ada"]);
        self.says(&format!("/claude key request --workspace research --purpose load --name k{number}")).await;
        self.works("the key is offered", || offer(fake, ada, number).is_some()).await;
        let offer = offer(fake, ada, number).unwrap();
        if fails(number) {
            self.does_not_come(&offer, number).await;
        }
        fake.press(ada, &offer, "Reveal").await.acknowledged();
        until("the key is shown", || shown(fake, ada).is_some()).await;
        let key = shown(fake, ada).unwrap();
        fake.closes(ada).await;
        self.says(&format!("/claude key disable k{number}")).await;
        if number.is_multiple_of(5) {
            self.says(&format!("/claude key show k{number}")).await;
        }
        self.town.clock.advance_to(moment(self.town.clock.now().as_millisecond() + LOOKED_MS));
        self.town.settle().await;
        key
    }

    /// Slack does not take the dialog.
    async fn does_not_come(&self, offer: &str, number: usize) {
        let (fake, ada) = (&self.company.fake, &self.company.users["ada"]);
        let fault = match number / 4 % 4 {
            0 => Fault::Html,
            1 => Fault::Cut,
            2 => Fault::Status(500),
            _ => Fault::Says("not_found"),
        };
        fake.fault("views.update", fault, 1);
        fake.press(ada, offer, "Reveal").await.acknowledged();
        let says = || fake.views(ada).pop().unwrap_or_default().to_string().contains("could not be shown");
        until("that is said", says).await;
        fake.closes(ada).await;
    }
}

/// Everything that lies in the database, as it is stored.
#[expect(
    clippy::disallowed_methods,
    reason = "tables cannot be named by a placeholder; the database itself names them"
)]
pub(crate) async fn stored(url: &str, engine: Engine) -> Vec<(String, Vec<u8>)> {
    if engine == Engine::Sqlite {
        let path = url.trim_start_matches("sqlite://").to_owned();
        let files = ["", "-wal"].map(|ending| format!("{path}{ending}"));
        return files.into_iter().map(|it| (it.clone(), std::fs::read(&it).unwrap())).collect();
    }
    let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(url).await.unwrap();
    let tables = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    let mut all = Vec::new();
    for table in tables {
        let query = sqlx::AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} t"));
        let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
        let rows: Vec<String> = rows.iter().map(|row| row.try_get(0).unwrap()).collect();
        all.push((table, rows.join("\n").into_bytes()));
    }
    assert!(all.iter().any(|(table, rows)| table == "audit" && !rows.is_empty()), "the tables are read");
    all
}

#[tokio::test]
async fn a_delivered_key_is_in_the_dialogs_of_its_owner_alone() {
    let count = if is_full() { 1_000 } else { AT_A_TIME };
    for engine in engines() {
        let log = Log::default();
        let guards = log.listening();
        let (town, company) = Company::open(engine).await;
        let office = Office { town, company };
        let (mut all, mut logged) = (Vec::new(), 0);
        for from in (0..count).step_by(AT_A_TIME) {
            let mut secrets = Vec::new();
            for _ in 0..AT_A_TIME {
                secrets.push(office.town.stock().await);
            }
            let scan = Scan::of(secrets.iter().map(String::as_str));
            for number in from..from + AT_A_TIME {
                assert!(secrets.contains(&office.delivers(number).await), "{number}");
            }
            // The fake looks through all that it was ever told, again and again.
            look_at_slack(
                &scan,
                &office.company.fake,
                AT_A_TIME + (from..from + AT_A_TIME).filter(|it| fails(*it)).count(),
            );
            office.company.fake.forgets();
            let lines = log.taken();
            scan.is_not_in("the log", &lines);
            logged += lines.len();
            all.extend(secrets);
        }
        drop(guards);
        let Office { town, .. } = office;
        let scan = Scan::of(all.iter().map(String::as_str));
        for (place, bytes) in stored(&town.database.url, engine).await {
            scan.is_not_in(&place, &bytes);
        }
        let trail = town.house.store.trail(&Trail { limit: 1_000_000, ..Trail::default() }).await.unwrap();
        scan.is_not_in("the trail", format!("{trail:?}").as_bytes());
        let erased = town.house.store.stock(&[StockState::Erased]).await.unwrap();
        assert_eq!(erased.len(), count, "each was erased");
        assert!(logged > count * 1_000, "the log was listened to");
        measured(&format!("deliveries, each key in its dialog alone, {engine:?}"), count, count, true);
        town.close().await;
    }
}
