//! Who may what: the whole matrix of role, permission and target, written from the product page, section 2.

use std::collections::{BTreeMap, BTreeSet};

use steward::chat::{Account, Kind, Standing};
use steward::domain::{Permission, Right, Rights, Role, RoleMap, RoleMapEntry, RoleMapFrom, Source, Toward};

use crate::store_ground::person;

/// The columns within a cell: what is one's own, what is another's, one's workspaces and the total, other workspaces, and
/// the decision about raising a limit.
const TOWARD: [Toward; 5] =
    [Toward::Oneself, Toward::Other, Toward::OwnWorkspace, Toward::OtherWorkspace, Toward::LimitRaise];

const DO: &str = "do/do/do/do/do";
const ASK: &str = "ask/ask/ask/ask/ask";
const NO: &str = "-/-/-/-/-";

/// Permission, then what admin, billing, member, the custom role of this test and the operator may.
///
/// Read strictly where the page leaves it open:
/// - `key.own` and `usage.own` are about one's own things by their names. Toward anybody else's they give nothing, not even
///   to an admin, who has `key.manage` and `usage.others` for that; nobody reveals another's key.
/// - `workspace.join` "ask, for oneself" is oneself and nothing else, so that nobody asks for a place for somebody else.
/// - `usage.totals` of a member is "workspaces one belongs to and the total", so nothing for other workspaces or people.
/// - `limit.manage` has the cell "ask to raise" for members. Raising is `limit.raise` here, so that setting and removing
///   is refused to them.
/// - `approve` of billing is "limit raises": toward the decision about a raise, and nothing else.
/// - `usage.others` of billing is "-", whatever the guide in brackets has.
/// - What stands in a cell without a restriction holds toward everything.
/// - A custom role holds what the configuration lists, to do; the page names no other way. This one is given `member.see`,
///   `invite`, `workspace.join`, `key.own`, `usage.totals` and `approve`.
/// - The operator at the command line is an admin who decides nothing: no `approve`, and no `admin` (grants, links of
///   others, delegation), which would make a decider of anybody.
const TABLE: [(&str, [&str; 5]); 17] = [
    ("member.see", [DO, DO, DO, DO, DO]),
    ("invite", [DO, NO, ASK, DO, DO]),
    ("member.manage", [DO, NO, NO, NO, DO]),
    ("workspace.manage", [DO, NO, NO, NO, DO]),
    ("workspace.join", [DO, NO, "ask/-/-/-/-", DO, DO]),
    ("key.get", [DO, ASK, ASK, NO, DO]),
    ("key.own", ["do/-/-/-/-", "do/-/-/-/-", "do/-/-/-/-", "do/-/-/-/-", "do/-/-/-/-"]),
    ("key.manage", [DO, NO, NO, NO, DO]),
    ("limit.manage", [DO, DO, NO, NO, DO]),
    ("limit.raise", [DO, DO, ASK, NO, DO]),
    ("usage.own", ["do/-/-/-/-", "do/-/-/-/-", "do/-/-/-/-", NO, "do/-/-/-/-"]),
    ("usage.totals", [DO, DO, "-/-/do/-/-", DO, DO]),
    ("usage.others", [DO, NO, NO, NO, DO]),
    ("report.subscribe", [DO, DO, NO, NO, DO]),
    ("approve", [DO, "-/-/-/-/do", NO, DO, NO]),
    ("audit", [DO, NO, NO, NO, DO]),
    ("admin", [DO, NO, NO, NO, NO]),
];

/// What the custom role `helpdesk` is given.
const HELPDESK: [Permission; 6] = [
    Permission::MemberSee,
    Permission::Invite,
    Permission::WorkspaceJoin,
    Permission::KeyOwn,
    Permission::UsageTotals,
    Permission::Approve,
];

pub(crate) fn ada() -> Account {
    Account::slack("T01", "UADA")
}

pub(crate) fn map(entries: Vec<RoleMapEntry>) -> RoleMap {
    let custom = BTreeMap::from([("helpdesk".to_owned(), BTreeSet::from(HELPDESK))]);
    RoleMap { first_admins: Vec::new(), entries, custom }
}

