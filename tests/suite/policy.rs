//! Who has to agree to what. Written from the product page, section 3, for the kinds of change that there are.

use steward::chat::{Account, Kind as AccountKind};
use steward::domain::{
    Amount, Approvals, Approver, AskedBy, Asking, Decision, Kind, Permission, PolicyRule, Right, Rights, Role, RoleMap,
    RoleMapEntry, RoleMapFrom, Toward, decide,
};

use crate::store_ground::person;

/// Somebody who holds exactly these roles.
fn holding(roles: &[&str]) -> Rights {
    let account = Account::browser("ada");
    let entries = roles.iter().map(|role| RoleMapEntry {
        from: RoleMapFrom::Account(account.clone()),
        role: Role::named(role),
        workspace: None,
    });
    let map = RoleMap { entries: entries.collect(), ..RoleMap::default() };
    map.rights(&account, &person("ada"), false, None)
}

/// Somebody with these rights asks for something of their own, as far as that can be.
fn asking(kind: Kind, rights: &Rights, weighty: bool) -> Asking<'_> {
    let (permission, toward) = match kind {
        Kind::Invite => (Permission::Invite, Toward::Other),
        Kind::WithdrawInvite
        | Kind::ResendInvite
        | Kind::MemberRole
        | Kind::MemberRemove
        | Kind::Sync
        | Kind::MemberFreeze
        | Kind::MemberThaw => (Permission::MemberManage, Toward::Other),
        Kind::KeyStatus | Kind::KeyRename | Kind::KeyStock | Kind::KeyOwner | Kind::KeyKeep => {
            (Permission::KeyManage, Toward::Other)
        }
        Kind::LimitRaise | Kind::LimitKeep => (Permission::LimitRaise, Toward::Other),
        Kind::LimitSet
        | Kind::LimitRemove
        | Kind::LimitSnooze
        | Kind::LimitSlow
        | Kind::LimitStop
        | Kind::LimitRelease => (Permission::LimitManage, Toward::Other),
        Kind::KeyRotate => (Permission::KeyOwn, Toward::Oneself),
        Kind::KeyIssue => (Permission::KeyGet, Toward::Oneself),
        Kind::WorkspaceMember => (Permission::WorkspaceJoin, Toward::Oneself),
        Kind::WorkspaceCreate | Kind::WorkspaceRename | Kind::WorkspaceArchive | Kind::WorkspaceLimits => {
            (Permission::WorkspaceManage, Toward::Other)
        }
        Kind::GrantGive
        | Kind::GrantRevoke
        | Kind::Delegate
        | Kind::Undelegate
        | Kind::Link
        | Kind::LinkAttest
        | Kind::LinkRemove => (Permission::Admin, Toward::Other),
    };
    // A stranger may ask for their own invitation.
    let stranger = if kind == Kind::Invite && !rights.any() { Right::Ask } else { Right::No };
    let right = rights.of(permission, toward).max(stranger);
    Asking { kind, rights, by_steward: false, right, weighty, place: None, amount: None, used_up: &[] }
}

fn by_default(kind: Kind, roles: &[&str], weighty: bool) -> Decision {
    decide(&[], asking(kind, &holding(roles), weighty))
}

