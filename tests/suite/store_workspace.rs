//! Workspaces of the local copy: found by id and name, listed with what is in them, and since when people are there.

use steward::clock::Moment;
use steward::store::{ApiKeyRow, KeysOf, MemberRow, MembershipRow, Pass, Resource, Store, WorkspaceRow};

use crate::bench::engines;
use crate::store_ground::{Ground, at};

fn workspace(id: &str, name: &str, made: i64, archived: Option<i64>) -> WorkspaceRow {
    WorkspaceRow { id: id.into(), name: name.into(), created_at: at(made), archived_at: archived.map(at) }
}

fn member(id: &str, name: &str) -> MemberRow {
    MemberRow {
        id: id.into(),
        email: format!("{}@example.com", name.to_lowercase()),
        name: name.into(),
        role: "developer".into(),
        added_at: at(0),
    }
}

fn place(user: &str, role: &str) -> MembershipRow {
    MembershipRow { workspace_id: "wrkspc_1".into(), user_id: user.into(), workspace_role: role.into() }
}

fn key(id: &str, kind: &str, owner: Option<&str>, maker: Option<&str>) -> ApiKeyRow {
    ApiKeyRow {
        id: id.into(),
        name: id.replace("apikey_", "key "),
        status: "active".into(),
        kind: kind.into(),
        owner_id: owner.map(Into::into),
        workspace_id: Some("wrkspc_1".into()),
        created_by: maker.map(Into::into),
        hint: None,
        created_at: at(0),
        expires_at: None,
    }
}

async fn write(store: &Store, pass: Pass) {
    store.write_page(&pass, at(10)).await.unwrap();
}

#[tokio::test]
async fn a_workspace_is_found_by_id_and_by_name_whatever_its_capital_letters() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        assert_eq!(store.default_workspace().await.unwrap(), None, "{engine:?}");
        let rows = vec![
            workspace("wrkspc_1", "Straße ΟΔΟΣ", 1, None),
            workspace("wrkspc_2", "research", 2, Some(9)),
            workspace("wrkspc_3", "Research", 3, None),
            workspace("wrkspc_4", "RESEARCH", 4, None),
            workspace("wrkspc_5", "evals", 5, Some(9)),
            workspace("wrkspc_6", "Default", 6, None),
            workspace("wrkspc_7", "Default", 0, None),
            workspace("wrkspc_8", "default", -1, None),
        ];
        write(store, Pass::Workspaces(rows)).await;
        let named = async |name: &str| -> Vec<String> {
            store.workspaces_named(name).await.unwrap().into_iter().map(|it| it.id).collect()
        };
        let mut both = named(" rESEARCH ").await;
        both.sort();
        assert_eq!(both, ["wrkspc_3", "wrkspc_4"], "{engine:?}: the archived one is not meant while others are in use");
        assert_eq!(named("EVALS").await, ["wrkspc_5"], "{engine:?}: but is if there is no other");
        assert_eq!(named("straße οδος").await, ["wrkspc_1"], "{engine:?}");
        assert_eq!(named("rese").await, [] as [&str; 0], "{engine:?}: a name is whole");
        assert_eq!(named("%").await, [] as [&str; 0], "{engine:?}");
        assert_eq!(store.workspace("wrkspc_2").await.unwrap().unwrap().archived_at, Some(at(9)), "{engine:?}");
        assert_eq!(store.workspace("wrkspc_0").await.unwrap(), None, "{engine:?}");
        assert_eq!(
            store.default_workspace().await.unwrap().unwrap().id,
            "wrkspc_7",
            "{engine:?}: the oldest of the name"
        );

        store.workspace_gone("wrkspc_7", at(20)).await.unwrap();
        assert_eq!(store.workspace("wrkspc_7").await.unwrap(), None, "{engine:?}");
        assert_eq!(store.default_workspace().await.unwrap().unwrap().id, "wrkspc_6", "{engine:?}");
    }
}

