//! Grants and delegations: a right more for one person, for a time, given by somebody through the same pipeline as any change.

use std::fmt;

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{ChangeId, Permission, PersonId};
use crate::chat::Account;
use crate::clock::Moment;

/// A calendar day, and the moment in the organization's zone that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// As people write it.
    pub day: Date,
    /// What it comes to: its beginning, or its end.
    pub at: Moment,
}

impl Day {
    /// From the beginning of `day`. None outside of the calendar.
    #[must_use]
    pub fn beginning(day: Date, zone: &TimeZone) -> Option<Self> {
        let at = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().ok()?;
        Some(Self { day, at })
    }

    /// To the end of `day`, which still counts. None outside of the calendar.
    #[must_use]
    pub fn end(day: Date, zone: &TimeZone) -> Option<Self> {
        let next = Self::beginning(day.checked_add(Span::new().days(1)).ok()?, zone)?;
        Some(Self { day, at: next.at })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.day.fmt(f)
    }
}

/// The one workspace that something counts in: by id, so that a right stays with it when it gets another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    /// `wrkspc_…`.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// Somebody and what they go by: the id counts, the name is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// The person.
    pub id: PersonId,
    /// How people call them.
    pub name: String,
}

/// What a grant gives to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantTerms {
    /// Who gets it.
    pub holder: Called,
    /// What they may, beyond their roles.
    pub permission: Permission,
    /// Where; none: everywhere.
    pub within: Option<Within>,
    /// Until the end of this day; none: until somebody revokes it.
    pub until: Option<Day>,
}

impl GrantTerms {
    /// `key.get in research until 2026-12-31`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}{}{}", self.permission, place(self.within.as_ref()), end(self.until.as_ref()))
    }

    /// True for what would let somebody decide, or make others decide, or see what everybody did: a second admin agrees to that.
    #[must_use]
    pub fn is_weighty(&self) -> bool {
        matches!(
            self.permission,
            Permission::Admin | Permission::Approve | Permission::MemberManage | Permission::Audit
        )
    }
}

/// A grant that counts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Counts up from 1; people read `G1`.
    pub number: i64,
    /// The change that gave it.
    pub change: ChangeId,
    /// What it gives to whom.
    pub terms: GrantTerms,
    /// Who asked for it.
    pub given_by: Account,
    /// When it was given.
    pub given_at: Moment,
}

impl Grant {
    /// `G1`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("G{}", self.number)
    }

    /// True if it gives `permission` in this workspace, by name.
    pub(super) fn gives(&self, permission: Permission, workspace: Option<&str>) -> bool {
        let here = |own: &Within| workspace.is_some_and(|it| it.eq_ignore_ascii_case(&own.name));
        self.terms.permission == permission && self.terms.within.as_ref().is_none_or(here)
    }
}

/// Who stands in for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationTerms {
    /// Whose duties as an approver these are.
    pub from: Called,
    /// Who does them meanwhile.
    pub to: Called,
    /// For what is about this workspace; none: for everything.
    pub within: Option<Within>,
    /// From the beginning of this day.
    pub since: Day,
    /// To the end of this day.
    pub until: Day,
}

impl DelegationTerms {
    /// `in research from 2026-12-20 until 2026-12-31`, with a space before it.
    #[must_use]
    pub fn span(&self) -> String {
        format!("{} from {} until {}", place(self.within.as_ref()), self.since, self.until)
    }
}

/// A delegation, whether it counts at this moment or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Counts up from 1; people read `D1`.
    pub number: i64,
    /// The change that made it.
    pub change: ChangeId,
    /// Who stands in for whom, and when.
    pub terms: DelegationTerms,
    /// True if somebody else agreed to it. Otherwise it was made at once, because whoever stands in may decide all of it anyway;
    /// should that change, it gives them nothing.
    pub agreed: bool,
    /// Who asked for it.
    pub given_by: Account,
    /// When it was asked for and agreed to.
    pub given_at: Moment,
}

impl Delegation {
    /// `D1`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("D{}", self.number)
    }

    /// True between its first and its last day.
    #[must_use]
    pub fn counts_at(&self, now: Moment) -> bool {
        self.terms.since.at <= now && now < self.terms.until.at
    }

    /// True if it is for what is about this workspace, by name; one for everything always is.
    #[must_use]
    pub fn counts_in(&self, workspace: Option<&str>) -> bool {
        let here = |own: &Within| workspace.is_some_and(|it| it.eq_ignore_ascii_case(&own.name));
        self.terms.within.as_ref().is_none_or(here)
    }
}

/// The number of a grant or a delegation, as people write it: its letter and a number, such as `G17`.
#[must_use]
pub fn numbered(letter: char, text: &str) -> Option<i64> {
    let digits = text.trim().strip_prefix([letter.to_ascii_uppercase(), letter.to_ascii_lowercase()])?;
    let plain = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|it| it.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

fn place(within: Option<&Within>) -> String {
    within.map_or_else(String::new, |it| format!(" in {}", it.name))
}

fn end(until: Option<&Day>) -> String {
    until.map_or_else(String::new, |it| format!(" until {it}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_when_the_next_begins_in_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let last: Date = "2026-12-31".parse().unwrap();
        assert_eq!(Day::end(last, &zone).unwrap().at, "2026-12-31T23:00:00Z".parse().unwrap());
        assert_eq!(Day::beginning(last, &zone).unwrap().at, "2026-12-30T23:00:00Z".parse().unwrap());
        assert_eq!(Day::end(Date::MAX, &zone), None);
    }

    #[test]
    fn numbers_are_read_as_they_are_shown() {
        assert_eq!(numbered('G', " g17 "), Some(17));
        for text in ["", "G", "17", "D17", "G-1", "G1x", "G99999999999999999999"] {
            assert_eq!(numbered('G', text), None, "{text}");
        }
    }
}
