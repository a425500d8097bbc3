//! From a bill to those whose it is: what was billed is spread over what was used, to the microcent.
//!
//! A bill that names keys is spread over the hours in which each was used; one that names workspaces only is shared out among the
//! keys there by what each should have cost. What fits nobody stays as a remainder with its own name. Nothing is lost or made up:
//! all that is given out and all that remains is exactly what was billed.

use std::collections::HashMap;

use super::{Amount, Tokens};

/// Whose use it is.
#[derive(Clone, Copy, Debug)]
pub struct Combination<'a> {
    /// The key; empty where none was used.
    pub key: &'a str,
    /// Whoever used it without a key.
    pub actor: &'a str,
    /// The workspace.
    pub workspace: &'a str,
    /// The model.
    pub model: &'a str,
}

/// What was used by one combination in one hour.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// Its place among the combinations.
    of: usize,
    weight: i64,
    searches: i64,
}

impl Used {
    /// `of`: its place among the combinations. `estimate`: what its tokens cost at list prices; none without a price.
    #[must_use]
    pub fn new(of: usize, tokens: &Tokens, estimate: Option<Amount>) -> Self {
        // What has no price, has none at any other hour of the model either: its tokens decide.
        let weight = estimate.map_or_else(|| tokens.total(), |it| it.0).max(0);
        Self { of, weight, searches: tokens.searches }
    }
}

/// What was billed for a day.
#[derive(Clone, Copy, Debug)]
pub struct Billed<'a> {
    /// The key; empty where none was used, or where the bill knows none.
    pub key: &'a str,
    /// Whoever used it without a key.
    pub actor: &'a str,
    /// The workspace.
    pub workspace: &'a str,
    /// The model; empty where the bill knows none.
    pub model: &'a str,
    /// What is paid for.
    pub kind: &'a str,
    /// How much.
    pub amount: Amount,
}

/// Who gets what of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// One for each of what was used.
    pub amounts: Vec<Amount>,
    /// What fits nobody, by its place in the bill.
    pub rest: Vec<(usize, Amount)>,
}

/// Spreads a bill over what was used. `by_key` says whether the bill names keys and actors.
#[must_use]
pub fn share_out(combinations: &[Combination<'_>], used: &[Used], bill: &[Billed<'_>], by_key: bool) -> Shares {
    let mut hours: Vec<Vec<usize>> = vec![Vec::new(); combinations.len()];
    for (at, it) in used.iter().enumerate() {
        hours[it.of].push(at);
    }
    let mut places: HashMap<[&str; 4], Vec<usize>> = HashMap::new();
    for (it, hours) in combinations.iter().zip(&hours) {
        // A search is billed in its workspace; which model asked for it, a bill of workspaces does not say.
        for model in [it.model, ""] {
            places.entry(name(by_key, [it.key, it.actor, it.workspace, model])).or_default().extend(hours);
        }
    }
    let mut shares = Shares { amounts: vec![Amount::ZERO; used.len()], rest: Vec::new() };
    for (line, billed) in bill.iter().enumerate() {
        let name = name(by_key, [billed.key, billed.actor, billed.workspace, billed.model]);
        let among: &[usize] = places.get(&name).map_or(&[], Vec::as_slice);
        let given = match billed.kind {
            "tokens" if !billed.model.is_empty() => {
                give(&mut shares.amounts, among, billed.amount, |at| used[at].weight)
            }
            "web_search" => give(&mut shares.amounts, among, billed.amount, |at| used[at].searches),
            _ => false,
        };
        if !given && !billed.amount.is_zero() {
            shares.rest.push((line, billed.amount));
        }
    }
    shares
}

/// Where a key was used, who used it is no matter of its own.
fn name(by_key: bool, [key, actor, workspace, model]: [&str; 4]) -> [&str; 4] {
    match (by_key, key.is_empty()) {
        (false, _) => ["", "", workspace, model],
        (true, true) => ["", actor, workspace, model],
        (true, false) => [key, "", workspace, model],
    }
}