#[tokio::test]
async fn workspaces_are_listed_with_what_is_in_them_page_by_page() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let rows =
            (1..=45).map(|it| workspace(&format!("wrkspc_{it}"), &format!("team {it:02}"), 0, (it > 40).then_some(9)));
        write(store, Pass::Workspaces(rows.collect())).await;
        write(store, Pass::Members(vec![member("user_1", "Ada"), member("user_2", "Bo")])).await;
        store.member_gone("user_2", at(11)).await.unwrap();
        let archived = ApiKeyRow { status: "archived".into(), ..key("apikey_2", "workspace", None, None) };
        write(store, Pass::ApiKeys(vec![key("apikey_1", "workspace", None, None), archived])).await;
        let places = ["user_1", "user_2", "user_3"].map(|it| place(it, "workspace_user"));
        store.write_memberships("wrkspc_1", &places, at(12)).await.unwrap();

        let first = store.listed_workspaces(false, 0, 20).await.unwrap();
        assert_eq!((first.rows.len(), first.total), (20, 40), "{engine:?}");
        let one = &first.rows[0];
        assert_eq!(
            (one.workspace.name.as_str(), one.members, one.keys),
            ("team 01", 2, 1),
            "{engine:?}: who left does not count"
        );
        assert_eq!(one.members_seen_at, Some(at(12)), "{engine:?}");
        assert_eq!((first.rows[1].members, first.rows[1].members_seen_at), (0, None), "{engine:?}");
        let last = store.listed_workspaces(true, 40, 20).await.unwrap();
        assert_eq!((last.rows.len(), last.total), (5, 45), "{engine:?}");
        assert!(last.rows.iter().all(|it| it.workspace.archived_at.is_some()), "{engine:?}");
        let behind = store.listed_workspaces(false, 60, 20).await.unwrap();
        assert_eq!((behind.rows.len(), behind.total), (0, 40), "{engine:?}: behind the last page");
        assert_eq!(store.members_seen_at("wrkspc_1").await.unwrap(), Some(at(12)), "{engine:?}");
        assert_eq!(store.members_seen_at("wrkspc_2").await.unwrap(), None, "{engine:?}");
        assert_eq!(store.members_seen_at("wrkspc_0").await.unwrap(), None, "{engine:?}");
    }
}

/// Whoever the first look finds was there before; whoever a later one finds came after the look before it.
#[tokio::test]
async fn since_when_somebody_is_there_is_known_for_whoever_came_later() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        write(store, Pass::Workspaces(vec![workspace("wrkspc_1", "research", 0, None)])).await;
        write(store, Pass::Members(vec![member("user_1", "Ada"), member("user_2", "Bo"), member("user_3", "Cy")]))
            .await;
        let looks = async |places: &[MembershipRow], seen: Moment| {
            store.write_memberships("wrkspc_1", places, seen).await.unwrap();
            let rows = store.workspace_members("wrkspc_1", 0, 100).await.unwrap().rows;
            let told =
                |it: steward::store::WorkspaceMemberRow| (it.name.unwrap_or(it.user_id), it.workspace_role, it.since);
            rows.into_iter().map(told).collect::<Vec<_>>()
        };
        let told = |name: &str, role: &str, since: Option<i64>| (name.to_owned(), role.to_owned(), since.map(at));
        assert_eq!(
            looks(&[place("user_1", "workspace_user")], at(10)).await,
            [told("Ada", "workspace_user", None)],
            "{engine:?}"
        );
        let both = [place("user_1", "workspace_admin"), place("user_2", "workspace_user")];
        assert_eq!(
            looks(&both, at(20)).await,
            [told("Ada", "workspace_admin", None), told("Bo", "workspace_user", Some(20))],
            "{engine:?}"
        );
        assert_eq!(looks(&both[1..], at(30)).await, [told("Bo", "workspace_user", Some(20))], "{engine:?}");
        assert_eq!(
            looks(&both, at(40)).await,
            [told("Ada", "workspace_admin", Some(40)), told("Bo", "workspace_user", Some(20))],
            "{engine:?}: whoever comes back is new"
        );
        let unknown = [place("user_9", "workspace_user")];
        assert_eq!(looks(&unknown, at(50)).await, [told("user_9", "workspace_user", Some(50))], "{engine:?}");
        assert_eq!(looks(&[], at(60)).await, [], "{engine:?}");
    }
}