/// The rows of the page whose kinds exist: the kind, whether it is weighty (`billing` given or taken, or a removal), then
/// what follows if an admin, billing, a member, a custom role or a stranger asks.
///
/// The page has no row for withdrawing and resending an invitation, nor for a role change without `billing`, nor for custom
/// roles. Unknown means refused; an admin, whose column says "at once" wherever nothing weighs more, makes them at once.
/// A removal is always weighty and a withdrawal never is; the cells of what cannot be are held to the stricter neighbour. Whoever
/// has billing alone, or a custom role without the permission, may not even ask: the permission table comes before this one.
const TABLE: &[(&str, bool, [&str; 5])] = &[
    ("invite", false, ["at once", "refused", "an admin", "refused", "an admin"]),
    ("invite", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("invite.withdraw", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("invite.withdraw", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("invite.resend", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("invite.resend", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("member.role", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("member.role", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("member.remove", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("member.remove", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("workspace.create", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("workspace.create", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("workspace.rename", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("workspace.rename", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("workspace.archive", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("workspace.archive", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("workspace.member", false, ["at once", "refused", "an admin", "refused", "refused"]),
    ("workspace.member", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("workspace.limits", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("workspace.limits", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("member.freeze", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("member.freeze", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("member.thaw", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("member.thaw", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("key.status", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("key.status", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("key.rename", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("key.rename", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("key.stock", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("key.stock", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("key.issue", false, ["at once", "an admin", "an admin", "refused", "refused"]),
    ("key.issue", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("key.rotate", false, ["at once", "at once", "at once", "refused", "refused"]),
    ("key.rotate", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("key.owner", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("key.owner", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("key.keep", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("key.keep", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("limit.set", false, ["at once", "at once", "refused", "refused", "refused"]),
    ("limit.set", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("limit.remove", false, ["at once", "at once", "refused", "refused", "refused"]),
    ("limit.remove", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("limit.raise", false, ["at once", "at once", "an admin or billing", "refused", "refused"]),
    ("limit.raise", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("limit.snooze", false, ["at once", "at once", "refused", "refused", "refused"]),
    ("limit.snooze", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("limit.keep", false, ["at once", "at once", "an admin or billing", "refused", "refused"]),
    ("limit.keep", true, ["an admin", "refused", "refused", "refused", "refused"]),
    // Weighty in production: one approval by another admin, also if Steward itself asks.
    ("limit.slow", false, ["at once", "at once", "refused", "refused", "refused"]),
    ("limit.slow", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("limit.stop", false, ["at once", "at once", "refused", "refused", "refused"]),
    ("limit.stop", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("limit.release", false, ["at once", "at once", "refused", "refused", "refused"]),
    ("limit.release", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("sync", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("sync", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("grant.give", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("grant.give", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("grant.revoke", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("grant.revoke", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("policy.delegate", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("policy.delegate", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("policy.undelegate", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("policy.undelegate", true, ["an admin", "refused", "refused", "refused", "refused"]),
    // Whoever asks for a link shows that the account is theirs; what they may otherwise says nothing about that.
    ("link", false, ["an admin", "an admin", "an admin", "an admin", "an admin"]),
    ("link", true, ["an admin", "an admin", "an admin", "an admin", "an admin"]),
    ("link.attest", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("link.attest", true, ["an admin", "refused", "refused", "refused", "refused"]),
    ("link.remove", false, ["at once", "refused", "refused", "refused", "refused"]),
    ("link.remove", true, ["an admin", "refused", "refused", "refused", "refused"]),
];

fn as_words(decision: &Decision) -> &'static str {
    match decision {
        Decision::AtOnce => "at once",
        Decision::Refuse => "refused",
        Decision::Approvals(asked) if *asked == Approvals::one(vec![Approver::Role("admin".into())]) => "an admin",
        Decision::Approvals(asked)
            if *asked == Approvals::one(["admin", "billing"].map(|it| Approver::Role(it.into())).into()) =>
        {
            "an admin or billing"
        }
        Decision::Approvals(_) => "something else",
    }
}

#[test]
fn the_shipped_policies_are_those_of_the_product_page() {
    let mut cells = 0;
    for (kind, weighty, expected) in TABLE {
        let kind: Kind = kind.parse().unwrap();
        for (role, wanted) in ["admin", "billing", "member", "support", ""].iter().zip(expected) {
            let roles: Vec<&str> = Some(*role).filter(|it| !it.is_empty()).into_iter().collect();
            assert_eq!(
                as_words(&by_default(kind, &roles, *weighty)),
                *wanted,
                "{kind} weighty={weighty} asked by {role:?}"
            );
            cells += 1;
        }
    }
    assert_eq!(cells, Kind::ALL.len() * 2 * 5, "a kind of change has no row");
}

/// Whoever holds several roles asks as the strongest, and a role for one workspace counts nowhere else.
#[test]
fn the_strongest_role_asks() {
    for (roles, wanted) in [
        (&["member", "admin"][..], "at once"),
        (&["support", "admin", "billing"], "at once"),
        (&["member", "billing"], "an admin"),
        (&["support", "member"], "an admin"),
        (&["support", "billing"], "refused"),
    ] {
        assert_eq!(as_words(&by_default(Kind::Invite, roles, false)), wanted, "{roles:?}");
    }
    let account = Account::browser("ada");
    let entry = |workspace: Option<&str>| RoleMapEntry {
        from: RoleMapFrom::Account(account.clone()),
        role: Role::Admin,
        workspace: workspace.map(ToOwned::to_owned),
    };
    let map = RoleMap { entries: vec![entry(Some("research"))], ..RoleMap::default() };
    let rights = map.rights(&account, &person("ada"), true, None);
    assert_eq!(as_words(&decide(&[], asking(Kind::Invite, &rights, false))), "an admin");
    assert_eq!(as_words(&decide(&[], asking(Kind::MemberRole, &rights, false))), "refused");
}

fn rule(kind: Kind, asked_by: Option<&str>, decision: Decision) -> PolicyRule {
    PolicyRule { asked_by: asked_by.map(|it| AskedBy::Role(Role::named(it))), ..PolicyRule::about(kind, decision) }
}

fn approvals(count: u8, by: &[&str]) -> Decision {
    let by = by.iter().map(|it| Approver::Role((*it).to_owned())).collect();
    Decision::Approvals(Approvals { count, ..Approvals::one(by) })
}

#[test]
fn the_configuration_comes_first_and_its_first_fitting_rule_decides() {
    let rules = [
        rule(Kind::MemberRemove, None, Decision::Refuse),
        rule(Kind::Invite, Some("member"), approvals(1, &["support"])),
        rule(Kind::Invite, Some("member"), Decision::Refuse),
        rule(Kind::Invite, Some("billing"), Decision::AtOnce),
        rule(Kind::MemberRole, None, approvals(2, &["admin", "billing"])),
        rule(Kind::Invite, Some("ghost"), Decision::AtOnce),
    ];
    let decided = |kind, roles: &[&str], weighty| decide(&rules, asking(kind, &holding(roles), weighty));
    assert_eq!(decided(Kind::Invite, &["member"], false), approvals(1, &["support"]), "the first, not the second");
    assert_eq!(decided(Kind::Invite, &["billing"], false), Decision::AtOnce);
    assert_eq!(decided(Kind::Invite, &["admin"], false), Decision::AtOnce, "no rule is about admins: as shipped");
    assert_eq!(decided(Kind::Invite, &["admin"], true), Decision::one_admin(), "as shipped");
    for roles in [&["admin"][..], &["billing"], &["member"], &["support"], &[]] {
        assert_eq!(decided(Kind::MemberRemove, roles, true), Decision::Refuse, "{roles:?}: a rule for everybody");
        assert_eq!(decided(Kind::MemberRole, roles, false), approvals(2, &["admin", "billing"]), "{roles:?}");
    }
    assert_eq!(
        decided(Kind::Invite, &["support"], false),
        Decision::Refuse,
        "a role that no rule names, without the permission: as shipped"
    );
    assert_eq!(decided(Kind::Invite, &["ghost"], false), Decision::AtOnce, "a role is its name");
}

/// What Steward does by itself is bound by the rules that name it, and by those alone; a key that leaked waits for nobody.
#[test]
fn rules_for_people_do_not_hold_up_steward() {
    let named = |kind| PolicyRule { asked_by: Some(AskedBy::Steward), ..PolicyRule::about(kind, Decision::Refuse) };
    let rules = [
        rule(Kind::KeyStatus, None, approvals(2, &["admin"])),
        named(Kind::KeyStatus),
        rule(Kind::KeyRename, None, approvals(2, &["admin"])),
        named(Kind::KeyRename),
    ];
    let admin = holding(&["admin"]);
    let by = |kind, by_steward| decide(&rules, Asking { by_steward, ..asking(kind, &admin, false) });
    assert_eq!(by(Kind::KeyStatus, true), Decision::AtOnce);
    assert_eq!(by(Kind::KeyStatus, false), approvals(2, &["admin"]));
    assert_eq!(by(Kind::KeyRename, true), Decision::Refuse);
    assert_eq!(by(Kind::KeyRename, false), approvals(2, &["admin"]));
    assert_eq!(
        decide(&rules[..3], Asking { by_steward: true, ..asking(Kind::KeyRename, &admin, false) }),
        Decision::AtOnce
    );
}

/// A rule with an amount is about more than that alone; what is about no money is never more.
#[test]
fn a_rule_can_be_about_large_amounts_alone() {
    let above =
        |usd, decision| PolicyRule { above: Amount::from_usd(usd), ..PolicyRule::about(Kind::LimitRaise, decision) };
    let rules = [above("1000", Decision::Refuse), above("200", approvals(2, &["admin"]))];
    let billing = holding(&["billing"]);
    let of = |usd| decide(&rules, Asking { amount: usd, ..asking(Kind::LimitRaise, &billing, false) });
    assert_eq!(of(Amount::from_usd("1000.01")), Decision::Refuse);
    assert_eq!(of(Amount::from_usd("1000")), approvals(2, &["admin"]));
    assert_eq!(of(Amount::from_usd("200.000001")), approvals(2, &["admin"]));
    assert_eq!(of(Amount::from_usd("200")), Decision::AtOnce, "as shipped");
    assert_eq!(of(None), Decision::AtOnce, "as shipped");
}

/// A rule for whoever asks is meant for strangers, too, as far as it is strict; nothing of theirs happens by itself.
#[test]
fn strangers_are_bound_by_rules_for_everybody_and_get_nothing_at_once() {
    let stranger = Rights::none();
    let decided = |rules: &[PolicyRule], kind, weighty| decide(rules, asking(kind, &stranger, weighty));
    let closed = [rule(Kind::Invite, None, Decision::Refuse)];
    assert_eq!(decided(&closed, Kind::Invite, false), Decision::Refuse);
    let other = [rule(Kind::Invite, None, approvals(1, &["support"]))];
    assert_eq!(decided(&other, Kind::Invite, false), approvals(1, &["support"]));
    let open = [rule(Kind::Invite, None, Decision::AtOnce)];
    assert_eq!(decided(&open, Kind::Invite, false), Decision::one_admin());
    let members = [rule(Kind::Invite, Some("member"), Decision::AtOnce)];
    assert_eq!(decided(&members, Kind::Invite, false), Decision::one_admin());
}

/// A guest has no role, whatever names them, so that no rule for a role is theirs.
#[test]
fn a_guest_asks_as_nobody() {
    let account = Account::browser("ada");
    let map = RoleMap { first_admins: vec![account.clone()], ..RoleMap::default() };
    let mut standing = person("ada");
    standing.kind = AccountKind::Guest;
    let rights = map.rights(&account, &standing, true, Some("admin"));
    assert_eq!(by_default(Kind::MemberRole, &["admin"], false), Decision::AtOnce);
    assert_eq!(decide(&[], asking(Kind::MemberRole, &rights, false)), Decision::Refuse);
}
