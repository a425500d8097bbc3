//! Which rule decides for somebody and a kind of change, and who could approve: weighed as a request would be, without one.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::weighing::Case;
use crate::chat::Account;
use crate::domain::{
    Amount, Approver, Because, Decision, ExplainedApprovers, ExplainedCase, ExplainedQuota, Explanation, Kind,
    Permission, PersonId, Right, Ruled, Rules, Toward,
};

/// Who wonders about whom, and about what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wonder {
    /// Whoever would ask.
    pub who: WhoAsks,
    /// The kind of change.
    pub kind: Kind,
    /// The workspace that it would be about, by name.
    pub workspace: Option<String>,
}

/// Whoever would ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhoAsks {
    /// Somebody we know, from whichever of their accounts.
    Person(PersonId),
    /// An account that is nobody's yet.
    Account(Account),
}

/// One way in which a kind of change can be asked for.
struct Way {
    label: Option<String>,
    permission: Permission,
    toward: Toward,
    weighty: bool,
    /// What makes it another case than the rights alone.
    twist: Twist,
    /// How much money it is about, as an example.
    amount: Option<Amount>,
}

/// What makes a case another one than the rights alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twist {
    None,
    /// Whoever asks gets the right themselves: somebody else agrees in any case.
    ForThemselves,
    /// Nobody gets a right that they have not: whoever may ask for it at all has it at once.
    NothingGained,
}

impl Pipeline {
    /// What would become of a change if somebody asked for it now. Nothing is written.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] if the chat does not say who they are.
    pub async fn explain(&self, wonder: Wonder) -> Result<Explanation, Failure> {
        let rules = self.rules.now();
        let asker = self.whoever(&rules, &wonder.who).await?;
        let mut cases = Vec::new();
        for way in by_amount(&rules, wonder.kind, ways(wonder.kind)) {
            cases.push(self.explain_case(&rules, (&asker, &wonder), way).await?);
        }
        let mut quotas = Vec::new();
        for (index, rule) in rules.policies.iter().enumerate().filter(|(_, it)| it.kind == wonder.kind) {
            if let Some(at_most) = rule.at_most {
                let used = self.used(rule, &asker, i64::MAX).await?;
                quotas.push(ExplainedQuota { rule: index, at_most, used });
            }
        }
        let Wonder { kind, workspace, .. } = wonder;
        Ok(Explanation { who: asker.account, kind, workspace, rules: rules.policies.len(), cases, quotas })
    }

    async fn whoever(&self, rules: &Rules, who: &WhoAsks) -> Result<Asker, Failure> {
        let found = match who {
            WhoAsks::Person(person) => self.standing_in(rules).askers_of(person).await?.into_iter().next(),
            WhoAsks::Account(account) => {
                Asker::fresh(&self.store, rules, &*self.roster, account, self.clock.now()).await?
            }
        };
        found.ok_or_else(|| {
            Failure::refused(
                "The chat does not say at the moment who they are, so they have no right at all.",
                "Their account may be deactivated or held back. Try again in a minute.",
            )
        })
    }

    async fn explain_case(
        &self,
        rules: &Rules,
        (asker, wonder): (&Asker, &Wonder),
        way: Way,
    ) -> Result<ExplainedCase, Failure> {
        let workspace = wonder.workspace.as_deref();
        let given = asker.right_within(workspace, way.permission, way.toward);
        let (right, own) = match own_right(rules, asker, wonder.kind).filter(|it| *it > given) {
            Some(own) => (own, true),
            None => (given, false),
        };
        let right = if way.twist == Twist::NothingGained && right != Right::No { Right::Do } else { right };
        let (mut holdings, mut grants) = (Vec::new(), Vec::new());
        for because in asker.rights.because(workspace, way.permission, way.toward) {
            match because {
                Because::Role(it) => holdings.push(it.clone()),
                Because::Grant(it) => grants.push(it.clone()),
            }
        }
        let ruled = match right {
            Right::No => None,
            right => {
                let case = Case {
                    kind: wonder.kind,
                    right,
                    weighty: way.weighty,
                    workspace,
                    environment: None,
                    amount: way.amount,
                    before: i64::MAX,
                };
                let own_duties = own && wonder.kind == Kind::Delegate;
                Some(adjusted(self.weighed(rules, asker, case).await?, (wonder.kind, &way), own_duties, workspace))
            }
        };
        let (approvers, standing_in) = match ruled.as_ref().map(|it| &it.decision) {
            Some(decision @ Decision::Approvals(_)) => self.could_approve(rules, asker, decision).await?,
            _ => (Vec::new(), Vec::new()),
        };
        Ok(ExplainedCase {
            label: way.label,
            permission: way.permission,
            right,
            holdings,
            grants,
            own,
            ruled,
            approvers,
            standing_in,
        })
    }

    /// Who is meant by each approver, as far as they are known.
    async fn could_approve(
        &self,
        rules: &Rules,
        asker: &Asker,
        decision: &Decision,
    ) -> Result<(Vec<ExplainedApprovers>, Vec<Account>), Failure> {
        let Decision::Approvals(asked) = decision else { return Ok((Vec::new(), Vec::new())) };
        let person = asker.person.as_ref().map(|it| &it.id);
        // Of any kind but a link: nothing is asked yet, so it is about nobody.
        let concerned = self.concerned_by((&asker.account, person), None, (Kind::Invite, "")).await?;
        let everybody = self.everybody(rules, &concerned).await?;
        let flat = asked.by.iter().flat_map(|it| match it {
            Approver::Any(several) => several.clone(),
            one => vec![one.clone()],
        });
        let explained = flat.map(|approver| {
            let is = |it: &&Asker| it.may_decide_at_all() && it.is(&approver, asked.workspace.as_deref());
            let known = everybody.iter().filter(is).map(|it| it.account.clone()).collect();
            ExplainedApprovers { approver, known }
        });
        let explained: Vec<ExplainedApprovers> = explained.collect();
        let all = self.approvers(decision, &concerned).await?;
        let named: Vec<&Account> = explained.iter().flat_map(|it| &it.known).collect();
        let standing_in = all.into_iter().filter(|it| !named.contains(&it)).collect();
        Ok((explained, standing_in))
    }
}

