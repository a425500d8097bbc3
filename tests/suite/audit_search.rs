//! `/claude audit`: who did what, about whom or what, when; every filter alone and all together, in pages.

use steward::clock::moment;
use steward::store::{Act, Trail};

use crate::bench::engines;
use crate::stage::{Shown, Stage, assert_snapshot, masked};

/// A story with a few changes on three days.
async fn three_days(engine: crate::bench::Engine) -> Stage {
    let stage = Stage::open(engine).await;
    let [ada, mira, grace] = stage.cast(["ada", "mira", "grace"]);
    let asked = mira.says("/claude invite lea@example.com").await.request();
    stage.settle().await;
    ada.says(&format!("/claude approve {asked}")).await;
    day(&stage).await;
    ada.says("/claude member role jonas@example.com user").await;
    mira.says("/claude audit").await;
    day(&stage).await;
    grace.says("/claude invite tom@example.com").await;
    stage.settle().await;
    stage.chat.forget_unheard();
    stage
}

async fn day(stage: &Stage) {
    stage.settle().await;
    stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 86_400_000));
    stage.settle().await;
}

/// What and about what, a line each, without what says nothing to a reader.
fn lines(shown: &Shown) -> String {
    let rows = shown.reads();
    let rows = rows.lines().filter(|it| it.contains(" | ")).skip(1);
    rows.map(|row| masked(&row.split(" | ").skip(2).collect::<Vec<_>>().join(" "))).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_trail_is_searched_by_everything() {
    for engine in engines() {
        let stage = Box::pin(three_days(engine)).await;
        let ada = stage.person("ada");
        assert_snapshot!(lines(&ada.says("/claude audit --action invite").await), @r"
        steward invite.applied C3-xxxx
        steward invite.sending C3-xxxx
        steward invite.approved C3-xxxx
        browser:grace invite.asked C3-xxxx
        steward invite.applied C1-xxxx
        steward invite.sending C1-xxxx
        browser:ada invite.approved C1-xxxx
        browser:mira invite.asked C1-xxxx
        ");
        assert_snapshot!(lines(&ada.says("/claude audit --action approved").await), @r"
        steward invite.approved C3-xxxx
        steward member.role.approved C2-xxxx
        browser:ada invite.approved C1-xxxx
        ");
        assert_snapshot!(lines(&ada.says("/claude audit --action member.role.asked").await), @"browser:ada member.role.asked C2-xxxx");
        assert_snapshot!(lines(&ada.says("/claude audit --of mira@example.com").await), @r"
        browser:mira query.refused audit
        browser:mira invite.asked C1-xxxx
        ");
        assert_snapshot!(lines(&ada.says("/claude audit --of jonas@example.com --action applied").await), @"steward member.role.applied C2-xxxx");
        assert_snapshot!(lines(&ada.says("/claude audit --about jonas@example.com").await), @r"
        steward member.role.applied C2-xxxx
        steward member.role.sending C2-xxxx
        steward member.role.approved C2-xxxx
        browser:ada member.role.asked C2-xxxx
        ");
        let id = stage.request_about("lea@example.com").await;
        let by_id = lines(&ada.says(&format!("/claude audit --about {id}")).await);
        assert_eq!(by_id.lines().count(), 4, "{engine:?}: {by_id}");
        assert_eq!(lines(&ada.says("/claude audit --about C1").await), by_id, "the number alone names it, too");
        assert_eq!(lines(&ada.says("/claude audit --about lea@example.com").await), by_id, "and so does its subject");
        assert_snapshot!(lines(&ada.says("/claude audit --since 2026-12-02 --until 2026-12-02 --action asked").await), @"browser:ada member.role.asked C2-xxxx");
        assert_snapshot!(lines(&ada.says("/claude audit --of me --since 2026-12-02 --action asked").await), @"browser:ada member.role.asked C2-xxxx");
        assert_snapshot!(lines(&ada.says("/claude audit --of steward --until 2026-12-01 --action sending").await), @"steward invite.sending C1-xxxx");
        assert_snapshot!(ada.says("/claude audit --of grace@example.com --about jonas@example.com").await.told(), @r"
        No entry fits.
        As a file, at the command line: steward audit export --format=csv --of=grace@example.com --about=jonas@example.com.
        [Verify]
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_workspace_is_found_by_its_name_and_its_id() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let id = stage.organization.workspaces().into_iter().find(|it| it.name == "research").unwrap().id;
        let store = &stage.house.store;
        for (about, action) in
            [(id.as_str(), "workspace.made"), ("research", "workspace.named"), ("other", "workspace.made")]
        {
            let mut tx = store.begin().await.unwrap();
            let detail = serde_json::json!({});
            let act = Act { at: stage.clock.now(), actor: "steward", action, about, detail };
            store.append(&mut tx, &act).await.unwrap();
            store.commit(tx).await.unwrap();
        }
        for named in ["research", "RESEARCH", &id] {
            let found = lines(&stage.person("ada").says(&format!("/claude audit --about {named}")).await);
            assert_eq!(found.lines().count(), 2, "{engine:?} {named}: {found}");
        }
        stage.close().await;
    }
}

#[tokio::test]
async fn it_is_turned_page_by_page() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        for _ in 0..25 {
            ada.says("/claude whoami").await;
        }
        stage.settle().await;
        let first = ada.says("/claude audit --action query --limit 10").await;
        assert_eq!(lines(&first).lines().count(), 10);
        assert!(first.reads().starts_with("The newest 10 entries."));
        let second = ada.presses(&first, "Older").await;
        assert!(second.reads().starts_with("Entries 11 to 20, from the newest on."), "{}", second.reads());
        let third = ada.presses(&second, "Older").await;
        assert!(third.reads().starts_with("Entries 21 to 2"), "{}", third.reads());
        assert!(!third.reads().contains("[Older]") && third.reads().contains("[Newer]"));
        let numbers = |shown: &Shown| -> Vec<String> {
            let rows = shown.reads();
            rows.lines()
                .filter(|it| it.contains(" | "))
                .skip(1)
                .map(|it| it.split(" | ").next().unwrap().into())
                .collect()
        };
        let again = ada.presses(&third, "Newer").await;
        assert_eq!(numbers(&again).len(), 10);
        let json = ada.says("/claude audit --action query --limit 3 --page 2 --json").await.reads();
        let rows: serde_json::Value = serde_json::from_str(json.split_once('\n').unwrap().1).unwrap();
        assert_eq!(rows.as_array().unwrap().len(), 3);
        assert_snapshot!(ada.says("/claude audit --action nothing.like_it --page 3").await.told(), @r"
        There are no older entries that fit.
        As a file, at the command line: steward audit export --format=csv --action=nothing.like_it.
        [Newer] [Verify]
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_said() {
    let stage = Stage::open(crate::bench::Engine::Sqlite).await;
    let ada = stage.person("ada");
    assert_snapshot!(ada.says("/claude audit --of nobody@example.com").await.told(), @r"
    No entry fits.
    As a file, at the command line: steward audit export --format=csv --of=nobody@example.com.
    [Verify]
    ");
    assert_snapshot!(ada.says("/claude audit --of Nobody").await.told(), @r"
    No member goes by Nobody.
    Look for them with /claude member list --find ….
    ");
    assert_snapshot!(ada.says("/claude audit --action \"invite; drop\"").await.told(), @r"
    invite; drop will not do for --action: an action is written like invite.approved, invite or approved.
    For example: /claude audit --action invite.approved --until 2026-12-31
    ");
    assert_snapshot!(stage.person("mira").says("/claude audit --about lea@example.com").await.told(), @r"
    This needs the permission audit, which you do not have.
    Nothing was changed. /claude whoami shows what you may; an admin may do this.
    ");
    stage.close().await;
}

/// Two people with all names that there is room for, and signs that mean something to a database.
#[tokio::test]
async fn names_are_names_and_nothing_else() {
    for engine in engines() {
        let ground = crate::store_ground::Ground::new(engine).await;
        let store = &ground.store;
        for (turn, about) in (0_i64..).zip(["a_b", "axb", "a%b", "a'b", "a\"b", "", "invite"]) {
            let mut tx = store.begin().await.unwrap();
            let act =
                Act { at: moment(turn), actor: "steward", action: "invite.a_b", about, detail: serde_json::json!({}) };
            store.append(&mut tx, &act).await.unwrap();
            store.commit(tx).await.unwrap();
        }
        for name in ["a_b", "a%b", "a'b", "a\"b"] {
            let wanted = Trail { concerning: vec![name.into()], limit: 99, ..Trail::default() };
            let found = store.trail(&wanted).await.unwrap();
            assert_eq!(found.iter().map(|it| it.about.as_str()).collect::<Vec<_>>(), [name], "{engine:?}");
        }
        for (action, count) in
            [("invite", 7), ("a_b", 7), ("axb", 0), ("invite.a_b", 7), ("nvite", 0), ("invite.a", 0), ("b", 0)]
        {
            let wanted = Trail { action: Some(action.into()), limit: 99, ..Trail::default() };
            assert_eq!(store.trail(&wanted).await.unwrap().len(), count, "{engine:?} {action}");
        }
        let many: Vec<String> =
            (0..steward::store::MOST_NAMES).map(|it| format!("name{it}")).chain(["a_b".into()]).collect();
        let wanted = Trail { of: many.clone(), limit: 99, ..Trail::default() };
        assert_eq!(
            store.trail(&wanted).await.unwrap().len(),
            0,
            "{engine:?}: beyond the most, names are not looked for"
        );
        let wanted = Trail { of: many[1..].to_vec(), limit: 99, ..Trail::default() };
        assert_eq!(store.trail(&wanted).await.unwrap().len(), 1, "{engine:?}");
        let wanted =
            Trail { since: Some(moment(2)), until: Some(moment(4)), after_seq: Some(0), limit: 99, ..Trail::default() };
        let seqs: Vec<i64> = store.trail(&wanted).await.unwrap().iter().map(|it| it.seq).collect();
        assert_eq!(seqs, [3, 4], "{engine:?}: from the one on, up to and without the other");
    }
}
