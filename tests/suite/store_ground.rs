//! What the tests of the store stand on: a migrated database, a way into it past the store, and plain values to write.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection, Executor};
use steward::chat::{Account, Kind as AccountKind, Standing};
use steward::clock::{Moment, moment};
use steward::domain::{Asked, Decided, Decision, Fact, Kind, PersonId, Plan, Step};
use steward::random::Random;
use steward::seal::MasterKey;
use steward::store::Store;

use crate::bench::{Database, Engine};

/// A store on a new database. The connections go before the database does.
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) database: Database,
}

impl Ground {
    /// A migrated, empty one.
    pub(crate) async fn new(engine: Engine) -> Self {
        let database = Database::migrated(engine).await;
        let store = Store::open(&database.url, &key()).await.expect("a new database can be opened");
        Self { store, database }
    }

    /// A connection past the store, for whoever edits what is not theirs.
    pub(crate) async fn raw(&self) -> AnyConnection {
        AnyConnection::connect(&self.database.url).await.expect("the database is there")
    }
}

/// The same master key for every store of a test, as replicas have it.
pub(crate) fn key() -> MasterKey {
    MasterKey::generate(&Random::seeded(11))
}

/// `seconds` after a day in December.
pub(crate) fn at(seconds: i64) -> Moment {
    moment(1_796_000_000_000 + seconds * 1_000)
}

/// One number that a statement answers with.
pub(crate) async fn number(from: &mut AnyConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(from).await.expect("it answers with a number")
}

/// Several statements without placeholders.
pub(crate) async fn run(on: &mut AnyConnection, sql: &'static str) {
    on.execute(sqlx::raw_sql(sql)).await.expect("the statements are fit for both engines");
}

/// All rows of a statement.
pub(crate) async fn rows(from: &mut AnyConnection, sql: &'static str) -> Vec<AnyRow> {
    sqlx::query(sql).fetch_all(from).await.expect("it answers with rows")
}

/// A request of `kind` about `subject`, that an admin has to agree to.
pub(crate) fn asked(kind: Kind, subject: &str) -> Asked {
    Asked {
        kind,
        subject: subject.to_owned(),
        body: format!(r#"{{"change":"invite","email":"{subject}","role":"developer"}}"#),
        plan: Plan {
            summary: format!("invite {subject} as developer"),
            steps: vec![Step {
                call: "POST /v1/organizations/invites".into(),
                does: format!("{subject} gets a mail"),
                exact: String::new(),
            }],
            before: vec![Fact::new("Member", "no")],
            after: vec![Fact::new("Open invitation", "as developer")],
            cost: None,
            undo: Some("withdraw it".into()),
        },
        decision: Decision::one_admin(),
        reason: Some("joins the evals team".into()),
        asked_by: PersonId("person_ada".into()),
        asker_account: Account::browser("ada"),
        asker_standing: person("ada"),
        for_person: Some(PersonId("person_lea".into())),
        asked_at: at(0),
        expires_at: at(3_600),
        remind_at: at(600),
        undoes: None,
    }
}

/// Somebody decides at `when`.
pub(crate) fn decided(who: &str, when: Moment) -> Decided {
    Decided { by: PersonId(format!("person_{who}")), account: Account::browser(who), at: when }
}

/// What the platform says of an ordinary person of the company.
pub(crate) fn person(name: &str) -> Standing {
    Standing { kind: AccountKind::Person, name: name.to_owned(), email: None, groups: Vec::new() }
}
