//! Setting and clearing a workspace's rate limits: one `POST` for each group of models or feature.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::placing::place;
use super::set_limits::{LimitChange, SetLimits, own_limit, own_value};
use super::world::World;
use crate::domain::{Fact, Plan};

/// The limits of one group of models or one feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLimits {
    /// The id of the organization's entry.
    pub rate_limit_id: String,
    /// What people call the group.
    pub group: String,
    /// What is to be, and what it was when somebody looked. Limits are not kept in the directory.
    pub limits: Vec<LimitChange>,
}

/// The workspace and its next limits. What is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetWorkspaceLimits {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// Group by group.
    pub groups: Vec<GroupLimits>,
}

impl SetWorkspaceLimits {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let seen = place(world, &self.workspace_id, "it can have no limits of its own")?;
        let workspace = &seen.workspace;
        let mut plan = Plan {
            summary: format!("set rate limits of {}", workspace.name),
            steps: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            cost: None,
            undo: Some("put the limits back as they were".into()),
        };
        let mut effects = Vec::new();
        for group in &self.groups {
            // As they are, where they were looked at just now; else as whoever asked saw them.
            let now = |it: &LimitChange| match &seen.limits {
                Some(all) => own_limit(all, &group.rate_limit_id, &it.kind),
                None => it.from,
            };
            let limits = group.limits.iter().map(|it| LimitChange { from: now(it), ..it.clone() });
            let limits: Vec<LimitChange> = limits.filter(|it| it.from != it.to).collect();
            if limits.is_empty() {
                continue;
            }
            for it in &limits {
                let name = format!("{}, {}", group.group, it.name);
                plan.before.push(Fact::new(&name, own_value(it.from)));
                plan.after.push(Fact::new(&name, own_value(it.to)));
            }
            let effect = SetLimits {
                workspace_id: workspace.id.clone(),
                workspace: workspace.name.clone(),
                rate_limit_id: group.rate_limit_id.clone(),
                group: group.group.clone(),
                limits,
            };
            plan.steps.push(effect.step());
            effects.push(Effect::SetLimits(effect));
        }
        if effects.is_empty() {
            return Err(Failure::mistake(
                format!("The limits of {} are as you want them already.", workspace.name),
                "Nothing was changed.",
            ));
        }
        Ok(Draft { plan, effects })
    }

    /// The same limits as they were before.
    pub(super) fn reversed(self) -> Self {
        let back = |it: LimitChange| LimitChange { from: it.to, to: it.from, ..it };
        let group = |it: GroupLimits| GroupLimits { limits: it.limits.into_iter().map(back).collect(), ..it };
        Self { groups: self.groups.into_iter().map(group).collect(), ..self }
    }
}
