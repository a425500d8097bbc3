//! What a link would give its account beyond what a plain member has. Whoever gains that needs somebody else's word.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Account, Standing};
use crate::domain::{Approver, Decision, Held, Holding, Person, PersonId, Rights, Role, Rules};

impl Pipeline {
    /// What `account`, which stands so, would gain as this member's, in words; nothing for a plain member.
    ///
    /// Counts what the link itself gives: not what the configuration gives to the account or its groups anyway. What the
    /// person's other accounts may counts, too, because a person is one, wherever they speak from.
    pub(super) async fn powers(
        &self,
        (account, standing): (&Account, &Standing),
        member_id: &str,
    ) -> Result<Vec<String>, Failure> {
        let rules = self.rules.now();
        let role = self.store.member(member_id).await?.map(|it| it.role);
        let as_if = |linked: bool| {
            let claude_role = role.clone().filter(|_| linked);
            let rights = rules.role_map.rights(account, standing, linked, claude_role.as_deref());
            somebody((account, standing), rights, claude_role, linked)
        };
        let (without, with) = (as_if(false), as_if(true));
        if without.rights.has(&Role::Admin) {
            return Ok(Vec::new());
        }
        let mut powers = named_powers(&rules, &with, Some(&without));
        if let Some(person) = self.store.person_of_member(member_id).await? {
            powers.extend(self.powers_elsewhere(&rules, &person.id, account).await?);
            powers.extend(self.powers_given(&person.id).await?);
        }
        powers.sort();
        powers.dedup();
        Ok(powers)
    }

    /// What a person was given in Steward's own books, which every account of theirs has: grants that a second admin agrees to,
    /// and standing in for somebody.
    async fn powers_given(&self, person: &PersonId) -> Result<Vec<String>, Failure> {
        let now = self.clock.now();
        let grants = self.store.grants_of(person, now).await?.into_iter().filter(|it| it.terms.is_weighty());
        let mut powers: Vec<String> = grants.map(|it| format!("{} ({})", it.terms.words(), it.id())).collect();
        let delegations = self.store.delegations(now).await?.into_iter().filter(|it| it.terms.to.id == *person);
        powers.extend(delegations.map(|it| format!("deciding for {} ({})", it.terms.from.name, it.id())));
        Ok(powers)
    }

    /// What a person may from their accounts other than `account`.
    async fn powers_elsewhere(
        &self,
        rules: &Rules,
        person: &PersonId,
        account: &Account,
    ) -> Result<Vec<String>, Failure> {
        let mut powers = Vec::new();
        for other in self.store.links(person).await?.into_iter().filter(|it| it.account != *account) {
            match Asker::fresh(&self.store, rules, &*self.roster, &other.account, self.clock.now()).await? {
                Some(one) => powers.extend(named_powers(rules, &one, None)),
                None => powers.push(format!("whatever {} may, which its platform does not say now", other.account)),
            }
        }
        Ok(powers)
    }

    /// What an account may beyond a plain member, from its link and everything else. Unknown counts as something.
    pub(super) async fn powers_of(&self, account: &Account) -> Result<Vec<String>, Failure> {
        let rules = self.rules.now();
        Ok(match Asker::fresh(&self.store, &rules, &*self.roster, account, self.clock.now()).await? {
            Some(one) => named_powers(&rules, &one, None),
            None => vec!["whatever its platform does not say now".into()],
        })
    }
}

fn somebody(
    (account, standing): (&Account, &Standing),
    rights: Rights,
    claude_role: Option<String>,
    linked: bool,
) -> Asker {
    Asker {
        person: Some(Person { id: PersonId(String::new()), name: String::new(), member_id: None }),
        account: account.clone(),
        standing: standing.clone(),
        rights,
        linked,
        email: None,
        claude_role,
        held: None::<Held>,
    }
}

/// Roles beyond `member`, and the rules that name `one` as an approver; without what `before` has.
fn named_powers(rules: &Rules, one: &Asker, before: Option<&Asker>) -> Vec<String> {
    let had = |it: &Holding| before.is_some_and(|before| before.rights.holdings.contains(it));
    let gained = one.rights.holdings.iter().filter(|it| it.role != Role::Member && !had(it));
    let mut powers: Vec<String> = gained
        .map(|it| match &it.workspace {
            Some(workspace) => format!("the role {} in {workspace}", it.role),
            None => format!("the role {}", it.role),
        })
        .collect();
    for (approvers, workspace, of) in named_approvers(rules) {
        let is = |one: &Asker| {
            let named = approvers.iter().filter(|it| !matches!(it, Approver::Role(_)));
            named.into_iter().any(|it| one.is(it, workspace))
        };
        if is(one) && !before.is_some_and(is) {
            powers.push(format!("approving {of}"));
        }
    }
    powers
}

/// Everybody whom the configuration names as an approver of something, and of what.
fn named_approvers(rules: &Rules) -> Vec<(&[Approver], Option<&str>, String)> {
    let policies = rules.policies.iter().filter_map(|rule| match &rule.decision {
        Decision::Approvals(asked) => {
            Some((asked.by.as_slice(), rule.workspace.as_deref(), format!("requests of the kind {}", rule.kind)))
        }
        _ => None,
    });
    let workspaces = rules.workspaces.iter().map(|it| {
        (it.approvers.as_slice(), Some(it.name.as_str()), format!("requests about the workspace {}", it.name))
    });
    policies.chain(workspaces).collect()
}
