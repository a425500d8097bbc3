//! What rights come to: for accounts as the store knows them, and for each command. From the product page, section 2.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use steward::change::Asker;
use steward::chat::{Account, Kind, Standing};
use steward::command::workspace::Workspace;
use steward::command::{self, Command};
use steward::domain::{
    LinkState, MoneyRules, Need, Permission, Person, PersonId, Right, Rights, Role, RoleMap, RoleMapFrom, Rules,
};
use steward::store::LinkRow;

use crate::authorization::{ada, entry, holding, map};
use crate::bench::{Engine, engines};
use crate::store_ground::{Ground, at, person};

fn rules() -> Rules {
    Rules {
        command: "/claude".into(),
        time_zone: "UTC".into(),
        verified_domains: vec!["example.com".into()],
        role_map: RoleMap {
            first_admins: vec![ada()],
            ..map(vec![entry(RoleMapFrom::ClaudeRole("billing".into()), "billing", None)])
        },
        policies: Vec::new(),
        workspace_map: Vec::new(),
        workspaces: Vec::new(),
        approvers_channel: None,
        remind_after: Duration::from_mins(30),
        expire_after: Duration::from_hours(72),
        pending_per_person: 5,
        keys_per_person: 3,
        thresholds: vec![50, 80, 100],
        limits: Vec::new(),
        money: MoneyRules::default(),
    }
}

/// A link that is held back takes every right, also those that the configuration gives to the account itself.
#[tokio::test]
async fn a_link_gives_rights_only_while_it_is_active() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let meet =
            async |account: &Account| Asker::meet(&ground.store, &rules(), account, person("x"), at(0)).await.unwrap();
        let bo = Account::slack("T01", "UBO");
        for (account, state) in [(&ada(), LinkState::Active), (&bo, LinkState::Proposed)] {
            let id = format!("person_{}", account.id());
            let mut tx = ground.store.begin().await.unwrap();
            let new = Person { id: PersonId(id), name: "x".into(), member_id: None };
            let link = LinkRow { account: account.clone(), state, email: None, how: "email".into() };
            assert!(ground.store.create_person(&mut tx, &new, &link, at(0)).await.unwrap());
            ground.store.commit(tx).await.unwrap();
        }
        assert!(meet(&ada()).await.rights.has(&Role::Admin), "{engine:?}");
        let proposed = meet(&bo).await;
        assert!(!proposed.linked && !proposed.rights.any(), "{engine:?}: a proposed link gives nothing");
        let mut tx = ground.store.begin().await.unwrap();
        assert!(ground.store.suspend_link(&mut tx, &ada()).await.unwrap());
        assert!(ground.store.settle_link(&mut tx, &bo, Some("user_bo")).await.unwrap());
        ground.store.commit(tx).await.unwrap();
        let suspended = meet(&ada()).await;
        assert!(!suspended.linked && !suspended.rights.any(), "{engine:?}: a first admin, too");
        assert!(meet(&bo).await.rights.has(&Role::Member), "{engine:?}");
        assert!(!meet(&Account::slack("T01", "UCY")).await.rights.any(), "{engine:?}: whom nobody knows");
    }
}

/// A stranger of one's own company may ask for their own invitation, and for nobody else's.
#[tokio::test]
async fn a_stranger_may_invite_themselves_alone() {
    let ground = Ground::new(Engine::Sqlite).await;
    let asker = async |kind: Kind, email: Option<&str>| {
        let standing = Standing { kind, email: email.map(ToOwned::to_owned), ..person("x") };
        Asker::meet(&ground.store, &rules(), &Account::slack("T01", "UX"), standing, at(0)).await.unwrap()
    };
    let own = asker(Kind::Person, Some("X@Example.com")).await;
    assert!(own.may_invite_themselves(&rules(), "x@example.com"));
    assert!(!own.may_invite_themselves(&rules(), "y@example.com"), "somebody else's address");
    for (kind, email) in [
        (Kind::Person, Some("x@example.com.evil.org")),
        (Kind::Person, Some("x@notexample.com")),
        (Kind::Person, Some("example.com")),
        (Kind::Person, None),
        (Kind::Guest, Some("x@example.com")),
        (Kind::Bot, Some("x@example.com")),
        (Kind::Deactivated, Some("x@example.com")),
        (Kind::Outsider, Some("x@example.com")),
        (Kind::Unknown, Some("x@example.com")),
    ] {
        let asker = asker(kind, email).await;
        assert!(!asker.may_invite_themselves(&rules(), email.unwrap_or("x@example.com")), "{kind:?} {email:?}");
    }
}

