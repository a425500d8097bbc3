//! Drift: where the organization is not as Steward knows it, because somebody changed it elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;

/// What sort of thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// A member: the value is their role.
    Member,
    /// An open invitation: the value is the role it offers.
    Invite,
    /// A workspace: the value is `active` or `archived`.
    Workspace,
    /// Somebody's place in a workspace: the value is their role there.
    Membership,
    /// An API key: the value is its status.
    ApiKey,
}

impl DriftKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Member, Self::Invite, Self::Workspace, Self::Membership, Self::ApiKey];

    /// The name in the store and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Invite => "invite",
            Self::Workspace => "workspace",
            Self::Membership => "membership",
            Self::ApiKey => "api_key",
        }
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// One thing in the organization: its kind, and its id; of a membership the workspace's and the user's, with a `/` between.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing {
    /// What sort of thing.
    pub kind: DriftKind,
    /// Which.
    pub id: String,
}

impl Thing {
    /// The thing of this kind and id.
    #[must_use]
    pub fn new(kind: DriftKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Somebody's place in a workspace.
    #[must_use]
    pub fn seat(workspace_id: &str, user_id: &str) -> Self {
        Self::new(DriftKind::Membership, format!("{workspace_id}/{user_id}"))
    }

    /// The workspace and the user of a membership.
    #[must_use]
    pub fn as_seat(&self) -> Option<(&str, &str)> {
        if self.kind == DriftKind::Membership { self.id.split_once('/') } else { None }
    }
}

/// A thing as the directory has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its value; none if it is gone.
    pub value: Option<String>,
    /// What people call it: an address, a name.
    pub label: String,
    /// The workspace that it is in, by name.
    pub place: Option<String>,
    /// What it belongs to: without that, nothing needs to be told of it.
    pub owners: Vec<Thing>,
    /// When it was looked at.
    pub at: Moment,
    /// True if what it is now came about by itself: an invitation that was accepted or lapsed, a key that expired.
    pub by_itself: bool,
}

/// Where a drift stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftState {
    /// Nobody has said what is to become of it.
    Open,
    /// Not to be told again until a moment.
    Ignored,
    /// It is as it should be from now on.
    Adopted,
    /// It is no longer so.
    Over,
}

impl DriftState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Ignored, Self::Adopted, Self::Over];

    /// The name in the store and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ignored => "ignored",
            Self::Adopted => "adopted",
            Self::Over => "over",
        }
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// A difference, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub thing: Thing,
    /// As it should be; none if it should not be there.
    pub before: Option<String>,
    /// As it is; none if it is gone.
    pub after: Option<String>,
    /// What people call it.
    pub label: String,
    /// The workspace that it is in, by name.
    pub place: Option<String>,
    /// How many other things differ because of this one.
    pub folded: i64,
}

/// A difference that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Counts up from 1; what people say: `drift adopt 12`.
    pub number: i64,
    /// What differs, and how.
    pub difference: Difference,
    /// Where it stands.
    pub state: DriftState,
    /// When it was found.
    pub found_at: Moment,
    /// Who said what is to become of it, and when.
    pub settled: Option<(String, Moment)>,
    /// Until when it is ignored.
    pub ignored_until: Option<Moment>,
}

/// What differs, and what is to be taken as it is without a word.
#[derive(Debug, Default)]
pub struct Compared {
    /// What people should hear of.
    pub differences: Vec<Difference>,
    /// What came about by itself, or belongs to something that is told.
    pub accepted: Vec<(Thing, Option<String>)>,
}

/// Compares what should be with what is. What belongs to something that came or went is folded into that.
#[must_use]
pub fn compare(expected: &BTreeMap<Thing, String>, observed: &BTreeMap<Thing, Observed>) -> Compared {
    let mut compared = Compared::default();
    let mut folded: BTreeMap<Thing, i64> = BTreeMap::new();
    for (thing, it) in observed {
        let before = expected.get(thing).cloned();
        if before == it.value {
            continue;
        }
        // Whatever it belongs to is new, or no longer in use: there is one thing to tell, not many.
        let cause = it.owners.iter().find(|owner| has_changed(owner, expected, observed));
        if let Some(owner) = cause.filter(|_| !it.by_itself) {
            *folded.entry(owner.clone()).or_default() += 1;
        }
        if cause.is_some() || it.by_itself {
            compared.accepted.push((thing.clone(), it.value.clone()));
            continue;
        }
        compared.differences.push(Difference {
            thing: thing.clone(),
            before,
            after: it.value.clone(),
            label: it.label.clone(),
            place: it.place.clone(),
            folded: 0,
        });
    }
    compared.differences.sort_by(|one, other| (one.thing.kind, &one.label).cmp(&(other.thing.kind, &other.label)));
    for difference in &mut compared.differences {
        difference.folded = folded.get(&difference.thing).copied().unwrap_or_default();
    }
    compared
}

/// True of a member or a workspace that was not there before, is not in use now, or has changed, whoever did that: a member's
/// role brings places in workspaces along.
fn has_changed(owner: &Thing, expected: &BTreeMap<Thing, String>, observed: &BTreeMap<Thing, Observed>) -> bool {
    let Some(now) = observed.get(owner) else { return false };
    let was = expected.get(owner).filter(|it| *it != "archived");
    let is = now.value.as_ref().filter(|it| *it != "archived");
    was != is || is.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::moment;

    fn is(value: Option<&str>, owners: &[Thing]) -> Observed {
        Observed {
            value: value.map(str::to_owned),
            label: "it".into(),
            place: None,
            owners: owners.to_vec(),
            at: moment(0),
            by_itself: false,
        }
    }

    #[test]
    fn what_belongs_to_something_gone_is_folded_into_it() {
        let (lea, key, seat) =
            (Thing::new(DriftKind::Member, "lea"), Thing::new(DriftKind::ApiKey, "k"), Thing::seat("w", "lea"));
        let expected = BTreeMap::from([
            (lea.clone(), "user".to_owned()),
            (key.clone(), "active".to_owned()),
            (seat.clone(), "workspace_user".to_owned()),
        ]);
        let gone = BTreeMap::from([
            (lea.clone(), is(None, &[])),
            (key.clone(), is(Some("archived"), std::slice::from_ref(&lea))),
            (seat.clone(), is(None, std::slice::from_ref(&lea))),
        ]);
        let compared = compare(&expected, &gone);
        assert_eq!(compared.differences.len(), 1);
        assert_eq!((&compared.differences[0].thing, compared.differences[0].folded), (&lea, 2));
        assert_eq!(compared.accepted, [(seat, None), (key.clone(), Some("archived".to_owned()))]);
        let there = BTreeMap::from([(lea.clone(), is(Some("user"), &[])), (key.clone(), is(Some("inactive"), &[lea]))]);
        let alone = compare(&expected, &there).differences;
        assert_eq!((alone.len(), &alone[0].thing, alone[0].after.as_deref()), (1, &key, Some("inactive")));
    }

    #[test]
    fn what_came_about_by_itself_is_taken_as_it_is() {
        let invite = Thing::new(DriftKind::Invite, "i");
        let expected = BTreeMap::from([(invite.clone(), "user".to_owned())]);
        let accepted = Observed { by_itself: true, ..is(None, &[]) };
        let compared = compare(&expected, &BTreeMap::from([(invite.clone(), accepted)]));
        assert_eq!((compared.differences, compared.accepted), (vec![], vec![(invite, None)]));
    }
}
