//! Limits of what is spent: when a threshold is crossed, what was said of it already, and where spending is heading.

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Amount, Per, PersonId, Scope};
use crate::clock::{Moment, moment};

const HOUR_MS: i64 = 3_600_000;

/// What happens at a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brake {
    /// Warn only.
    Soft,
    /// Lower rate limits, then switch off keys that are not in production.
    Hard,
}

impl Brake {
    /// The name in the configuration and in commands.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Soft, Self::Hard].into_iter().find(|it| it.as_str() == name)
    }
}

impl clap::ValueEnum for Brake {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Soft, Self::Hard]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        let about = match self {
            Self::Soft => "Warn only",
            Self::Hard => "Brake",
        };
        Some(clap::builder::PossibleValue::new(self.as_str()).help(about))
    }
}

/// At how many percent of a hard limit rate limits are lowered.
pub const SLOW_AT: u32 = 90;
/// At how many percent of a hard limit keys are switched off.
pub const STOP_AT: u32 = 100;

/// As it is written.
impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Whose spending, how much of it, in which periods. One limit for each scope and length of period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitTerms {
    /// Whose.
    pub scope: Scope,
    /// In which periods.
    pub per: Per,
    /// How much, at most.
    pub amount: Amount,
    /// What happens then.
    pub brake: Brake,
}

/// What a limit goes by: there is one for each scope and length of period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LimitId {
    /// Whose spending.
    pub scope: Scope,
    /// In which periods.
    pub per: Per,
}

impl LimitTerms {
    /// What it goes by.
    #[must_use]
    pub fn id(&self) -> LimitId {
        LimitId { scope: self.scope.clone(), per: self.per }
    }
}

/// As it is kept: the scope by its ids.
impl std::fmt::Display for LimitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} per {}", self.scope, self.per)
    }
}

/// Is so much of it spent?
#[must_use]
pub fn reaches(spent: Amount, percent: u32, of: Amount) -> bool {
    i128::from(spent.0) * 100 >= i128::from(of.0) * i128::from(percent)
}

/// The thresholds that are reached, rising.
#[must_use]
pub fn crossed(spent: Amount, of: Amount, thresholds: &[u32]) -> Vec<u32> {
    thresholds.iter().copied().filter(|percent| reaches(spent, *percent, of)).collect()
}

/// A threshold that was told in a period, and the limit as it was then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which one.
    pub percent: u32,
    /// How much the limit was.
    pub amount: Amount,
}

/// Is this threshold no news any more?
///
/// Of one amount each threshold is told once. Of a limit that was raised meanwhile, only what lies beyond all that was told is
/// news; of one that was lowered, whatever comes closer to it.
#[must_use]
pub fn is_told(told: &[Told], percent: u32, of: Amount) -> bool {
    let at = |percent: u32, of: Amount| i128::from(of.0) * i128::from(percent);
    told.iter().any(|it| it.percent >= percent && at(it.percent, it.amount) >= at(percent, of))
}

/// What is spent of a period so far, and as of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So much.
    pub spent: Amount,
    /// Since the period's beginning.
    pub from: Moment,
    /// As of then; data comes late.
    pub as_of: Moment,
    /// The period's end.
    pub to: Moment,
}

impl Pace {
    fn elapsed(&self) -> Option<SignedDuration> {
        let elapsed = self.as_of.min(self.to).duration_since(self.from);
        (elapsed >= SignedDuration::from_millis(HOUR_MS)).then_some(elapsed)
    }

    /// What it comes to at the period's end if it goes on as so far. None in the first hour: nothing can be said then.
    #[must_use]
    pub fn forecast(&self) -> Option<Amount> {
        let elapsed = self.elapsed()?.as_millis();
        let whole = self.to.duration_since(self.from).as_millis();
        let at_end = i128::from(self.spent.0) * whole / elapsed;
        Some(Amount(i64::try_from(at_end).unwrap_or(i64::MAX)))
    }

    /// When it comes to `amount` if it goes on as so far. None if that is not before the period's end, or cannot be said.
    #[must_use]
    pub fn reaches_at(&self, amount: Amount) -> Option<Moment> {
        if self.spent >= amount {
            return Some(self.as_of);
        }
        let elapsed = self.elapsed()?.as_millis();
        let spent = i128::from(self.spent.0);
        if spent <= 0 {
            return None;
        }
        // Rounded up: it is not reached before.
        let takes = (i128::from(amount.0) * elapsed + spent - 1) / spent;
        let at = i64::try_from(takes).ok()?.checked_add(self.from.as_millisecond())?;
        (at < self.to.as_millisecond()).then(|| moment(at))
    }
}

/// More than a limit, for a while: it ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raise {
    /// So much on top.
    pub by: Amount,
    /// Before this moment.
    pub until: Moment,
}

/// What a limit comes to at `now`, with all that is on top of it then.
#[must_use]
pub fn raised(amount: Amount, raises: &[Raise], now: Moment) -> Amount {
    let on_top = raises.iter().filter(|it| it.until > now).map(|it| it.by.0);
    Amount(on_top.fold(amount.0, i64::saturating_add))
}

/// Where a limit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitOrigin {
    /// In the configuration: it is not changed in chat.
    File,
    /// Set in chat.
    Chat {
        /// Whoever set it.
        by: PersonId,
        /// The change, by number.
        change: i64,
    },
}

/// A limit that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whose spending, how much, and what happens then.
    pub terms: LimitTerms,
    /// What people call whose spending it is: `research`, `Mira Chen`.
    pub name: String,
    /// Where it stands.
    pub origin: LimitOrigin,
    /// Since when it counts; none: it was not looked at yet.
    pub since: Option<Moment>,
    /// What is on top of it, now or before.
    pub raises: Vec<Raise>,
    /// Nothing is told of it before then.
    pub quiet_until: Option<Moment>,
}

impl Limit {
    /// How much it is at `now`, with all that is on top of it.
    #[must_use]
    pub fn amount_at(&self, now: Moment) -> Amount {
        raised(self.terms.amount, &self.raises, now)
    }

    /// True if nothing is told of it at `now`.
    #[must_use]
    pub fn is_quiet(&self, now: Moment) -> bool {
        self.quiet_until.is_some_and(|it| it > now)
    }

    /// "the monthly limit of research".
    #[must_use]
    pub fn words(&self) -> String {
        limit_words(&self.terms.id(), &self.name)
    }
}

/// "the monthly limit of research": `name` is what people call whose spending it is.
#[must_use]
pub fn limit_words(id: &LimitId, name: &str) -> String {
    let per = match id.per {
        Per::Day => "daily",
        Per::Week => "weekly",
        Per::Month => "monthly",
    };
    format!("the {per} limit of {}", scope_words(&id.scope, name))
}

/// "research", "the API key nightly-evals", "the whole organization".
#[must_use]
pub fn scope_words(scope: &Scope, name: &str) -> String {
    match scope {
        Scope::Organization => "the whole organization".into(),
        Scope::Workspace(_) | Scope::Person(_) => name.to_owned(),
        Scope::Key(_) => format!("the API key {name}"),
        Scope::Model(_) => format!("the model {name}"),
        Scope::Tag(_) => format!("the tag {name}"),
    }
}
