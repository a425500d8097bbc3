//! A house that dies in the middle of a `sync`: the next one finishes it, each membership once.

use std::collections::BTreeSet;
use std::time::Duration;

use steward::chat::{Account, Kind, Standing};
use steward::clock::{Clock, moment};
use steward::domain::{LinkState, Person, PersonId, RoleMapFrom, WorkspaceMapEntry, WorkspaceRole};
use steward::sandbox::Organization;
use steward::store::LinkRow;

use crate::bench::{Engine, engines, is_full, measured};
use crate::crash::{HOLDS_OVER_MS, Kill, Worker};
use crate::stage::{BEGIN, Setting, Stage};

/// Enough that no round makes them all.
const CREW: usize = 45;
const TEAM: &str = "team-0000";
/// The two looks at the workspace, and a request for each member.
const REQUESTS: usize = CREW + 2;

/// The map that the child knows, too.
pub(crate) fn crew() -> Vec<WorkspaceMapEntry> {
    let from = RoleMapFrom::Group("browser-group:crew".into());
    vec![WorkspaceMapEntry { from, workspace: TEAM.into(), role: WorkspaceRole::WorkspaceUser }]
}

struct Ship {
    stage: Stage,
    crew: Vec<(Account, String)>,
}

impl Ship {
    async fn launch(engine: Engine) -> Self {
        let organization = Organization::filled(240, 2, 0, 5, Clock::standing(BEGIN.parse().unwrap()));
        let users: Vec<_> = organization.members().into_iter().filter(|it| it.role.as_str() == "user").collect();
        let setting = Setting { workspace_map: crew(), organization: Some(organization), ..Setting::on(engine) };
        let stage = Stage::set(setting).await;
        let mut crew = Vec::new();
        for (number, member) in users.into_iter().take(CREW).enumerate() {
            let account = Account::browser(&format!("c{number}"));
            let id = PersonId(format!("person_c{number}"));
            let person = Person { id, name: member.name, member_id: Some(member.id.clone()) };
            let link = LinkRow { account: account.clone(), state: LinkState::Active, email: None, how: "stage".into() };
            let store = &stage.house.store;
            let mut tx = store.begin().await.unwrap();
            assert!(store.create_person(&mut tx, &person, &link, stage.clock.now()).await.unwrap());
            store.commit(tx).await.unwrap();
            crew.push((account, member.id));
        }
        assert_eq!(crew.len(), CREW);
        Self { stage, crew }
    }

    /// Everybody is in the group from now on, or nobody.
    async fn muster(&self, aboard: bool) {
        let groups: Vec<String> = aboard.then(|| "browser-group:crew".to_owned()).into_iter().collect();
        let standing = Standing { kind: Kind::Person, name: String::new(), email: None, groups };
        for (account, _) in &self.crew {
            self.stage.chat.stand(account, &standing);
        }
        let all: Vec<_> = self.crew.iter().map(|(account, _)| (account.clone(), standing.clone())).collect();
        self.stage.house.store.write_standings(&all, self.stage.clock.now()).await.unwrap();
    }

    fn aboard(&self) -> BTreeSet<String> {
        let team = self.stage.organization.workspaces().into_iter().find(|it| it.name == TEAM).unwrap().id;
        let all = self.stage.organization.workspace_members().into_iter().filter(|it| it.workspace_id == team);
        let crew: BTreeSet<&String> = self.crew.iter().map(|(_, user)| user).collect();
        all.map(|it| it.user_id).filter(|it| crew.contains(it)).collect()
    }

    fn changed(&self) -> usize {
        let path = "/v1/organizations/workspaces/";
        self.stage.applied("POST", path) + self.stage.applied("DELETE", path)
    }

    async fn mark(&self) -> String {
        let shown = self.stage.person("ada").says("/claude sync --json").await.reads();
        let plan: serde_json::Value = serde_json::from_str(shown.split_once('\n').unwrap().1).unwrap();
        plan["mark"].as_str().unwrap().to_owned()
    }

    /// One sync by a child that dies; then time passes, and the house that is left goes on.
    async fn one(&self, number: usize, kill: Kill) -> Duration {
        let aboard = number.is_multiple_of(2);
        self.muster(aboard).await;
        let before = self.changed();
        let said = format!("sync --apply {}", self.mark().await);
        let worked = Worker::start(&self.stage, &said, number, kill).await.work(&self.stage).await.long;
        self.stage.clock.advance_to(moment(self.stage.clock.now().as_millisecond() + HOLDS_OVER_MS));
        self.stage.settle().await;
        if self.changed() == before {
            // It died before there was a change: nothing happened, and it is asked for again.
            self.muster(aboard).await;
            let mark = self.mark().await;
            self.stage.person("ada").says(&format!("/claude sync --apply {mark}")).await;
            self.stage.settle().await;
        }
        let everybody = self.crew.iter().map(|(_, user)| user.clone()).collect();
        let newest = self.stage.house.store.requests(&steward::store::RequestFilter::All, 1).await.unwrap();
        let told = newest.first().map(|it| format!("{} {:?}", it.state, it.note)).unwrap_or_default();
        assert_eq!(self.aboard().len(), if aboard { CREW } else { 0 }, "{number} {kill:?}: {told}");
        assert_eq!(self.aboard(), if aboard { everybody } else { BTreeSet::new() }, "{number} {kill:?}");
        assert_eq!(self.changed() - before, CREW, "{number} {kill:?}: each once");
        assert_eq!(self.stage.house.store.verify_audit().await.unwrap().broken, None, "{kill:?}");
        worked
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_any_point_a_sync_is_finished_once() {
    let many = if is_full() { 50 } else { 3 };
    for engine in engines() {
        let ship = Ship::launch(engine).await;
        let whole = ship.one(0, Kill::Not).await;
        for number in 1..=many {
            let at = 1 + number * REQUESTS / (many + 1);
            let kill = match number % 3 {
                0 => Kill::After(whole.mul_f64(f64::from(u32::try_from(number).unwrap()) / 50.0)),
                1 => Kill::Before(at),
                _ => Kill::Behind(at),
            };
            ship.one(number, kill).await;
        }
        measured(&format!("kills of a sync, finished once, {engine:?}"), many, many, true);
        ship.stage.chat.forget_unheard();
        ship.stage.leave().await;
    }
}