/// Gives an amount to some by their weights: each gets the whole microcents that are its own, and what is left over goes to the
/// first ones, one each. False if there is nobody to give to.
fn give(amounts: &mut [Amount], among: &[usize], amount: Amount, weight: impl Fn(usize) -> i64) -> bool {
    let all: i128 = among.iter().map(|at| i128::from(weight(*at))).sum();
    if all == 0 {
        return false;
    }
    let (sign, whole) = (amount.0.signum(), i128::from(amount.0.unsigned_abs()));
    let mut left = whole;
    for at in among {
        let own = whole * i128::from(weight(*at)) / all;
        left -= own;
        amounts[*at] += Amount(sign * i64::try_from(own).unwrap_or(i64::MAX));
    }
    for at in among.iter().filter(|at| weight(**at) > 0) {
        if left == 0 {
            break;
        }
        left -= 1;
        amounts[*at] += Amount(sign);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    type Use<'a> = (Combination<'a>, Used);

    fn used<'a>(key: &'a str, model: &'a str, estimate: Option<i64>, searches: i64) -> Use<'a> {
        let tokens = Tokens { input: 10, searches, ..Tokens::default() };
        (Combination { key, actor: "", workspace: "w", model }, Used::new(0, &tokens, estimate.map(Amount)))
    }

    /// Each use as a combination of its own.
    fn share(all: &[Use<'_>], bill: &[Billed<'_>], by_key: bool) -> Shares {
        let combinations: Vec<_> = all.iter().map(|it| it.0).collect();
        let used: Vec<_> = all.iter().enumerate().map(|(of, it)| Used { of, ..it.1 }).collect();
        share_out(&combinations, &used, bill, by_key)
    }

    fn billed<'a>(key: &'a str, model: &'a str, kind: &'a str, amount: i64) -> Billed<'a> {
        Billed { key, actor: "", workspace: "w", model, kind, amount: Amount(amount) }
    }

    fn units(shares: &Shares) -> Vec<i64> {
        shares.amounts.iter().map(|it| it.0).collect()
    }

    #[test]
    fn a_bill_by_key_is_spread_over_its_hours() {
        let all = [used("a", "m", Some(1), 0), used("a", "m", Some(2), 1), used("b", "m", Some(9), 0)];
        let bill = [billed("a", "m", "tokens", 100), billed("b", "m", "tokens", 5), billed("a", "m", "web_search", 3)];
        let shares = share(&all, &bill, true);
        assert_eq!((units(&shares), shares.rest), (vec![34, 69, 5], vec![]));
    }

    #[test]
    fn a_bill_by_workspace_is_shared_out_and_the_rest_keeps_its_name() {
        let all = [
            used("a", "m", Some(1), 0),
            used("b", "m", Some(3), 2),
            used("c", "new", None, 0),
            used("d", "new", None, 0),
        ];
        let bill = [
            billed("", "m", "tokens", -7),
            billed("", "new", "tokens", 9),
            billed("", "", "web_search", 4),
            billed("", "gone", "tokens", 11),
            billed("", "", "code_execution", 13),
        ];
        let shares = share(&all, &bill, false);
        assert_eq!(units(&shares), [-2, -5 + 4, 5, 4]);
        assert_eq!(shares.rest, [(3, Amount(11)), (4, Amount(13))]);
    }

    #[test]
    fn nothing_is_lost_whatever_the_numbers() {
        let mut seed = 7_i64;
        let mut next = |below: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33).rem_euclid(below)
        };
        for _ in 0..300 {
            let keys = ["a", "b", ""];
            let all: Vec<Use<'_>> = (0..next(9))
                .map(|at| {
                    used(keys[usize::try_from(at % 3).unwrap()], "m", Some(next(5)).filter(|it| *it > 0), next(2))
                })
                .collect();
            let bill: Vec<Billed<'_>> = (0..next(6))
                .map(|at| {
                    billed(
                        keys[usize::try_from(at % 3).unwrap()],
                        "m",
                        ["tokens", "web_search", "x"][usize::try_from(next(3)).unwrap()],
                        next(1_000) - 300,
                    )
                })
                .collect();
            for by_key in [true, false] {
                let shares = share(&all, &bill, by_key);
                let given: Amount = shares.amounts.iter().copied().chain(shares.rest.iter().map(|it| it.1)).sum();
                assert_eq!(given, bill.iter().map(|it| it.amount).sum());
            }
        }
    }
}
