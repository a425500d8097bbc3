//! `/claude request list/show/approve/deny/withdraw/undo`: what people asked for, and what became of it.

use super::ask::{Ask, Listing};
use super::outcome::Ruling;
use super::ruling::{Again, Answer, Override, Question, Settle};
use super::{Outcome, Tools, listing};
use crate::change::{Asker, Failure, StandingIn, Undoing};
use crate::chat::{Block, Message, Table, Text};
use crate::domain::{Change, ChangeId, Decision, Permission, Right, State, Toward};
use crate::store::RequestFilter;
use crate::view;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Request {
    List(List),
    Show(Show),
    Approve(Approve),
    Deny(Deny),
    Withdraw(Withdraw),
    Undo(Undo),
    Again(Again),
    Ask(Question),
    Answer(Answer),
    Override(Override),
    Settle(Settle),
}

/// What was asked for.
///
/// Without an option: your own requests, and those that wait for you.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "request list\nrequest list --waiting")]
#[group(skip)]
pub struct List {
    /// Only your own.
    #[arg(long, group = "whose")]
    pub mine: bool,
    /// Only what you can decide.
    #[arg(long, group = "whose")]
    pub waiting: bool,
    /// Everybody's.
    #[arg(long, group = "whose")]
    pub all: bool,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// One request, with its plan.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request show C17-k3f9")]
pub struct Show {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// Say yes.
///
/// The id names the plan that you have seen. Should the world have moved since, nothing happens and you are told.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request approve C17-k3f9")]
pub struct Approve {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is said.
    #[command(flatten)]
    pub ask: Ask,
}

/// Say no.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request deny C17-k3f9 --reason \"please ask for a staging key instead\"")]
pub struct Deny {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is said.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take your own request back.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request withdraw C17-k3f9")]
pub struct Withdraw {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is said.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take back what a request did.
///
/// An invitation that is still open is withdrawn; a changed role is changed back.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "request undo C17-k3f9")]
pub struct Undo {
    /// Its id.
    #[arg(value_name = "request")]
    pub request: ChangeId,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Rows of a list of requests that are looked through.
const MOST: i64 = 500;

impl List {
    /// Lists requests that the asker may see: their own, those that wait for them, or, for approvers and auditors, all.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for `--all` without the right to it.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        if self.all && !sees_all(asker) {
            return Err(Failure::refused(
                "All requests are shown to approvers and auditors only.",
                Text::plain("Your own: ").command("request list --mine").then("."),
            ));
        }
        let mine = async {
            match &asker.person {
                Some(person) => tools.store.requests(&RequestFilter::AskedBy(person.id.clone()), MOST).await,
                None => Ok(Vec::new()),
            }
        };
        let (rows, title) = if self.all {
            (tools.store.requests(&RequestFilter::All, MOST).await?, "All requests")
        } else if self.waiting {
            (waiting_for(tools, asker).await?, "Waiting for you")
        } else if self.mine {
            (mine.await?, "Your requests")
        } else {
            let mut rows = waiting_for(tools, asker).await?;
            rows.extend(mine.await?);
            (rows, "Waiting for you, and your own requests")
        };
        if self.listing.json {
            let rows: Vec<_> = rows.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let total = rows.len();
        let from = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX).min(total);
        let shown = &rows[from..total.min(from + usize::try_from(listing::PAGE).unwrap_or(usize::MAX))];
        let mut message =
            Message::plain(format!("{title}: {}.", if total == 0 { "none".to_owned() } else { total.to_string() }));
        if !shown.is_empty() {
            message = message.block(Block::Table(table(shown, title)));
        }
        let flag: &[&str] = if self.all {
            &["--all"]
        } else if self.waiting {
            &["--waiting"]
        } else if self.mine {
            &["--mine"]
        } else {
            &[]
        };
        let words: Vec<&str> = ["request", "list"].iter().chain(flag).copied().collect();
        Ok(Outcome::says(listing::paged(message, &self.listing, i64::try_from(total).unwrap_or(i64::MAX), &words)))
    }
}

fn sees_all(asker: &Asker) -> bool {
    let has = |permission| asker.right(permission, Toward::Other) == Right::Do;
    has(Permission::Approve) || has(Permission::Audit)
}

/// True if they could decide it, themselves or in somebody's place.
async fn may_decide(tools: &Tools, asker: &Asker, change: &Change) -> Result<bool, Failure> {
    if asker.may_approve(&change.asked.decision) {
        return Ok(true);
    }
    let rules = tools.rules.now();
    let standing_in = StandingIn { store: &tools.store, rules: &rules, roster: &*tools.roster, now: tools.clock.now() };
    Ok(Box::pin(standing_in.at_all(asker, change)).await?.is_some())
}

/// Requests that this asker could decide.
pub(super) async fn waiting_for(tools: &Tools, asker: &Asker) -> Result<Vec<Change>, Failure> {
    let own = asker.person.as_ref().map(|it| &it.id);
    let accounts: Vec<String> = match own {
        Some(person) => tools.store.links(person).await?.into_iter().map(|it| it.account.to_string()).collect(),
        None => Vec::new(),
    };
    let mut rows = tools.store.requests(&RequestFilter::Waiting, MOST).await?;
    rows.retain(|it| {
        let theirs = Some(&it.asked.asked_by) == own || accounts.contains(&it.asked.asker_account.to_string());
        let about = it.asked.for_person.as_ref() == own || accounts.contains(&it.asked.subject);
        !theirs && !about
    });
    let stands_in = match own {
        Some(own) => !tools.store.delegations_to(own, tools.clock.now()).await?.is_empty(),
        None => false,
    };
    if !stands_in {
        rows.retain(|it| asker.may_approve(&it.asked.decision));
        return Ok(rows);
    }
    let mut waiting = Vec::new();
    for row in rows {
        if may_decide(tools, asker, &row).await? {
            waiting.push(row);
        }
    }
    Ok(waiting)
}

fn table(rows: &[Change], caption: &str) -> Table {
    let row = |it: &Change| {
        vec![
            Text::new().code(it.id.to_string()),
            Text::plain(it.asked.plan.summary.clone()),
            Text::new().mention(&it.asked.asker_account),
            Text::plain(it.state.as_str()),
            Text::new().time(it.asked.asked_at),
        ]
    };
    Table {
        caption: caption.to_owned(),
        columns: ["Request", "What", "Asked by", "State", "Asked"].map(ToOwned::to_owned).to_vec(),
        rows: rows.iter().map(row).collect(),
    }
}

fn as_json(it: &Change) -> serde_json::Value {
    let decided_by = it.decided.as_ref().map(|decided| match it.asked.decision {
        Decision::AtOnce => "policy".to_owned(),
        _ => decided.account.to_string(),
    });
    serde_json::json!({
        "id": it.id, "kind": it.asked.kind, "plan": it.asked.plan, "digest": it.digest, "state": it.state, "note": it.note,
        "reason": it.asked.reason, "asked_by": it.asked.asker_account, "asked_at": it.asked.asked_at,
        "decided_by": decided_by, "decided_at": it.decided.as_ref().map(|it| it.at),
        "expires_at": it.asked.expires_at, "undoes": it.asked.undoes, "undone_by": it.undone_by,
    })
}

/// The request with this id, if the asker may see it.
async fn seen(tools: &Tools, asker: &Asker, id: &ChangeId) -> Result<Change, Failure> {
    let unknown = || {
        Failure::mistake(
            "There is no request with this id that you may see.",
            Text::plain("See ").command("request list").then("."),
        )
    };
    let change = tools.store.change(id).await?.ok_or_else(unknown)?;
    let own = asker.person.as_ref().is_some_and(|it| it.id == change.asked.asked_by);
    if own || sees_all(asker) || may_decide(tools, asker, &change).await? { Ok(change) } else { Err(unknown()) }
}

impl Show {
    /// Shows one request with its plan; with its buttons, to whoever could press them.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if there is none that the asker may see.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let change = seen(tools, asker, &self.request).await?;
        if self.json {
            return Ok(Outcome::says(listing::json(&as_json(&change))));
        }
        let questions = tools.store.questions(change.id.number()).await?;
        let mut message: Message = view::card(&change, &[], &questions);
        let own = asker.person.as_ref().is_some_and(|it| it.id == change.asked.asked_by);
        if own && change.state == State::Waiting {
            message.buttons = view::answer(&change).buttons;
        }
        Ok(Outcome::says(message))
    }
}

/// The ruling; in a dry run, only what it would be about.
async fn ruled(
    tools: &Tools,
    asker: &Asker,
    (id, dry_run): (&ChangeId, bool),
    (verb, ruling): (&str, Ruling),
) -> Result<Outcome, Failure> {
    if dry_run {
        return Ok(Outcome::says(view::rehearsal(verb, &seen(tools, asker, id).await?)));
    }
    Ok(Outcome::Decides(ruling))
}

impl Approve {
    /// Says yes.
    ///
    /// # Errors
    ///
    /// In a dry run, [`Failure::Mistake`] if there is no such request that the asker may see.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let ruling = Ruling::Approve(self.request.clone());
        ruled(tools, asker, (&self.request, self.ask.dry_run), ("approve", ruling)).await
    }
}

impl Deny {
    /// Says no.
    ///
    /// # Errors
    ///
    /// As [`Approve::run`].
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let ruling = Ruling::Deny(self.request.clone(), self.ask.reason);
        ruled(tools, asker, (&self.request, self.ask.dry_run), ("deny", ruling)).await
    }
}

impl Withdraw {
    /// Takes the asker's own request back.
    ///
    /// # Errors
    ///
    /// As [`Approve::run`].
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let ruling = Ruling::Withdraw(self.request.clone());
        ruled(tools, asker, (&self.request, self.ask.dry_run), ("withdraw", ruling)).await
    }
}

impl Undo {
    /// Takes back what a request did.
    #[must_use]
    pub fn run(self) -> Outcome {
        let Ask { reason, dry_run, confirm } = self.ask;
        Outcome::Decides(Ruling::Undo(self.request, Undoing { reason, dry_run, confirmed: confirm }))
    }
}
