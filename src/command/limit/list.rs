//! `/claude limit list`: limits and how much of them is spent.
//!
//! - Reads: limits, what was spent. Leaves behind: nothing. Nobody sees more than they may: somebody's own, their workspaces and
//!   the total; whoever manages limits sees that there is one, whoever may see others' usage sees how much of it is spent.

use super::meant;
use super::words::scope;
use crate::change::{Asker, Failure};
use crate::chat::{Block, Message, Table, Text};
use crate::command::ask::Listing;
use crate::command::{Outcome, Tools, listing};
use crate::domain::{Amount, Brake, Limit, LimitOrigin, Period, Permission, Right, Scope, Spent, Toward, scope_words};
use crate::store::Outlay;

/// Limits, and what is spent.
///
/// Those of the configuration are shown as such; they are not changed in chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "limit list\nlimit list --of workspace:research")]
pub struct List {
    /// Only whose.
    #[arg(long = "of", id = "limited", value_name = "scope", value_parser = scope)]
    pub of: Option<Scope>,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// A limit, and how much of it is spent.
pub(in crate::command) struct Stand {
    pub(in crate::command) limit: Limit,
    pub(in crate::command) period: Period,
    pub(in crate::command) spent: Spent,
    /// How much it is now, with all that is on top of it.
    pub(in crate::command) amount: Amount,
}

/// How much somebody may see of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command) enum Sees {
    Nothing,
    /// That it is there.
    TheLimit,
    /// How much of it is spent, too.
    All,
}

/// All limits as they stand.
pub(in crate::command) async fn stands(tools: &Tools) -> Result<Vec<Stand>, Failure> {
    let (rules, now) = (tools.rules.now(), tools.clock.now());
    let zone = rules.zone();
    let mut outlays: Vec<(Period, Outlay)> = Vec::new();
    let mut stands = Vec::new();
    for limit in tools.store.limits(&rules.limits).await?.all {
        let Some(period) = Period::around(limit.terms.per, now, &zone) else { continue };
        if !outlays.iter().any(|(known, _)| *known == period) {
            outlays.push((period, tools.store.outlay((period.from, period.to)).await?));
        }
        let Some((_, outlay)) = outlays.iter().find(|(known, _)| *known == period) else { continue };
        let spent = tools.store.spent_by(outlay, &limit.terms.scope).await?;
        stands.push(Stand { amount: limit.amount_at(now), limit, period, spent });
    }
    Ok(stands)
}

/// How much of a limit somebody may see.
pub(in crate::command) async fn sees(tools: &Tools, asker: &Asker, limit: &Limit) -> Result<Sees, Failure> {
    let manages = asker.right(Permission::LimitManage, Toward::Other) == Right::Do;
    let totals = |toward| asker.right(Permission::UsageTotals, toward) == Right::Do;
    let all = match &limit.terms.scope {
        Scope::Organization | Scope::Model(_) => totals(Toward::OwnWorkspace) || totals(Toward::OtherWorkspace),
        Scope::Workspace(id) => {
            let member = asker.person.as_ref().and_then(|it| it.member_id.as_deref());
            let is_own = match member {
                Some(member) => tools.store.workspace_role_of(id, member).await?.is_some(),
                None => false,
            };
            totals(Toward::OtherWorkspace) || (is_own && totals(Toward::OwnWorkspace))
        }
        Scope::Person(id) => others(asker) || asker.person.as_ref().is_some_and(|it| it.id.0 == *id),
        Scope::Key(id) => {
            let key = tools.store.api_key(id).await?;
            let owner = tools.store.owner_of_key(key.as_ref()).await?;
            let own = asker.person.as_ref().map(|it| &it.id);
            others(asker) || (owner.is_some() && owner.as_ref() == own)
        }
        Scope::Tag(_) => others(asker),
    };
    Ok(match (all, manages) {
        (true, _) => Sees::All,
        (false, true) => Sees::TheLimit,
        (false, false) => Sees::Nothing,
    })
}

fn others(asker: &Asker) -> bool {
    asker.right(Permission::UsageOthers, Toward::Other) == Right::Do
}

