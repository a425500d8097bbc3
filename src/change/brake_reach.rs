//! What the brake of a limit would touch: which keys, and which rate limits of a workspace.

use super::failure::Failure;
use super::set_limits::LimitChange;
use super::workspace_limits::GroupLimits;
use crate::claude::{LimitSource, WorkspaceRateLimit};
use crate::clock::Moment;
use crate::domain::{Environment, Limit, Rules, Scope};
use crate::store::{ListedKey, Outlay, Store};
use crate::view::rate_limit;

/// What is left of a rate limit when it is lowered: one part of so many.
const ONE_OF: u64 = 4;

/// A key that a limit's brake would switch off, or keep off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrakeKey {
    /// `apikey_…`.
    pub id: String,
    /// The workspace that it works in.
    pub workspace_id: Option<String>,
    /// True if it is for production.
    pub production: bool,
    /// True if it works.
    pub works: bool,
    /// The brakes that hold it already.
    pub held_by: Vec<i64>,
}

/// The keys that spend for a limit, work or are held by a brake, and are not pinned.
///
/// # Errors
///
/// [`Failure::Internal`] if the database could not be asked.
pub async fn keys_of(
    store: &Store,
    rules: &Rules,
    (limit, outlay): (&Limit, &Outlay),
    now: Moment,
) -> Result<Vec<BrakeKey>, Failure> {
    let pinned: Vec<String> = store.pins(now).await?.into_iter().map(|it| it.key_id).collect();
    let mut spending = outlay.keys(&limit.terms.scope);
    spending.sort();
    let mut found = Vec::new();
    for it in store.listed_keys(false, now).await? {
        let key = &it.key;
        if it.in_stock || pinned.contains(&key.id) || !is_within(store, &it, &limit.terms.scope, &spending).await? {
            continue;
        }
        let held_by = store.brakes_of_key(&key.id).await?;
        let works = key.status == "active";
        if !works && held_by.is_empty() {
            continue;
        }
        let place = rules.place(it.workspace.as_deref().unwrap_or("no workspace"));
        let own = it.record.as_ref().map(|it| it.environment);
        let production = own.map_or(place.environment, |it| it.max(place.environment)) == Environment::Production;
        found.push(BrakeKey { id: key.id.clone(), workspace_id: key.workspace_id.clone(), production, works, held_by });
    }
    Ok(found)
}

async fn is_within(store: &Store, it: &ListedKey, scope: &Scope, spending: &[String]) -> Result<bool, Failure> {
    Ok(match scope {
        Scope::Organization => true,
        Scope::Workspace(id) => it.key.workspace_id.as_ref() == Some(id),
        Scope::Key(id) => it.key.id == *id,
        Scope::Person(id) => {
            let owner = store.owner_of_key(Some(&it.key)).await?.map(|it| it.0);
            owner.or_else(|| it.key.owner_id.clone()).as_ref() == Some(id)
        }
        // Only what spends for it: which keys may use a model, no call says.
        Scope::Model(_) | Scope::Tag(_) => spending.binary_search(&it.key.id).is_ok(),
    })
}

/// A workspace's rate limits, each lowered to a quarter of what counts for it now; `model`: only those of its group.
#[must_use]
pub fn lowered(all: &[WorkspaceRateLimit], model: Option<&str>) -> Vec<GroupLimits> {
    let is_meant = |it: &&WorkspaceRateLimit| {
        !it.models.is_empty() && model.is_none_or(|model| it.models.iter().any(|one| one == model))
    };
    let lower = |entry: &WorkspaceRateLimit| GroupLimits {
        rate_limit_id: entry.rate_limit_id.clone(),
        group: rate_limit::group(entry.group.as_ref(), &entry.models),
        limits: entry.limits.iter().filter(|it| it.kind.assignable()).filter_map(limit).collect(),
    };
    let limit = all.iter().filter(is_meant).map(lower);
    limit.filter(|it| !it.limits.is_empty()).collect()
}

fn limit(it: &crate::claude::WorkspaceLimit) -> Option<LimitChange> {
    let counts = [it.value, it.org_limit].into_iter().flatten().min()?;
    let own = it.value.filter(|_| it.source == LimitSource::Workspace);
    let to = (counts / ONE_OF).max(1);
    (own != Some(to)).then(|| LimitChange {
        kind: it.kind.as_str().to_owned(),
        name: rate_limit::limit(&it.kind),
        from: own,
        to: Some(to),
    })
}

/// Of the rate limits that are to be put back, those that are still as the brake left them.
pub(super) fn still_lowered(all: &[WorkspaceRateLimit], back: Vec<GroupLimits>) -> Vec<GroupLimits> {
    let is_ours = |group: &GroupLimits, it: &LimitChange| {
        super::set_limits::own_limit(all, &group.rate_limit_id, &it.kind) == it.from
    };
    let keep = |mut group: GroupLimits| {
        let limits = std::mem::take(&mut group.limits);
        group.limits = limits.into_iter().filter(|it| is_ours(&group, it)).collect();
        group
    };
    back.into_iter().map(keep).filter(|it| !it.limits.is_empty()).collect()
}
