//! From what the file says to the rules that requests go by. What this version cannot keep is refused, never weakened.

use std::sync::Arc;

use super::prices::prices;
use super::reference::Subject;
use super::{
    Approver, AskedBy, Configuration, Decide, Error, LimitScope, PolicyRule, Settings, Workspace, WorkspaceMapping,
};
use crate::domain::{
    self, Amount, AtMost, Decision, Kind, LimitTerms, MoneyRules, Permission, Place, Role, RoleMap, RoleMapEntry,
    RoleMapFrom, Rules, Scope, WorkspaceMapEntry,
};

impl Settings {
    /// The rules that requests go by.
    ///
    /// # Errors
    ///
    /// [`Error`] for a policy that asks for more than this version can keep, such as a condition on an amount: to go on with
    /// less would open what the operator meant to close. And for a price table that cannot be read.
    pub fn rules(&self) -> Result<Rules, Error> {
        self.configuration.rules()
    }
}

impl Configuration {
    /// The same, of a file that was read on its own.
    ///
    /// # Errors
    ///
    /// As [`Settings::rules`].
    pub fn rules(&self) -> Result<Rules, Error> {
        let file = self;
        let policies = file.policy.iter().enumerate().map(|(index, rule)| policy(index + 1, rule));
        Ok(Rules {
            command: file.command.clone(),
            time_zone: file.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            verified_domains: file.verified_domains.clone(),
            role_map: self.role_map(),
            policies: policies.collect::<Result<_, _>>()?,
            workspace_map: file.workspace_map.iter().filter_map(mapping).collect(),
            workspaces: file.workspaces.iter().map(place).collect(),
            approvers_channel: file.approvers_channel.as_ref().map(ToString::to_string),
            remind_after: file.remind_after.unsigned_abs(),
            expire_after: file.expire_after.unsigned_abs(),
            pending_per_person: i64::from(file.quotas.pending_per_person),
            keys_per_person: i64::from(file.quotas.keys_per_person),
            thresholds: file.money.thresholds.clone(),
            limits: file.limits.iter().map(limit).collect(),
            money: MoneyRules {
                prices: Arc::new(prices(file.money.prices.as_deref())?),
                tags: file.money.tags.clone(),
                raw_retention: file.money.raw_retention.unsigned_abs(),
            },
        })
    }

    fn role_map(&self) -> RoleMap {
        let file = self;
        let entries = file.role_map.iter().map(|line| RoleMapEntry {
            from: from(&line.from),
            role: Role::named(&line.role),
            workspace: line.workspace.clone(),
        });
        // The settings know the names of permissions, so one that does not parse is none.
        let permissions = |names: &[String]| names.iter().filter_map(|it| it.parse::<Permission>().ok()).collect();
        RoleMap {
            first_admins: file.first_admins.iter().map(Into::into).collect(),
            entries: entries.collect(),
            custom: file.roles.iter().map(|(name, role)| (name.clone(), permissions(&role.permissions))).collect(),
        }
    }
}

fn from(subject: &Subject) -> RoleMapFrom {
    match subject {
        Subject::Account(account) => RoleMapFrom::Account(account.into()),
        Subject::Group(group) => RoleMapFrom::Group(group.to_string()),
        Subject::ClaudeRole(role) => RoleMapFrom::ClaudeRole(role.clone()),
    }
}

/// The settings know the roles of a workspace, so one that does not parse is none.
fn mapping(line: &WorkspaceMapping) -> Option<WorkspaceMapEntry> {
    let role = line.workspace_role.parse().ok()?;
    Some(WorkspaceMapEntry { from: from(&line.from), workspace: line.workspace.clone(), role })
}

fn policy(number: usize, rule: &PolicyRule) -> Result<domain::PolicyRule, Error> {
    let cannot =
        |what: &str| Err(Error::alone(format!("[[policy]] number {number}: {what} cannot be kept by this version")));
    let Ok(kind) = rule.change.parse::<Kind>() else {
        return cannot("its kind of change");
    };
    if rule.above_usd_micros.is_some() && !kind.has_amount() {
        return cannot(&format!("an amount in `above_usd`, which nothing of the kind {kind} has,"));
    }
    let asked_by = match &rule.asked_by {
        None => None,
        Some(AskedBy::Role(role)) => Some(domain::AskedBy::Role(Role::named(role))),
        Some(AskedBy::Steward) if kind == Kind::KeyStatus => {
            return cannot("what Steward switches off waits for nobody; a rule that says otherwise");
        }
        Some(AskedBy::Steward) => Some(domain::AskedBy::Steward),
    };
    let decision = match &rule.decide {
        Decide::AtOnce => Decision::AtOnce,
        Decide::Refuse => Decision::Refuse,
        Decide::Approvals(asked) => Decision::Approvals(domain::Approvals {
            // The settings take at most nine.
            count: u8::try_from(asked.count).unwrap_or(u8::MAX),
            by: asked.by.iter().map(approver).collect(),
            in_order: asked.in_order,
            allow_self: asked.allow_self,
            workspace: None,
        }),
    };
    let at_most = rule.at_most.map(|it| AtMost { count: i64::from(it.count), within: it.within.unsigned_abs() });
    Ok(domain::PolicyRule {
        kind,
        asked_by,
        workspace: rule.workspace.clone(),
        environment: rule.environment,
        above: rule.above_usd_micros.map(Amount::from_usd_micros),
        decision,
        at_most,
    })
}

fn approver(named: &Approver) -> domain::Approver {
    match named {
        Approver::Role(role) => domain::Approver::Role(role.clone()),
        Approver::Subject(subject) => subject_as_approver(subject),
        Approver::OfWorkspace => domain::Approver::OfWorkspace,
    }
}

fn subject_as_approver(subject: &Subject) -> domain::Approver {
    match subject {
        Subject::Account(account) => domain::Approver::Named(account.to_string()),
        Subject::Group(group) => domain::Approver::Named(group.to_string()),
        Subject::ClaudeRole(role) => domain::Approver::ClaudeRole(role.clone()),
    }
}

fn limit(it: &super::Limit) -> LimitTerms {
    let scope = match &it.scope {
        LimitScope::Organization => Scope::Organization,
        LimitScope::Workspace(name) => Scope::Workspace(name.clone()),
        LimitScope::Person(name) => Scope::Person(name.clone()),
        LimitScope::Key(name) => Scope::Key(name.clone()),
        LimitScope::Model(name) => Scope::Model(name.clone()),
        LimitScope::Tag(name) => Scope::Tag(name.clone()),
    };
    LimitTerms { scope, per: it.per, amount: Amount::from_usd_micros(it.amount_usd_micros), brake: it.brake }
}

fn place((name, workspace): (&String, &Workspace)) -> Place {
    Place {
        name: name.clone(),
        environment: workspace.environment,
        approvers: workspace.approvers.iter().map(subject_as_approver).collect(),
        approvers_channel: workspace.approvers_channel.as_ref().map(ToString::to_string),
        issuer: workspace.issuer,
        low_stock: workspace.low_stock,
        rotate_days: (workspace.rotate_every.as_hours() / 24).max(1),
        silent_hours: workspace.silent_for.as_hours().max(1),
        token_lifetime_s: workspace.token_lifetime.as_secs(),
        key_name: workspace.key_name.clone(),
    }
}