impl List {
    /// Lists limits.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nothing or several things are meant by `--of`.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let of = match &self.of {
            Some(said) => Some(meant::scope(tools, asker, said).await?.scope),
            None => None,
        };
        let mut shown = Vec::new();
        for stand in stands(tools).await? {
            if of.as_ref().is_some_and(|it| *it != stand.limit.terms.scope) {
                continue;
            }
            let sees = sees(tools, asker, &stand.limit).await?;
            if sees != Sees::Nothing {
                shown.push((stand, sees));
            }
        }
        if self.listing.json {
            let rows: Vec<_> = shown.iter().map(|it| as_json(tools, it)).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let total = shown.len();
        let from = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX).min(total);
        let page = &shown[from..total.min(from + usize::try_from(listing::PAGE).unwrap_or(usize::MAX))];
        let mut message = Message::plain(match total {
            0 => "There is no limit that you may see.".to_owned(),
            1 => "One limit.".to_owned(),
            _ => format!("{total} limits."),
        });
        if !page.is_empty() {
            message = message.block(Block::Table(table(tools, page)));
        }
        if asker.right(Permission::LimitManage, Toward::Other) == Right::Do {
            for terms in tools.store.limits(&tools.rules.now().limits).await?.astray {
                message = message.paragraph(format!(
                    "A limit of the configuration counts for nothing: nothing, or several things, go by {}.",
                    terms.scope
                ));
            }
        }
        let hint = Text::plain("Times are those of ").then(tools.rules.now().time_zone.clone()).then(".");
        let of = self.of.map(|it| it.to_string());
        let words: Vec<&str> =
            ["limit", "list"].into_iter().chain(of.iter().flat_map(|it| ["--of", it.as_str()])).collect();
        let message =
            listing::paged(message.hint(hint), &self.listing, i64::try_from(total).unwrap_or(i64::MAX), &words);
        Ok(Outcome::says(message))
    }
}

fn table(tools: &Tools, rows: &[(Stand, Sees)]) -> Table {
    let now = tools.clock.now();
    let row = |(it, sees): &(Stand, Sees)| {
        let whose = scope_words(&it.limit.terms.scope, &it.limit.name);
        let on_top = if it.amount == it.limit.terms.amount { "" } else { " (raised)" };
        let percent = it.spent.amount.percent_of(it.amount).unwrap_or(100);
        let spent = match sees {
            Sees::All => format!("{} ({percent} %), {}", it.spent.amount, it.spent.basis),
            _ => "not yours to see".to_owned(),
        };
        let brake = match it.limit.terms.brake {
            Brake::Soft => "warns",
            Brake::Hard => "brakes",
        };
        let brake = if it.limit.is_quiet(now) { format!("{brake}, snoozed") } else { brake.to_owned() };
        let origin = match it.limit.origin {
            LimitOrigin::File => "the configuration",
            LimitOrigin::Chat { .. } => "in chat",
        };
        vec![
            Text::plain(whose),
            Text::plain(format!("{} per {}{on_top}", it.amount, it.limit.terms.per)),
            Text::plain(spent),
            Text::new().time(it.period.to),
            Text::plain(brake),
            Text::plain(origin),
        ]
    };
    Table {
        caption: "Limits".into(),
        columns: ["Of", "Limit", "Spent", "Begins anew", "At the limit", "Set"].map(ToOwned::to_owned).to_vec(),
        rows: rows.iter().map(row).collect(),
    }
}

fn as_json(tools: &Tools, (it, sees): &(Stand, Sees)) -> serde_json::Value {
    let spent = (*sees == Sees::All).then_some(&it.spent);
    serde_json::json!({
        "scope": it.limit.terms.scope, "name": it.limit.name, "per": it.limit.terms.per, "brake": it.limit.terms.brake,
        "amount_usd": it.limit.terms.amount.exact(), "raised_usd": it.amount.exact(),
        "spent_usd": spent.map(|it| it.amount.exact()), "basis": spent.map(|it| it.basis.as_str()),
        "as_of": spent.map(|it| it.as_of), "from": it.period.from, "to": it.period.to,
        "in_file": it.limit.origin == LimitOrigin::File, "snoozed": it.limit.is_quiet(tools.clock.now()),
    })
}
