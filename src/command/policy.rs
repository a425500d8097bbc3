//! `/claude policy why/delegate/delegations/undelegate`: who decides about what, and who does it meanwhile.
//!
//! - Needs: `audit` for `why`; whoever is linked may have somebody stand in for themselves, `admin` for others. Reads: delegations.
//!   Proposes: a delegation, or its end. Leaves behind: nothing of its own.

use jiff::civil::Date;

use super::ask::{Ask, Listing};
use super::day::{self, day};
use super::grant::sees_all;
use super::{Outcome, Tools, find, listing};
use crate::change::{
    Asker, Delegate as Delegating, Failure, Proposal, StandingIn, Undelegate as Ending, WhoAsks, Wonder,
};
use crate::chat::{Block, Message, Table, Text};
use crate::domain::{
    Called, Delegation, DelegationTerms, Kind, Permission, Right, Toward, Who, WorkspaceName, numbered,
};

/// Who decides about what.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Policy {
    Why(Why),
    Delegate(Delegate),
    Delegations(Delegations),
    Undelegate(Undelegate),
}

impl Policy {
    /// The command without what it is about.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Why(_) => "policy why",
            Self::Delegate(_) => "policy delegate",
            Self::Delegations(_) => "policy delegations",
            Self::Undelegate(_) => "policy undelegate",
        }
    }
}

/// Which rule decides, and who could approve.
///
/// Tells what would become of it if this person asked for this now: which rule of the configuration says so or that the shipped
/// table does, who could approve, and where each right comes from.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "policy why mira@example.com invite\npolicy why mira@example.com workspace.member --workspace research"
)]
pub struct Why {
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// The kind of change.
    #[arg(value_enum, ignore_case = true)]
    pub what: Kind,
    /// About this workspace.
    #[arg(long, value_name = "workspace")]
    pub workspace: Option<WorkspaceName>,
}

/// Have somebody stand in as approver.
///
/// They may decide exactly what you may decide yourself at that moment, but for requests of either of you or about you, and cannot
/// pass it on. Another admin agrees, unless they may decide all of it anyway. It ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "policy delegate grace@example.com --until 2026-12-31\npolicy delegate grace@example.com --from 2026-12-20 --until 2026-12-31 --reason \"on leave\"\npolicy delegate grace@example.com --of ada@example.com --until 2026-12-31"
)]
pub struct Delegate {
    /// Who stands in: address, @user, name or id.
    #[arg(value_name = "who")]
    pub who: Who,
    /// The last day.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Date,
    /// The first day; without, today.
    #[arg(long, value_name = "date", value_parser = day)]
    pub from: Option<Date>,
    /// Only for what is about it.
    #[arg(long, value_name = "workspace")]
    pub workspace: Option<WorkspaceName>,
    /// For whom; without, for yourself.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Who stands in for whom.
///
/// All of them to whoever may grant or audit; to others, those that are about them.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "policy delegations")]
pub struct Delegations {
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// End a delegation.
///
/// Either of the two may, and an admin.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "policy undelegate D1")]
pub struct Undelegate {
    /// Its id.
    #[arg(value_name = "delegation", value_parser = delegation_number)]
    pub delegation: i64,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

fn delegation_number(text: &str) -> Result<i64, String> {
    numbered('D', text).ok_or_else(|| "a delegation is named like D17".to_owned())
}

impl Why {
    /// Wonders what would become of it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody or several are meant, or there is no such workspace.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let who = match &self.who {
            // An account that is nobody's yet can be wondered about, too.
            Who::Account(account) => match tools.store.known(account).await? {
                Some(known) => WhoAsks::Person(known.person.id),
                None => WhoAsks::Account(account.clone()),
            },
            who => WhoAsks::Person(find::person(tools, asker, who).await?.id),
        };
        let workspace = find::within(tools, self.workspace.as_ref()).await?.map(|it| it.name);
        Ok(Outcome::Wonders(Box::new(Wonder { who, kind: self.what, workspace })))
    }
}

impl Delegate {
    /// Proposes the delegation.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody or several are meant, or if there is nothing to stand in for; [`Failure::Refused`] for
    /// somebody else's duties without the right to it.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let own = find::person(tools, asker, &Who::Me).await;
        let from: Called = match &self.of {
            Some(who) => find::person(tools, asker, who).await?,
            None => own?,
        };
        let is_own = asker.person.as_ref().is_some_and(|it| it.id == from.id);
        if !is_own && asker.right(Permission::Admin, Toward::Other) != Right::Do {
            return Err(Failure::refused(
                "Only an admin may have somebody stand in for another approver.",
                Text::plain("Nothing was changed. For yourself: ").command("policy delegate").then("."),
            ));
        }
        let to = find::person(tools, asker, &self.who).await?;
        let within = find::within(tools, self.workspace.as_ref()).await?;
        let (since, until) = (day::from(tools, self.from)?, day::through(tools, self.until)?);
        let rules = tools.rules.now();
        let standing_in =
            StandingIn { store: &tools.store, rules: &rules, roster: &*tools.roster, now: tools.clock.now() };
        if !Box::pin(standing_in.is_an_approver(&from.id)).await? {
            let whom = if is_own { "You approve".to_owned() } else { format!("{} approves", from.name) };
            return Err(Failure::mistake(
                format!("{whom} nothing by the rules of now, so there is nothing to stand in for."),
                "Nothing was changed. What was delegated to somebody cannot be passed on.",
            ));
        }
        let terms = DelegationTerms { from, to, within, since, until };
        Ok(Outcome::proposes(self.ask.request(Proposal::Delegate(Delegating { terms }))))
    }
}