pub(crate) fn entry(from: RoleMapFrom, role: &str, workspace: Option<&str>) -> RoleMapEntry {
    RoleMapEntry { from, role: Role::named(role), workspace: workspace.map(ToOwned::to_owned) }
}

/// Somebody whom the role map gives exactly this role.
pub(crate) fn holding(role: &str) -> Rights {
    map(vec![entry(RoleMapFrom::Account(ada()), role, None)]).rights(&ada(), &person("ada"), false, None)
}

fn operator() -> Rights {
    map(Vec::new()).rights(&Account::operator("root"), &Standing::default(), false, None)
}

fn word(right: Right) -> &'static str {
    match right {
        Right::Do => "do",
        Right::Ask => "ask",
        Right::No => "-",
    }
}

/// Checks one cell, all its targets; answers how many those are.
fn check(who: &str, rights: &Rights, permission: Permission, expected: &str) -> usize {
    let expected: Vec<&str> = expected.split('/').collect();
    assert_eq!(expected.len(), TOWARD.len(), "{who} {permission}: a cell says something about each target");
    for (toward, wanted) in TOWARD.into_iter().zip(&expected) {
        assert_eq!(word(rights.of(permission, toward)), *wanted, "{who}, {permission} toward {toward:?}");
    }
    expected.len()
}

#[test]
fn the_whole_matrix_is_the_product_pages() {
    let columns = [
        ("admin", holding("admin")),
        ("billing", holding("billing")),
        ("member", holding("member")),
        ("helpdesk", holding("helpdesk")),
        ("operator", operator()),
    ];
    let stranger = map(Vec::new()).rights(&ada(), &person("ada"), false, None);
    // A role that the configuration names somewhere but never describes.
    let without = [("nobody", Rights::none()), ("stranger", stranger), ("ghost", holding("ghost"))];
    let (mut cells, mut named) = (0, BTreeSet::new());
    for (permission, expected) in TABLE {
        let permission: Permission = permission.parse().unwrap();
        named.insert(permission);
        for ((who, rights), expected) in columns.iter().zip(expected) {
            cells += check(who, rights, permission, expected);
        }
        for (who, rights) in &without {
            cells += check(who, rights, permission, NO);
        }
    }
    assert_eq!(named, BTreeSet::from(Permission::ALL), "each permission has one row");
    assert_eq!(cells, 17 * (5 + 3) * 5, "no cell was left out");
    assert!(without[..2].iter().all(|(_, rights)| !rights.any()), "neither nobody nor a stranger holds anything");
}

/// A custom role holds what it lists, and nothing that comes near it.
#[test]
fn a_custom_role_of_one_permission_holds_that_one() {
    for listed in Permission::ALL {
        let custom = BTreeMap::from([("one".to_owned(), BTreeSet::from([listed]))]);
        let entries = vec![entry(RoleMapFrom::Account(ada()), "one", None)];
        let rights = RoleMap { custom, entries, ..RoleMap::default() }.rights(&ada(), &person("ada"), false, None);
        for permission in Permission::ALL {
            let own = matches!(permission, Permission::KeyOwn | Permission::UsageOwn);
            let expected = match permission == listed {
                false => NO,
                true if own => "do/-/-/-/-",
                true => DO,
            };
            check(&format!("one of {listed}"), &rights, permission, expected);
        }
    }
}

/// Several roles together give, cell by cell, the most that one of them gives.
#[test]
fn roles_add_up() {
    let both = map(vec![
        entry(RoleMapFrom::Account(ada()), "billing", None),
        entry(RoleMapFrom::Account(ada()), "helpdesk", None),
    ]);
    let rights = both.rights(&ada(), &person("ada"), true, None);
    for permission in Permission::ALL {
        for toward in TOWARD {
            let most = ["billing", "helpdesk", "member"].iter().map(|it| holding(it).of(permission, toward)).max();
            assert_eq!(Some(rights.of(permission, toward)), most, "{permission} toward {toward:?}");
        }
    }
    assert_eq!(rights.strongest(), Some(&Role::Billing));
}