#[tokio::test]
async fn keys_of_a_workspace_come_with_the_names_behind_them() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        write(store, Pass::Members(vec![member("user_1", "Ada"), member("user_2", "Bo")])).await;
        store.member_gone("user_2", at(11)).await.unwrap();
        let archived = ApiKeyRow { status: "archived".into(), ..key("apikey_9", "workspace", None, Some("user_1")) };
        let elsewhere = ApiKeyRow { workspace_id: Some("wrkspc_2".into()), ..key("apikey_8", "workspace", None, None) };
        let keys = vec![
            key("apikey_1", "personal", Some("user_1"), Some("user_1")),
            key("apikey_2", "workspace", None, Some("user_2")),
            key("apikey_3", "workspace", None, None),
            key("apikey_4", "service_account", Some("svac_1"), Some("user_1")),
            archived,
            elsewhere,
        ];
        write(store, Pass::ApiKeys(keys)).await;
        let told = async |whose: KeysOf<'_>, offset: i64| {
            let page = store.workspace_keys("wrkspc_1", whose, offset, 3).await.unwrap();
            let row = |it: &steward::store::WorkspaceKeyRow| {
                let name = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".into());
                format!("{}: {} {} {}", it.key.name, name(&it.owner), name(&it.maker), it.maker_left)
            };
            (page.rows.iter().map(row).collect::<Vec<_>>(), page.total)
        };
        let lines = |lines: &[&str]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            told(KeysOf::All, 0).await,
            (lines(&["key 1: Ada Ada false", "key 2: - Bo true", "key 3: - - false"]), 4),
            "{engine:?}"
        );
        assert_eq!(told(KeysOf::All, 3).await, (lines(&["key 4: - Ada false"]), 4), "{engine:?}");
        let own = (lines(&["key 1: Ada Ada false", "key 4: - Ada false"]), 2);
        assert_eq!(told(KeysOf::Member("user_1"), 0).await, own, "{engine:?}");
        for nobody in ["user_7", ""] {
            assert_eq!(told(KeysOf::Member(nobody), 0).await, (Vec::new(), 0), "{engine:?}");
        }
    }
}

/// A workspace that went and came back has nobody from before in it.
#[tokio::test]
async fn whoever_was_in_a_workspace_that_went_is_not_there_when_it_returns() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        write(store, Pass::Workspaces(vec![workspace("wrkspc_1", "research", 0, None)])).await;
        store.write_memberships("wrkspc_1", &[place("user_1", "workspace_user")], at(10)).await.unwrap();
        store.workspace_gone("wrkspc_1", at(20)).await.unwrap();
        assert_eq!(store.members_seen_at("wrkspc_1").await.unwrap(), None, "{engine:?}");
        store.end_pass(Resource::Memberships, at(20)).await.unwrap();
        write(store, Pass::Workspaces(vec![workspace("wrkspc_1", "research", 0, None)])).await;
        assert_eq!(store.workspace_members("wrkspc_1", 0, 10).await.unwrap().total, 0, "{engine:?}");
    }
}

/// A look at one member's place writes that place alone, and keeps the date of whoever was there.
#[tokio::test]
async fn one_place_is_written_without_the_others() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        write(store, Pass::Workspaces(vec![workspace("wrkspc_1", "research", 0, None)])).await;
        write(store, Pass::Members(vec![member("user_1", "Ada"), member("user_2", "Bo")])).await;
        store.write_memberships("wrkspc_1", &[place("user_1", "workspace_user")], at(10)).await.unwrap();
        let seat = ("wrkspc_1", "user_2");
        assert_eq!(store.workspace_role_of(seat.0, seat.1).await.unwrap(), None, "{engine:?}");
        store.write_seat(seat, Some("workspace_user"), at(20)).await.unwrap();
        store.write_seat(seat, Some("workspace_admin"), at(30)).await.unwrap();
        let role = store.workspace_role_of(seat.0, seat.1).await.unwrap();
        assert_eq!(role.as_deref(), Some("workspace_admin"), "{engine:?}");
        let rows = store.workspace_members("wrkspc_1", 0, 10).await.unwrap().rows;
        let since: Vec<_> = rows.into_iter().map(|it| (it.user_id, it.since)).collect();
        assert_eq!(since, [("user_1".into(), None), ("user_2".into(), Some(at(20)))], "{engine:?}");
        assert_eq!(store.members_seen_at("wrkspc_1").await.unwrap(), Some(at(10)), "{engine:?}: the list was not read");
        store.write_seat(seat, None, at(40)).await.unwrap();
        assert_eq!(store.workspace_role_of(seat.0, seat.1).await.unwrap(), None, "{engine:?}");
        assert_eq!(store.workspace_members("wrkspc_1", 0, 10).await.unwrap().total, 1, "{engine:?}");
    }
}
