//! `/claude sync` in a company of 300: soon planned, made in rounds, and finished after any crash.

use std::time::{Duration, Instant};

use steward::chat::{Account, Kind, Standing};
use steward::clock::Clock;
use steward::domain::{LinkState, Person, PersonId, RoleMapFrom, WorkspaceMapEntry, WorkspaceRole};
use steward::sandbox::Organization;
use steward::store::LinkRow;

use crate::bench::{Engine, engines, is_full, measured};
use crate::stage::{BEGIN, Setting, Stage};

const GROUPS: usize = 40;
const WORKSPACES: usize = 25;

fn people() -> usize {
    if is_full() { 300 } else { 100 }
}

fn group(number: usize) -> String {
    format!("browser-group:g{}", number % GROUPS)
}

fn map() -> Vec<WorkspaceMapEntry> {
    let roles =
        [WorkspaceRole::WorkspaceUser, WorkspaceRole::WorkspaceDeveloper, WorkspaceRole::WorkspaceRestrictedDeveloper];
    let entry = |number: usize| WorkspaceMapEntry {
        from: RoleMapFrom::Group(group(number)),
        workspace: format!("team-{:04}", number % WORKSPACES),
        role: roles[number % 3],
    };
    (0..GROUPS).map(entry).collect()
}

/// People in 25 workspaces, each linked and in three of 40 groups; hardly any is where they belong.
async fn company(engine: Engine) -> Stage {
    let organization = Organization::filled(people(), WORKSPACES, 0, 5, Clock::standing(BEGIN.parse().unwrap()));
    let members = organization.members();
    let stage =
        Stage::set(Setting { workspace_map: map(), organization: Some(organization), ..Setting::on(engine) }).await;
    let mut standings = Vec::new();
    for (number, member) in members.iter().enumerate().skip(1) {
        let account = Account::browser(&format!("p{number}"));
        let person = Person {
            id: PersonId(format!("person_p{number}")),
            name: member.name.clone(),
            member_id: Some(member.id.clone()),
        };
        let link = LinkRow {
            account: account.clone(),
            state: LinkState::Active,
            email: Some(member.email.clone()),
            how: "stage".into(),
        };
        let store = &stage.house.store;
        let mut tx = store.begin().await.unwrap();
        assert!(store.create_person(&mut tx, &person, &link, stage.clock.now()).await.unwrap());
        store.commit(tx).await.unwrap();
        let groups = vec![group(number), group(number * 7), group(number * 13)];
        let standing = Standing { kind: Kind::Person, name: member.name.clone(), email: None, groups };
        stage.chat.stand(&account, &standing);
        standings.push((account, standing));
    }
    stage.house.store.write_standings(&standings, stage.clock.now()).await.unwrap();
    stage.house.sync.full().await.unwrap_or_else(|failure| panic!("{}", failure.logged()));
    while stage.house.sync.roll().await.unwrap_or_else(|failure| panic!("{}", failure.logged())) > 0 {}
    stage
}

#[tokio::test]
async fn a_company_is_planned_at_once_and_made_in_rounds() {
    for engine in engines() {
        let stage = company(engine).await;
        let ada = stage.person("ada");
        let mut times = Vec::new();
        let mut plan = None;
        for _ in 0..10 {
            let begun = Instant::now();
            plan = Some(ada.says("/claude sync").await);
            times.push(begun.elapsed());
        }
        times.sort();
        let slowest = times[9];
        // Unoptimized code is not what the bound speaks of: its value is told, and --full holds it to the bound.
        let is_kept = slowest < Duration::from_millis(300) || !is_full();
        let people = people();
        let told = format!("sync plan, {people} people, slowest of 10, {engine:?}, ms");
        measured(&told, slowest.as_millis(), 300, is_kept);
        let plan = plan.unwrap();
        let label = plan.message.buttons[0].label.clone();
        let moves: usize = label.strip_prefix("Do all ").unwrap().parse().unwrap();
        assert!(moves > people * 4 / 3, "{label}");

        let before = stage.organization.count_seen(|_| true);
        let answer = ada.presses(&plan, &label).await;
        assert!(answer.reads().contains("20 of"), "{}", answer.reads());
        let card = ada.was_told().await;
        assert!(card.reads().starts_with("Done: "), "{}", card.reads());
        let asked = stage.organization.count_seen(|_| true) - before;
        let most = moves + 120;
        measured(&format!("requests to make {moves} moves, {engine:?}"), asked, most, asked <= most);
        assert!(ada.was_told().await.reads().starts_with("Your request is done: "));
        assert!(ada.says("/claude sync").await.reads().starts_with("Nothing to do"), "all is as the map says");
        stage.close().await;
    }
}
