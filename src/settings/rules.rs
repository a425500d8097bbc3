//! From what the file says to the rules that requests go by. What this version cannot keep is refused, never weakened.

use super::reference::Subject;
use super::{Approver, AskedBy, Decide, Error, PolicyRule, Settings, Workspace};
use crate::domain::{self, Decision, Kind, Permission, Place, Role, RoleMap, RoleMapEntry, RoleMapFrom, Rules};

impl Settings {
    /// The rules that requests go by.
    ///
    /// # Errors
    ///
    /// [`Error`] for a policy that asks for more than this version can keep, such as two approvals: to go on with less would
    /// open what the operator meant to close.
    pub fn rules(&self) -> Result<Rules, Error> {
        let file = &self.configuration;
        let policies = file.policy.iter().enumerate().map(|(index, rule)| policy(index + 1, rule));
        Ok(Rules {
            command: file.command.clone(),
            time_zone: file.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            verified_domains: file.verified_domains.clone(),
            role_map: self.role_map(),
            policies: policies.collect::<Result<_, _>>()?,
            workspaces: file.workspaces.iter().map(place).collect(),
            approvers_channel: file.approvers_channel.as_ref().map(ToString::to_string),
            remind_after: file.remind_after.unsigned_abs(),
            expire_after: file.expire_after.unsigned_abs(),
            pending_per_person: i64::from(file.quotas.pending_per_person),
        })
    }

    fn role_map(&self) -> RoleMap {
        let file = &self.configuration;
        let entries = file.role_map.iter().map(|line| RoleMapEntry {
            from: match &line.from {
                Subject::Account(account) => RoleMapFrom::Account(account.into()),
                Subject::Group(group) => RoleMapFrom::Group(group.to_string()),
                Subject::ClaudeRole(role) => RoleMapFrom::ClaudeRole(role.clone()),
            },
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

fn policy(number: usize, rule: &PolicyRule) -> Result<domain::PolicyRule, Error> {
    let cannot =
        |what: &str| Err(Error::alone(format!("[[policy]] number {number}: {what} cannot be kept by this version")));
    let Ok(kind) = rule.change.parse::<Kind>() else {
        return cannot("its kind of change");
    };
    if rule.workspace.is_some() || rule.environment.is_some() || rule.above_usd_micros.is_some() {
        return cannot("a condition on workspace, environment or amount");
    }
    let asked_by = match &rule.asked_by {
        None => None,
        Some(AskedBy::Role(role)) => Some(Role::named(role)),
        Some(AskedBy::Steward) => return cannot("`asked_by = \"steward\"`"),
    };
    let decision = match &rule.decide {
        Decide::AtOnce => Decision::AtOnce,
        Decide::Refuse => Decision::Refuse,
        Decide::Approvals(asked) if asked.count > 1 => return cannot("more than one approval"),
        Decide::Approvals(asked) if asked.allow_self => return cannot("`allow_self`"),
        Decide::Approvals(asked) => {
            let mut by = Vec::new();
            for approver in &asked.by {
                by.push(match approver {
                    Approver::Role(role) => domain::Approver::Role(role.clone()),
                    Approver::Subject(Subject::Account(account)) => domain::Approver::Named(account.to_string()),
                    Approver::Subject(Subject::Group(group)) => domain::Approver::Named(group.to_string()),
                    Approver::Subject(Subject::ClaudeRole(_)) => return cannot("an approver by `claude-role:`"),
                    Approver::OfWorkspace => return cannot("`approvers` of a workspace"),
                });
            }
            Decision::Approvals { count: 1, by }
        }
    };
    Ok(domain::PolicyRule { kind, asked_by, decision })
}

fn place((name, workspace): (&String, &Workspace)) -> Place {
    let approver = |subject: &Subject| match subject {
        Subject::Account(account) => Some(domain::Approver::Named(account.to_string())),
        Subject::Group(group) => Some(domain::Approver::Named(group.to_string())),
        // No policy of this version asks a workspace's approvers, so nothing is weakened by leaving it out.
        Subject::ClaudeRole(_) => None,
    };
    Place {
        name: name.clone(),
        environment: workspace.environment,
        approvers: workspace.approvers.iter().filter_map(approver).collect(),
        approvers_channel: workspace.approvers_channel.as_ref().map(ToString::to_string),
    }
}