/// What somebody may ask for only because it is their own.
fn own_right(rules: &Rules, asker: &Asker, kind: Kind) -> Option<Right> {
    match kind {
        Kind::Invite => {
            let email = asker.standing.email.as_deref()?;
            asker.may_invite_themselves(rules, email).then_some(Right::Ask)
        }
        Kind::Delegate => asker.linked.then_some(Right::Ask),
        Kind::Undelegate => asker.linked.then_some(Right::Do),
        _ => None,
    }
}

/// The same as `weigh` says of a proposal that is about whoever asks.
fn adjusted(mut ruled: Ruled, (kind, way): (Kind, &Way), own_duties: bool, workspace: Option<&str>) -> Ruled {
    let an_approver = kind == Kind::Delegate && way.weighty && ruled.decision == Decision::AtOnce;
    let refused = own_duties && ruled.rule.is_none() && ruled.decision == Decision::Refuse;
    if (way.twist == Twist::ForThemselves && ruled.decision == Decision::AtOnce) || an_approver || refused {
        ruled.decision = super::weighing::one_admin(workspace);
    }
    ruled
}

/// The same, told apart by the amounts that rules about this kind name.
fn by_amount(rules: &Rules, kind: Kind, ways: Vec<Way>) -> Vec<Way> {
    let mut bounds: Vec<Amount> =
        rules.policies.iter().filter(|it| it.kind == kind).filter_map(|it| it.above).collect();
    bounds.sort();
    bounds.dedup();
    let (Some(first), true) = (bounds.first(), kind.has_amount()) else { return ways };
    let up_to = (format!("Up to {first}"), *first);
    let above = bounds.iter().map(|it| (format!("Above {it}"), Amount(it.0.saturating_add(1))));
    let amounts: Vec<(String, Amount)> = std::iter::once(up_to).chain(above).collect();
    let each = |way: Way| {
        let like =
            move |(label, amount): &(String, Amount)| Way { label: Some(label.clone()), amount: Some(*amount), ..way };
        amounts.iter().map(like).collect::<Vec<_>>()
    };
    ways.into_iter().flat_map(each).collect()
}

/// The ways in which a kind of change can be asked for, as far as they make a difference.
fn ways(kind: Kind) -> Vec<Way> {
    let (toward, twist) = (Toward::Other, Twist::None);
    let way = |permission| Way { label: None, permission, toward, weighty: false, twist, amount: None };
    let or = |label: &str, way: Way| Way { label: Some(label.to_owned()), ..way };
    let weighty = |way: Way| Way { weighty: true, ..way };
    let (invite, manage) = (|| way(Permission::Invite), || way(Permission::MemberManage));
    let (workspace, join) = (|| way(Permission::WorkspaceManage), || way(Permission::WorkspaceJoin));
    let (admin, limit) = (|| way(Permission::Admin), || way(Permission::LimitManage));
    match kind {
        Kind::Invite => vec![invite(), or("As billing", weighty(invite()))],
        Kind::ResendInvite => vec![manage(), or("One as billing", weighty(manage()))],
        Kind::MemberRole => vec![manage(), or("To or from billing", weighty(manage()))],
        Kind::MemberRemove => vec![weighty(manage())],
        Kind::WithdrawInvite | Kind::Sync | Kind::MemberFreeze | Kind::MemberThaw => vec![manage()],
        Kind::WorkspaceCreate | Kind::WorkspaceRename | Kind::WorkspaceLimits => vec![workspace()],
        Kind::WorkspaceArchive => vec![weighty(workspace())],
        Kind::WorkspaceMember => {
            vec![or("For themselves", Way { toward: Toward::Oneself, ..join() }), or("For somebody else", join())]
        }
        Kind::GrantGive => vec![
            admin(),
            or("Of admin, approve, member.manage or audit", weighty(admin())),
            or("To themselves", Way { twist: Twist::ForThemselves, ..admin() }),
        ],
        Kind::GrantRevoke | Kind::Undelegate => vec![admin()],
        Kind::KeyStatus | Kind::KeyRename | Kind::KeyStock | Kind::KeyOwner | Kind::KeyKeep => {
            vec![way(Permission::KeyManage)]
        }
        Kind::KeyRotate => vec![Way { toward: Toward::Oneself, ..way(Permission::KeyOwn) }],
        Kind::KeyIssue => vec![Way { toward: Toward::Oneself, ..way(Permission::KeyGet) }],
        Kind::LimitSet | Kind::LimitRemove | Kind::LimitSnooze | Kind::LimitRelease => vec![limit()],
        Kind::LimitRaise | Kind::LimitKeep => vec![way(Permission::LimitRaise)],
        Kind::LimitSlow | Kind::LimitStop => vec![limit(), or("In production", weighty(limit()))],
        Kind::Link => vec![weighty(admin())],
        Kind::LinkAttest | Kind::LinkRemove => vec![admin(), or("Of more than a plain member's", weighty(admin()))],
        Kind::Delegate => vec![
            weighty(admin()),
            or("To whoever may decide all of it anyway", Way { twist: Twist::NothingGained, ..admin() }),
        ],
    }
}
