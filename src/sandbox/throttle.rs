//! What a workspace may use: its own limits, set and cleared, and the organization's behind them. The lower one counts.

use super::limits::{Group, OwnLimit, group_of};
use super::nouns::Workspace;
use super::organization::Organization;
use super::state::State;
use crate::clock::Moment;

impl State {
    /// A workspace's own limit, as the API shows it: from the moment it was set.
    pub(super) fn own_limit(&self, workspace_id: &str, group: &Group, kind: &str) -> Option<i64> {
        self.own_limits.iter().find(|it| it.is(workspace_id, group, kind)).and_then(|it| it.value)
    }

    /// What a workspace's own limits count, for this group, in the order in which they were first set.
    pub(super) fn own_kinds(&self, workspace_id: &str, group: &Group) -> Vec<&str> {
        let here = |it: &&OwnLimit| it.workspace_id == workspace_id && it.group == group.id && it.value.is_some();
        self.own_limits.iter().filter(here).map(|it| it.kind.as_str()).collect()
    }

    /// Sets or clears a workspace's limit.
    pub(super) fn set_limit(
        &mut self,
        workspace: &str,
        group: &Group,
        (kind, value): (&str, Option<i64>),
        now: Moment,
    ) {
        match self.own_limits.iter_mut().find(|it| it.is(workspace, group, kind)) {
            // The same again is no change: what is under way goes on.
            Some(found) if found.value == value => {}
            Some(found) => {
                found.before = found.in_force(now);
                (found.value, found.set_at) = (value, now);
            }
            None => self.own_limits.push(OwnLimit {
                workspace_id: workspace.to_owned(),
                group: group.id.to_owned(),
                kind: kind.to_owned(),
                value,
                set_at: now,
                before: None,
            }),
        }
    }

    /// What a workspace may use at `now`: the lower one of its own limit in force and the organization's.
    pub(super) fn limit_in_force(&self, workspace_id: &str, group: &Group, kind: &str, now: Moment) -> Option<i64> {
        let own = self.own_limits.iter().find(|it| it.is(workspace_id, group, kind)).and_then(|it| it.in_force(now));
        [own, group.limit(kind)].into_iter().flatten().min()
    }

    /// Whether limits can be set for this workspace; else why not.
    pub(super) fn takes_limits(workspace: &Workspace) -> Result<(), &'static str> {
        if workspace.is_default {
            Err("Rate limits cannot be set on the default workspace")
        } else if workspace.archived_at.is_some() {
            Err("An archived workspace cannot be changed")
        } else {
            Ok(())
        }
    }
}

impl Organization {
    /// The limits that were set for workspaces, cleared ones included.
    #[must_use]
    pub fn own_limits(&self) -> Vec<OwnLimit> {
        self.read(|state| state.own_limits.clone())
    }

    /// How much of `kind` a workspace may use of a model at this moment.
    #[must_use]
    pub fn limit_in_force(&self, workspace_id: &str, model: &str, kind: &str) -> Option<i64> {
        let now = self.now();
        self.read(|state| group_of(model).and_then(|group| state.limit_in_force(workspace_id, group, kind, now)))
    }
}
