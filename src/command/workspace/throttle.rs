//! From what somebody wrote to the limits that are meant, by what Anthropic lists just now.

use super::{LimitName, LimitValue};
use crate::change::{Failure, GroupLimits, LimitChange};
use crate::chat::{Text, grouped};
use crate::claude::{LimitKind, LimitSource, RateLimit, WorkspaceRateLimit};
use crate::view::rate_limit;

/// Both lists as they are now.
pub(super) struct Listed<'a> {
    pub(super) organization: &'a [RateLimit],
    pub(super) own: &'a [WorkspaceRateLimit],
}

impl Listed<'_> {
    /// The changes that are meant, group by group.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if a group is not there or several are meant, if a limit is named twice, or if it would change
    /// nothing.
    pub(super) fn meant(&self, set: &[LimitValue], clear: &[LimitName]) -> Result<Vec<GroupLimits>, Failure> {
        let mut groups: Vec<GroupLimits> = Vec::new();
        for it in set {
            let entry = self.entry(&it.group)?;
            may_have(entry, it)?;
            self.put(&mut groups, entry, (&it.kind, Some(it.value)))?;
        }
        for it in clear {
            let entries = match &it.group {
                Some(group) => vec![self.entry(group)?],
                None => self.organization.iter().collect(),
            };
            for entry in entries {
                let kinds = it.kind.clone().map_or_else(|| self.own_kinds(entry), |kind| vec![kind]);
                for kind in &kinds {
                    self.put(&mut groups, entry, (kind, None))?;
                }
            }
        }
        if groups.is_empty() {
            return Err(Failure::mistake("There are no limits of its own to clear.", "Nothing was changed."));
        }
        Ok(groups)
    }

    fn put(
        &self,
        groups: &mut Vec<GroupLimits>,
        entry: &RateLimit,
        (kind, to): (&LimitKind, Option<u64>),
    ) -> Result<(), Failure> {
        let from = self.own(entry, kind);
        let change = LimitChange { kind: kind.as_str().to_owned(), name: rate_limit::limit(kind), from, to };
        let group = rate_limit::group(entry.group.as_ref(), &entry.models);
        let at = groups.iter().position(|it| it.rate_limit_id == entry.id).unwrap_or_else(|| {
            groups.push(GroupLimits { rate_limit_id: entry.id.clone(), group, limits: Vec::new() });
            groups.len() - 1
        });
        if groups[at].limits.iter().any(|it| it.kind == change.kind) {
            return Err(Failure::mistake(
                format!("The limit of {} for {} is named twice.", change.name, groups[at].group),
                "Nothing was changed. Name each limit once.",
            ));
        }
        groups[at].limits.push(change);
        Ok(())
    }

    /// The workspace's own limit.
    fn own(&self, entry: &RateLimit, kind: &LimitKind) -> Option<u64> {
        let here = self.own.iter().find(|it| it.rate_limit_id == entry.id)?;
        here.limit(kind).filter(|it| it.source == LimitSource::Workspace).and_then(|it| it.value)
    }

    /// What the workspace has limits of its own for.
    fn own_kinds(&self, entry: &RateLimit) -> Vec<LimitKind> {
        let here = self.own.iter().filter(|it| it.rate_limit_id == entry.id).flat_map(|it| &it.limits);
        here.map(|it| it.kind.clone()).filter(|it| self.own(entry, it).is_some() && it.assignable()).collect()
    }

    /// The one group that is meant: by its name, a model of it or its id; or by a part of them, if no other has it.
    fn entry(&self, said: &str) -> Result<&RateLimit, Failure> {
        let wanted = folded(said);
        let names = |it: &RateLimit| {
            let group = it.group.as_ref();
            let ids = [Some(it.id.clone()), group.and_then(|it| it.id.clone())].into_iter().flatten();
            let kind = group.filter(|_| it.models.is_empty()).map(|it| it.kind.clone());
            let named = [rate_limit::group(group, &it.models)].into_iter().chain(it.models.iter().cloned());
            named.chain(ids).chain(kind).map(|it| folded(&it)).collect::<Vec<String>>()
        };
        let exact = |it: &&RateLimit| names(it).contains(&wanted);
        if let Some(found) = self.organization.iter().find(exact) {
            return Ok(found);
        }
        let part = |it: &&RateLimit| !wanted.is_empty() && names(it).iter().any(|name| name.contains(&wanted));
        let found: Vec<&RateLimit> = self.organization.iter().filter(part).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(no_group(&format!("The organization has no limits for {}.", said.trim()), self.organization)),
            several => Err(no_group(&format!("Several groups are meant by {}.", said.trim()), several.iter().copied())),
        }
    }
}

fn no_group<'a>(why: &str, groups: impl IntoIterator<Item = &'a RateLimit>) -> Failure {
    let names: Vec<String> = groups.into_iter().map(|it| rate_limit::group(it.group.as_ref(), &it.models)).collect();
    Failure::mistake(why, Text::plain(format!("Nothing was changed. There are limits for {}.", listed(&names))))
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// What the API would refuse, or what would make no difference.
fn may_have(entry: &RateLimit, wanted: &LimitValue) -> Result<(), Failure> {
    let group = rate_limit::group(entry.group.as_ref(), &entry.models);
    let (name, all) = (rate_limit::limit(&wanted.kind), entry.limits.iter().find(|it| it.kind == wanted.kind));
    if all.is_none() && entry.models.is_empty() {
        return Err(Failure::mistake(format!("For {group}, {name} are not counted."), "Nothing was changed."));
    }
    match all.and_then(|it| it.value) {
        Some(most) if most < wanted.value => Err(Failure::mistake(
            format!("The organization itself may use {} {name} of {group}, and the lower one counts.", grouped(most)),
            "Nothing was changed. Name that number or a lower one.",
        )),
        _ => Ok(()),
    }
}

/// Letters and digits alone, in small letters: `Claude Opus 5` and `claude-opus-5` are the same.
fn folded(text: &str) -> String {
    text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