#[test]
fn roles_come_from_first_admins_groups_accounts_and_the_organization() {
    let group = || RoleMapFrom::Group("slack-group:S0ML".into());
    let all = RoleMap {
        first_admins: vec![ada()],
        ..map(vec![
            entry(group(), "helpdesk", None),
            entry(RoleMapFrom::Account(ada()), "billing", None),
            entry(RoleMapFrom::ClaudeRole("billing".into()), "billing", None),
            entry(RoleMapFrom::Group("slack-group:S0OPS".into()), "admin", None),
        ])
    };
    let mut standing = person("ada");
    standing.groups.push("slack-group:S0ML".into());
    let sources = |rights: &Rights| rights.holdings.iter().map(|it| it.source.clone()).collect::<Vec<_>>();
    let whole = all.rights(&ada(), &standing, true, Some("billing"));
    assert_eq!(
        sources(&whole),
        [
            Source::FirstAdmin(ada()),
            Source::Group("slack-group:S0ML".into()),
            Source::Named(ada()),
            Source::ClaudeRole("billing".into()),
            Source::Link
        ]
    );
    // Each only for whom it is meant: the same id elsewhere, a group left, a link that is none, another role there.
    for other in [
        Account::slack("T02", "UADA"),
        Account::slack("T01", "UBO"),
        Account::discord("UADA"),
        Account::browser("UADA"),
    ] {
        assert_eq!(sources(&all.rights(&other, &person("ada"), false, Some("billing"))), [], "{other}");
        assert_eq!(sources(&all.rights(&other, &standing, false, None)), [Source::Group("slack-group:S0ML".into())]);
    }
    let bo = Account::slack("T01", "UBO");
    assert_eq!(sources(&all.rights(&bo, &person("bo"), true, Some("developer"))), [Source::Link]);
    assert_eq!(sources(&all.rights(&bo, &person("bo"), true, None)), [Source::Link]);
    assert!(
        !all.rights(&bo, &person("slack-group:S0ML"), true, None).has(&Role::Custom("helpdesk".into())),
        "a name is no group"
    );
    let linked = all.rights(&bo, &person("bo"), true, Some("developer"));
    assert!(linked.has(&Role::Member) && !linked.has(&Role::Admin));
}

/// Guests, programs, the switched off, other companies' people and whoever the platform says nothing of.
#[test]
fn whoever_is_not_clearly_of_the_company_gets_nothing_whatever_names_them() {
    let all = RoleMap {
        first_admins: vec![ada()],
        ..map(vec![
            entry(RoleMapFrom::Account(ada()), "admin", None),
            entry(RoleMapFrom::Group("slack-group:S0ML".into()), "helpdesk", None),
            entry(RoleMapFrom::ClaudeRole("admin".into()), "admin", None),
        ])
    };
    let mut cells = 0;
    for kind in [Kind::Guest, Kind::Bot, Kind::Deactivated, Kind::Outsider, Kind::Unknown] {
        let standing = Standing { kind, groups: vec!["slack-group:S0ML".into()], ..person("ada") };
        let rights = all.rights(&ada(), &standing, true, Some("admin"));
        assert!(!rights.any() && rights.strongest().is_none(), "{kind:?}");
        for permission in Permission::ALL {
            cells += check(&format!("{kind:?}"), &rights, permission, NO);
        }
    }
    assert_eq!(cells, 5 * 17 * 5);
    assert_eq!(Standing::default().kind, Kind::Unknown, "who is not described is unknown");
    assert!(all.rights(&ada(), &person("ada"), false, None).has(&Role::Admin), "the same person, clearly one of us");
}

#[test]
fn a_role_for_one_workspace_does_not_count_for_the_organization() {
    let all = map(vec![
        entry(RoleMapFrom::Account(ada()), "admin", Some("research")),
        entry(RoleMapFrom::Account(ada()), "helpdesk", Some("staging")),
    ]);
    let rights = all.rights(&ada(), &person("ada"), false, None);
    for permission in Permission::ALL {
        check("of one workspace", &rights, permission, NO);
    }
    assert!(rights.any(), "they do hold a role");
    assert!(!rights.has(&Role::Admin) && rights.strongest().is_none(), "but none that counts everywhere");
    let linked = all.rights(&ada(), &person("ada"), true, None);
    for permission in Permission::ALL {
        for toward in TOWARD {
            assert_eq!(
                linked.of(permission, toward),
                holding("member").of(permission, toward),
                "{permission} toward {toward:?}"
            );
        }
    }
}
