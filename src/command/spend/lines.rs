//! What was spent, line by line, as it is shown: named, the dearest first, what is too small summed up.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::asked::By;
use super::whose::Shown;
use crate::change::Failure;
use crate::command::Tools;
use crate::domain::{Amount, Basis, Dimension, Parts, SpendQuery, Spent};
use crate::store::SpendNames;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What it is about, by its name.
    pub(super) name: String,
    /// The id behind the name, where there is one.
    pub(super) id: Option<String>,
    /// What was spent.
    pub(super) spent: Spent,
    /// What was spent in the period before; none for days.
    pub(super) before: Option<Amount>,
}

/// What a question is asked with.
pub(super) struct Asking<'a> {
    pub(super) tools: &'a Tools,
    pub(super) shown: &'a Shown,
    pub(super) zone: &'a TimeZone,
    /// Ordered by tokens and not by money.
    pub(super) by_tokens: bool,
}

impl Asking<'_> {
    /// The figure of a time as a whole.
    pub(super) async fn total(&self, query: SpendQuery) -> Result<Spent, Failure> {
        let asked = SpendQuery { by: Vec::new(), ..query };
        let all = self.tools.store.spend(&asked).await?;
        all.into_iter().next().ok_or_else(|| Failure::internal("a question without an answer"))
    }

    /// The lines, in the order in which they are shown: days by date, everything else by weight.
    pub(super) async fn lines(&self, by: By, now: SpendQuery, before: SpendQuery) -> Result<Vec<Line>, Failure> {
        let dimension = match by {
            By::Day => Dimension::Day(self.zone.clone()),
            By::Model => Dimension::Model,
            By::Workspace => Dimension::Workspace,
            By::Key => Dimension::Key,
            By::Person => Dimension::Person,
            By::Tag => Dimension::Tag,
        };
        let names = self.tools.store.spend_names().await?;
        let spent = self.tools.store.spend(&SpendQuery { by: vec![dimension.clone()], ..now }).await?;
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        for it in spent {
            let (name, id) = self.called(by, it.group.first().and_then(Option::as_deref), &names);
            let unlike = format!("{name}\0{}", id.as_deref().unwrap_or_default());
            match lines.get_mut(&unlike) {
                Some(line) => add(&mut line.spent, &it),
                None => drop(lines.insert(unlike, Line { name, id, spent: it, before: None })),
            }
        }
        if by != By::Day {
            for it in self.tools.store.spend(&SpendQuery { by: vec![dimension], ..before }).await? {
                let (name, id) = self.called(by, it.group.first().and_then(Option::as_deref), &names);
                let unlike = format!("{name}\0{}", id.as_deref().unwrap_or_default());
                if let Some(line) = lines.get_mut(&unlike) {
                    line.before = Some(line.before.unwrap_or_default() + it.amount);
                }
            }
        }
        let mut lines: Vec<Line> = lines.into_values().collect();
        if by == By::Day {
            lines.sort_by(|one, other| one.id.cmp(&other.id));
        } else {
            let weight = |it: &Line| if self.by_tokens { it.spent.tokens } else { it.spent.amount.0 };
            lines.sort_by(|one, other| weight(other).cmp(&weight(one)).then(one.name.cmp(&other.name)));
        }
        Ok(lines)
    }

    /// What an id is called, and the id if it may be said.
    fn called(&self, by: By, id: Option<&str>, names: &SpendNames) -> (String, Option<String>) {
        let Some(id) = id else {
            let nobody = match by {
                By::Day => "some day",
                By::Model => "tools and sessions",
                By::Workspace => "no workspace",
                By::Key => "without a key",
                By::Person => "not attributable",
                By::Tag => "untagged",
            };
            return (nobody.to_owned(), None);
        };
        let named = match by {
            By::Workspace if self.shown.named.as_ref().is_some_and(|own| !own.contains(id)) => {
                return ("other workspaces".to_owned(), None);
            }
            By::Workspace => names.workspaces.get(id),
            By::Key => names.keys.get(id),
            By::Person => names.people.get(id),
            By::Day | By::Model | By::Tag => None,
        };
        (named.map_or(id, String::as_str).to_owned(), Some(id.to_owned()))
    }
}

fn add(sum: &mut Spent, more: &Spent) {
    sum.amount += more.amount;
    sum.tokens = sum.tokens.saturating_add(more.tokens);
    sum.unpriced_tokens = sum.unpriced_tokens.saturating_add(more.unpriced_tokens);
    sum.basis = sum.basis.max(more.basis);
    sum.as_of = sum.as_of.max(more.as_of);
    sum.parts.add(Basis::Billed, more.parts.billed);
    sum.parts.add(Basis::Reconciled, more.parts.reconciled);
    sum.parts.add(Basis::Estimate, more.parts.estimate);
}

/// The first `most` lines, and one that sums up the rest, if there is one. How many it stands for is in its name.
pub(super) fn cut(lines: Vec<Line>, most: usize) -> Vec<Line> {
    if lines.len() <= most + 1 {
        return lines;
    }
    let mut kept = lines;
    let rest = kept.split_off(most);
    let nothing = Spent {
        group: Vec::new(),
        amount: Amount::ZERO,
        tokens: 0,
        unpriced_tokens: 0,
        basis: Basis::Billed,
        parts: Parts::default(),
        as_of: rest[0].spent.as_of,
    };
    let mut sum = Line { name: format!("{} more", rest.len()), id: None, spent: nothing, before: None };
    for line in &rest {
        add(&mut sum.spent, &line.spent);
        if let Some(before) = line.before {
            sum.before = Some(sum.before.unwrap_or_default() + before);
        }
    }
    kept.push(sum);
    kept
}