impl Delegations {
    /// Lists delegations that are not over.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the database could not be asked.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let now = tools.clock.now();
        let own = asker.person.as_ref().map(|it| &it.id);
        let mut all = tools.store.delegations(now).await?;
        all.retain(|it| sees_all(asker) || own == Some(&it.terms.from.id) || own == Some(&it.terms.to.id));
        if self.listing.json {
            let rows: Vec<_> = all.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let total = all.len();
        let from = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX).min(total);
        let shown = &all[from..total.min(from + usize::try_from(listing::PAGE).unwrap_or(usize::MAX))];
        let mut message = Message::plain(match total {
            0 => "Nobody stands in for anybody.".to_owned(),
            1 => "One delegation.".to_owned(),
            _ => format!("{total} delegations."),
        });
        if !shown.is_empty() {
            let rows = shown.iter().map(|it| row(it, it.counts_at(now))).collect();
            let columns = ["Delegation", "Approver", "Stands in", "For", "From", "Until", "Now"];
            let columns = columns.map(ToOwned::to_owned).to_vec();
            message = message.block(Block::Table(Table { caption: "Delegations".into(), columns, rows }));
        }
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        Ok(Outcome::says(listing::paged(message, &self.listing, total, &["policy", "delegations"])))
    }
}

fn row(it: &Delegation, counts: bool) -> Vec<Text> {
    let what = it.terms.within.as_ref().map_or_else(|| "everything".to_owned(), |it| it.name.clone());
    vec![
        Text::new().code(it.id()),
        Text::plain(it.terms.from.name.clone()),
        Text::plain(it.terms.to.name.clone()),
        Text::plain(what),
        Text::plain(it.terms.since.to_string()),
        Text::plain(it.terms.until.to_string()),
        Text::plain(if counts { "counts" } else { "not yet" }),
    ]
}

fn as_json(it: &Delegation) -> serde_json::Value {
    let terms = &it.terms;
    serde_json::json!({
        "id": it.id(), "from": terms.from, "to": terms.to, "workspace": terms.within, "since": terms.since.day,
        "until": terms.until.day, "given_by": it.given_by, "given_at": it.given_at, "request": it.change,
    })
}

impl Undelegate {
    /// Proposes the end of a delegation.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if there is none with this id that the asker may end.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let own = asker.person.as_ref().map(|it| &it.id);
        let is_theirs =
            |it: &Delegation| own == Some(&it.terms.from.id) || own == Some(&it.terms.to.id) || sees_all(asker);
        let all = tools.store.delegations(tools.clock.now()).await?;
        let Some(found) = all.into_iter().find(|it| it.number == self.delegation && is_theirs(it)) else {
            return Err(Failure::mistake(
                format!("There is no delegation D{} that you may end.", self.delegation),
                Text::plain("Nothing was changed. See ").command("policy delegations").then("."),
            ));
        };
        let proposal = Proposal::Undelegate(Ending { number: found.number, terms: found.terms });
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}