/// What each command comes to for admin, billing, member, stranger and guest, as the page has it: `yes` it runs, `own` it
/// runs and then is held to what is the asker's own, `no` it is refused.
///
/// Everybody linked has `help`, `home`, `whoami`, `link`, `status`, `doctor` and their own requests; a stranger all but
/// `status` of these, and `invite` for themselves, which may have become a request of theirs. Open invitations are people
/// to be, seen by whoever sees members; withdrawing and sending them anew is `member.manage`.
/// A guest has no rights; what they are let do here tells them nothing and changes nothing.
const COMMANDS: &[(&str, [&str; 5])] = &[
    ("home", ["yes", "yes", "yes", "yes", "yes"]),
    ("help", ["yes", "yes", "yes", "yes", "yes"]),
    ("whoami", ["yes", "yes", "yes", "yes", "yes"]),
    ("link", ["yes", "yes", "yes", "yes", "yes"]),
    ("status", ["yes", "yes", "yes", "no", "no"]),
    ("doctor", ["yes", "yes", "yes", "yes", "yes"]),
    ("invite", ["yes", "no", "yes", "own", "own"]),
    ("invites list", ["yes", "yes", "yes", "no", "no"]),
    ("invites resend", ["yes", "no", "no", "no", "no"]),
    ("invites withdraw", ["yes", "no", "no", "no", "no"]),
    ("member list", ["yes", "yes", "yes", "no", "no"]),
    ("member show", ["yes", "yes", "yes", "no", "no"]),
    ("member role", ["yes", "no", "no", "no", "no"]),
    ("member remove", ["yes", "no", "no", "no", "no"]),
    ("workspace list", ["yes", "yes", "yes", "no", "no"]),
    ("workspace show", ["yes", "yes", "yes", "no", "no"]),
    ("workspace limits", ["yes", "yes", "yes", "no", "no"]),
    ("workspace create", ["yes", "no", "no", "no", "no"]),
    ("workspace rename", ["yes", "no", "no", "no", "no"]),
    ("workspace archive", ["yes", "no", "no", "no", "no"]),
    ("workspace add", ["yes", "no", "yes", "no", "no"]),
    ("workspace remove", ["yes", "no", "yes", "no", "no"]),
    ("workspace role", ["yes", "no", "yes", "no", "no"]),
    ("key request", ["yes", "yes", "yes", "no", "no"]),
    ("key list", ["yes", "yes", "yes", "no", "no"]),
    ("key show", ["yes", "yes", "yes", "no", "no"]),
    ("key reveal", ["yes", "yes", "yes", "no", "no"]),
    ("key token", ["yes", "yes", "yes", "no", "no"]),
    ("key disable", ["yes", "yes", "yes", "no", "no"]),
    ("key enable", ["yes", "yes", "yes", "no", "no"]),
    ("key revoke", ["yes", "yes", "yes", "no", "no"]),
    ("key rename", ["yes", "yes", "yes", "no", "no"]),
    ("key rotate", ["yes", "yes", "yes", "no", "no"]),
    ("key keep", ["yes", "yes", "yes", "no", "no"]),
    ("key return", ["yes", "yes", "yes", "no", "no"]),
    ("key adopt", ["yes", "yes", "yes", "no", "no"]),
    ("key assign", ["yes", "yes", "yes", "no", "no"]),
    ("key leak", ["yes", "yes", "yes", "no", "no"]),
    ("limit list", ["yes", "yes", "yes", "no", "no"]),
    ("limit set", ["yes", "yes", "no", "no", "no"]),
    ("limit remove", ["yes", "yes", "no", "no", "no"]),
    ("limit raise", ["yes", "yes", "yes", "no", "no"]),
    ("limit snooze", ["yes", "yes", "no", "no", "no"]),
    ("limit brake", ["yes", "yes", "no", "no", "no"]),
    ("limit keep", ["yes", "yes", "yes", "no", "no"]),
    ("sync", ["yes", "no", "no", "no", "no"]),
    ("drift list", ["yes", "no", "no", "no", "no"]),
    ("drift adopt", ["yes", "no", "no", "no", "no"]),
    ("drift revert", ["yes", "no", "no", "no", "no"]),
    ("drift ignore", ["yes", "no", "no", "no", "no"]),
    ("offboard", ["yes", "no", "no", "no", "no"]),
    ("request list", ["yes", "yes", "yes", "yes", "yes"]),
    ("request show", ["yes", "yes", "yes", "yes", "yes"]),
    ("request approve", ["yes", "yes", "yes", "yes", "yes"]),
    ("request deny", ["yes", "yes", "yes", "yes", "yes"]),
    ("request withdraw", ["yes", "yes", "yes", "yes", "yes"]),
    ("request undo", ["yes", "yes", "yes", "yes", "yes"]),
    ("request again", ["yes", "yes", "yes", "yes", "yes"]),
    ("request ask", ["yes", "yes", "yes", "yes", "yes"]),
    ("request answer", ["yes", "yes", "yes", "yes", "yes"]),
    ("request override", ["yes", "yes", "yes", "yes", "yes"]),
    ("request settle", ["yes", "yes", "yes", "yes", "yes"]),
    ("report subscribe", ["yes", "yes", "no", "no", "no"]),
    ("report unsubscribe", ["yes", "yes", "no", "no", "no"]),
    ("report list", ["yes", "yes", "no", "no", "no"]),
    ("report preview", ["yes", "yes", "no", "no", "no"]),
    ("report snooze", ["yes", "yes", "no", "no", "no"]),
    ("report expected", ["yes", "yes", "no", "no", "no"]),
    ("grant give", ["yes", "no", "no", "no", "no"]),
    ("grant list", ["yes", "yes", "yes", "no", "no"]),
    ("grant revoke", ["yes", "no", "no", "no", "no"]),
    ("policy why", ["yes", "no", "no", "no", "no"]),
    ("policy delegate", ["yes", "yes", "yes", "no", "no"]),
    ("policy delegations", ["yes", "yes", "yes", "no", "no"]),
    ("policy undelegate", ["yes", "yes", "yes", "no", "no"]),
    ("usage", ["yes", "yes", "yes", "no", "no"]),
    ("cost", ["yes", "yes", "yes", "no", "no"]),
    ("audit", ["yes", "no", "no", "no", "no"]),
];

