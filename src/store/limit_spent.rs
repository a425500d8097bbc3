//! What was spent of limits: one question for all that have the same period, added up by whose they are.

use std::collections::BTreeMap;

use super::{Error, Store};
use crate::clock::Moment;
use crate::domain::{Amount, Basis, Dimension, Parts, Scope, SpendQuery, Spent};

/// Everything that was spent in some time, by key, person, workspace and model.
#[derive(Clone, Debug)]
pub struct Outlay {
    from: Moment,
    to: Moment,
    lines: Vec<Spent>,
}

/// By what a part of the outlay is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// By key.
    Key,
    /// By workspace.
    Workspace,
    /// By model.
    Model,
}

const KEY: usize = 0;
const PERSON: usize = 1;
const WORKSPACE: usize = 2;
const MODEL: usize = 3;

fn is_within(line: &Spent, scope: &Scope) -> bool {
    let is = |at: usize, it: &String| line.group.get(at).is_some_and(|found| found.as_ref() == Some(it));
    match scope {
        Scope::Organization => true,
        Scope::Workspace(it) => is(WORKSPACE, it),
        Scope::Person(it) => is(PERSON, it),
        Scope::Key(it) => is(KEY, it),
        Scope::Model(it) => is(MODEL, it),
        Scope::Tag(_) => false,
    }
}

impl Store {
    /// Everything that was spent from one moment to before another; an hour counts where it begins.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn outlay(&self, (from, to): (Moment, Moment)) -> Result<Outlay, Error> {
        let by = vec![Dimension::Key, Dimension::Person, Dimension::Workspace, Dimension::Model];
        let lines = self.spend(&SpendQuery { scope: Scope::Organization, from, to, by }).await?;
        Ok(Outlay { from, to, lines })
    }

    /// What of it was spent by `scope`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn spent_by(&self, outlay: &Outlay, scope: &Scope) -> Result<Spent, Error> {
        if let Scope::Tag(_) = scope {
            let (from, to) = (outlay.from, outlay.to);
            let mut all = self.spend(&SpendQuery { scope: scope.clone(), from, to, by: Vec::new() }).await?;
            return Ok(if all.is_empty() { outlay.none() } else { all.swap_remove(0) });
        }
        let mut sum = outlay.none();
        if outlay.lines.iter().any(|it| is_within(it, scope)) {
            sum.basis = Basis::Billed;
        }
        for line in outlay.lines.iter().filter(|it| is_within(it, scope)) {
            sum.amount += line.amount;
            sum.tokens = sum.tokens.saturating_add(line.tokens);
            sum.unpriced_tokens = sum.unpriced_tokens.saturating_add(line.unpriced_tokens);
            sum.basis = sum.basis.max(line.basis);
            sum.parts.billed += line.parts.billed;
            sum.parts.reconciled += line.parts.reconciled;
            sum.parts.estimate += line.parts.estimate;
        }
        Ok(sum)
    }
}

impl Outlay {
    /// Nothing was spent, as far as is known.
    fn none(&self) -> Spent {
        Spent {
            group: Vec::new(),
            amount: Amount::ZERO,
            tokens: 0,
            unpriced_tokens: 0,
            basis: Basis::Estimate,
            parts: Parts::default(),
            as_of: self.lines.iter().map(|it| it.as_of).max().unwrap_or(self.from),
        }
    }

    /// The dearest parts of what `scope` spent, by their ids; at most `most`.
    #[must_use]
    pub fn dearest(&self, scope: &Scope, part: Part, most: usize) -> Vec<(Option<String>, Amount)> {
        let at = match part {
            Part::Key => KEY,
            Part::Workspace => WORKSPACE,
            Part::Model => MODEL,
        };
        let mut parts: BTreeMap<Option<String>, Amount> = BTreeMap::new();
        for line in self.lines.iter().filter(|it| is_within(it, scope)) {
            *parts.entry(line.group.get(at).cloned().flatten()).or_default() += line.amount;
        }
        let mut parts: Vec<_> = parts.into_iter().filter(|(_, amount)| amount.0 > 0).collect();
        parts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        parts.truncate(most);
        parts
    }

    /// The keys that `scope` has spent by.
    #[must_use]
    pub fn keys(&self, scope: &Scope) -> Vec<String> {
        let within = self.lines.iter().filter(|it| is_within(it, scope) && it.amount.0 > 0);
        let mut keys: Vec<String> = within.filter_map(|it| it.group.get(KEY).cloned().flatten()).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}
