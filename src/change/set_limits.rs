//! The call that sets or clears rate limits of a workspace for one group of models or one feature:
//! `POST /v1/organizations/workspaces/{id}/rate_limits/{rate_limit_id}`.

use serde::{Deserialize, Serialize};

use super::applied::{Applied, Found, call};
use super::permit::Permit;
use crate::chat::grouped;
use crate::claude::{Error, LimitKind, LimitSetting, LimitSource, Reader, WorkspaceRateLimit, Writer};
use crate::domain::Step;

/// One thing that is counted, and what the workspace may use of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitChange {
    /// What is counted, as the API calls it.
    pub kind: String,
    /// The same in words: "requests per minute".
    pub name: String,
    /// The workspace's own limit before; none: the organization's.
    pub from: Option<u64>,
    /// The workspace's own limit after; none: the organization's.
    pub to: Option<u64>,
}

/// The workspace, the group, and the limits before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLimits {
    pub(super) workspace_id: String,
    /// What people call it.
    pub(super) workspace: String,
    /// The id of the organization's entry.
    pub(super) rate_limit_id: String,
    /// What people call the group.
    pub(super) group: String,
    pub(super) limits: Vec<LimitChange>,
}

/// What a workspace's own limit is, in words.
pub(super) fn own_value(value: Option<u64>) -> String {
    value.map_or_else(|| "the organization's".to_owned(), grouped)
}

/// A workspace's own limit, as Anthropic lists it.
pub(super) fn own_limit(all: &[WorkspaceRateLimit], rate_limit_id: &str, kind: &str) -> Option<u64> {
    let entry = all.iter().find(|it| it.rate_limit_id == rate_limit_id)?;
    let limit = entry.limit(&LimitKind::from(kind)).filter(|it| it.source == LimitSource::Workspace);
    limit.and_then(|it| it.value)
}

impl SetLimits {
    /// The call, in words.
    pub(super) fn step(&self) -> Step {
        let ids = (&self.workspace_id, &self.rate_limit_id);
        Step {
            call: format!("POST /v1/organizations/workspaces/{}/rate_limits/{}", ids.0, ids.1),
            does: format!("{}; it takes up to about an hour to work", self.said()),
            exact: String::new(),
        }
    }

    fn said(&self) -> String {
        let each = self.limits.iter().map(|it| match it.to {
            Some(to) => format!("{} {}", grouped(to), it.name),
            None => format!("as many {} as the organization", it.name),
        });
        format!("{} may use of {}: {}", self.workspace, self.group, each.collect::<Vec<_>>().join(", "))
    }

    fn applied(&self) -> Applied {
        let done = format!("{}, within about an hour", self.said());
        Applied { id: self.workspace_id.clone(), done, was: None }
    }

    pub(super) async fn apply(&self, permit: Permit, claude: &Writer) -> Result<Applied, Error> {
        let setting = |it: &LimitChange| LimitSetting { kind: LimitKind::from(it.kind.as_str()), value: it.to };
        let settings: Vec<LimitSetting> = self.limits.iter().map(setting).collect();
        call(permit, claude.set_rate_limits(&self.workspace_id, &self.rate_limit_id, &settings)).await?;
        Ok(self.applied())
    }

    /// All as after: done. All as before: not done; they are set together. Anything else was set by somebody else.
    pub(super) async fn already(&self, claude: &Reader) -> Result<Found, Error> {
        let all = claude.workspace_rate_limits(&self.workspace_id).collect_all().await?;
        let is = |wanted: fn(&LimitChange) -> Option<u64>| {
            self.limits.iter().all(|it| own_limit(&all, &self.rate_limit_id, &it.kind) == wanted(it))
        };
        Ok(if is(|it| it.to) {
            Found::Done(self.applied())
        } else if is(|it| it.from) {
            Found::NotDone
        } else {
            Found::Unclear("limits_changed_elsewhere")
        })
    }
}