/// The one command that looks and, with `--set` or `--clear`, changes: what it comes to then.
const CHANGING_LIMITS: [&str; 5] = ["yes", "no", "no", "no", "no"];

/// The commands that whoever may not look at members does not find, by the rights alone.
fn outcome(command: &Command, rights: &Rights) -> &'static str {
    match command.need() {
        Need::Nothing => "yes",
        Need::Link if rights.any() => "yes",
        Need::Permission(permission, toward) if rights.of(permission, toward) != Right::No => "yes",
        Need::Somewhere(permission, toward) if rights.somewhere(permission, toward) != Right::No => "yes",
        Need::Permission(Permission::Invite, _) if !rights.any() => "own",
        Need::Link | Need::Permission(..) | Need::Somewhere(..) => "no",
    }
}

#[test]
fn every_command_needs_what_the_page_says() {
    let guest = Standing { kind: Kind::Guest, ..person("ada") };
    let asking = [
        ("admin", holding("admin")),
        ("billing", holding("billing")),
        ("member", holding("member")),
        ("stranger", map(Vec::new()).rights(&ada(), &person("ada"), false, None)),
        ("guest", RoleMap { first_admins: vec![ada()], ..map(Vec::new()) }.rights(&ada(), &guest, true, Some("admin"))),
    ];
    let expected: BTreeMap<&str, [&str; 5]> = COMMANDS.iter().copied().collect();
    let (mut said, mut cells) = (BTreeSet::new(), 0);
    for example in command::examples() {
        let command = command::parse(&command::split(&example)).unwrap_or_else(|_| panic!("{example} does not parse"));
        let row = expected.get(command.verb()).unwrap_or_else(|| panic!("{} has no row", command.verb()));
        let changes_limits = matches!(&command, Command::Workspace(Workspace::Limits(it)) if it.changes());
        let row = if changes_limits { &CHANGING_LIMITS } else { row };
        for ((who, rights), wanted) in asking.iter().zip(row) {
            assert_eq!(outcome(&command, rights), *wanted, "{example}, asked by {who}");
            cells += 1;
        }
        said.insert(command.verb());
    }
    assert_eq!(said, expected.keys().copied().collect(), "each row was said");
    assert_eq!(cells, command::examples().len() * 5);
    assert_eq!(said, leaves(), "each command of the tree has an example and a row");
}

/// Every command of the tree, by its words.
fn leaves() -> BTreeSet<&'static str> {
    let tree = command::tree("/claude");
    let named = tree.get_subcommands().flat_map(|top| {
        let below: Vec<String> =
            top.get_subcommands().map(|it| format!("{} {}", top.get_name(), it.get_name())).collect();
        if below.is_empty() { vec![top.get_name().to_owned()] } else { below }
    });
    let known: BTreeSet<&str> = COMMANDS.iter().map(|(verb, _)| *verb).collect();
    named.map(|it| *known.get(it.as_str()).unwrap_or_else(|| panic!("{it} has no row"))).collect()
}
