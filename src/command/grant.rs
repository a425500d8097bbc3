//! `/claude grant give/list/revoke`: one permission more for one person, for a time.
//!
//! - Needs: `admin`; everybody may list their own. Reads: grants. Proposes: a grant, or its end. Leaves behind: nothing of its own.

use jiff::civil::Date;

use super::ask::{Ask, Listing};
use super::day::{self, day};
use super::{Outcome, Tools, find, listing};
use crate::change::{Asker, Failure, GiveGrant, Proposal, RevokeGrant};
use crate::chat::{Block, Message, Table, Text};
use crate::domain::{Grant as Given, GrantTerms, Permission, Right, Toward, Who, WorkspaceName, numbered};

/// Permissions beyond roles.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Grant {
    Give(Give),
    List(List),
    Revoke(Revoke),
}

impl Grant {
    /// The command without what it is about.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Give(_) => "grant give",
            Self::List(_) => "grant list",
            Self::Revoke(_) => "grant revoke",
        }
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the one that is meant; nothing has changed then.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        match self {
            Self::Give(it) => it.run(tools, asker).await,
            Self::List(it) => it.run(tools, asker).await,
            Self::Revoke(it) => it.run(tools).await,
        }
    }
}

/// Grant somebody a permission.
///
/// What lets somebody decide, or see what everybody did, needs another admin's approval; so does everything that you ask for
/// yourself. It is shown in whoami, ends by itself, and both of you are reminded a week and a day before.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "grant give mira@example.com --permission key.get --workspace research --until 2026-12-31\ngrant give mira@example.com --permission usage.others --reason \"writes the budget\""
)]
pub struct Give {
    /// Address, @user, name or id.
    #[arg(value_name = "who")]
    pub who: Who,
    /// What they may.
    #[arg(long, value_enum, ignore_case = true)]
    pub permission: Permission,
    /// Only there.
    #[arg(long, value_name = "workspace")]
    pub workspace: Option<WorkspaceName>,
    /// The last day; without, until it is revoked.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<Date>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// What was granted to whom.
///
/// Everybody's to whoever may grant or audit; to others, their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "grant list\ngrant list --of mira@example.com")]
pub struct List {
    /// Only this person's.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// Take a grant back.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "grant revoke G1")]
pub struct Revoke {
    /// Its id.
    #[arg(value_name = "grant", value_parser = grant_number)]
    pub grant: i64,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

fn grant_number(text: &str) -> Result<i64, String> {
    numbered('G', text).ok_or_else(|| "a grant is named like G17".to_owned())
}

impl Give {
    /// Proposes the grant.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody or several are meant, or there is no such workspace.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let holder = find::person(tools, asker, &self.who).await?;
        let within = find::within(tools, self.workspace.as_ref()).await?;
        let until = self.until.map(|it| day::through(tools, it)).transpose()?;
        let terms = GrantTerms { holder, permission: self.permission, within, until };
        Ok(Outcome::proposes(self.ask.request(Proposal::GrantGive(GiveGrant { terms }))))
    }
}

/// True for whoever may see everybody's.
pub(super) fn sees_all(asker: &Asker) -> bool {
    let may = |it| asker.right(it, Toward::Other) == Right::Do;
    may(Permission::Admin) || may(Permission::Audit)
}

impl List {
    /// Lists grants that count now.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for somebody else's without the right to see them.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let now = tools.clock.now();
        let own = asker.person.as_ref().map(|it| it.id.clone());
        let whose = match &self.of {
            Some(who) => Some(find::person(tools, asker, who).await?.id),
            None => None,
        };
        let whose = whose.or_else(|| own.clone().filter(|_| !sees_all(asker)));
        if !sees_all(asker) && (whose.is_none() || whose != own) {
            return Err(Failure::refused(
                "Other people's grants are shown to whoever may grant or audit.",
                Text::plain("Your own: ").command("grant list").then("."),
            ));
        }
        let mut grants = tools.store.grants(now).await?;
        grants.retain(|it| whose.as_ref().is_none_or(|id| *id == it.terms.holder.id));
        if self.listing.json {
            let rows: Vec<_> = grants.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let total = grants.len();
        let from = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX).min(total);
        let shown = &grants[from..total.min(from + usize::try_from(listing::PAGE).unwrap_or(usize::MAX))];
        let mut message = Message::plain(match total {
            0 => "Nothing was granted.".to_owned(),
            1 => "One grant.".to_owned(),
            _ => format!("{total} grants."),
        });
        if !shown.is_empty() {
            message = message.block(Block::Table(table(shown)));
        }
        let of = self.of.as_ref().map(ToString::to_string);
        let mut words = vec!["grant", "list"];
        if let Some(of) = &of {
            words.extend(["--of", of.as_str()]);
        }
        Ok(Outcome::says(listing::paged(message, &self.listing, i64::try_from(total).unwrap_or(i64::MAX), &words)))
    }
}

fn table(grants: &[Given]) -> Table {
    let row = |it: &Given| {
        let place = it.terms.within.as_ref().map_or_else(|| "everywhere".to_owned(), |it| it.name.clone());
        let until = it.terms.until.map_or_else(|| "it is revoked".to_owned(), |it| it.to_string());
        vec![
            Text::new().code(it.id()),
            Text::plain(it.terms.holder.name.clone()),
            Text::new().code(it.terms.permission.as_str()),
            Text::plain(place),
            Text::plain(until),
            Text::new().mention(&it.given_by),
        ]
    };
    Table {
        caption: "Grants".into(),
        columns: ["Grant", "Who", "Permission", "Where", "Until", "Granted by"].map(ToOwned::to_owned).to_vec(),
        rows: grants.iter().map(row).collect(),
    }
}

fn as_json(it: &Given) -> serde_json::Value {
    serde_json::json!({
        "id": it.id(), "person": it.terms.holder.id, "name": it.terms.holder.name, "permission": it.terms.permission,
        "workspace": it.terms.within, "until": it.terms.until.map(|it| it.day), "given_by": it.given_by,
        "given_at": it.given_at, "request": it.change,
    })
}

impl Revoke {
    /// Proposes the end of a grant.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no such grant counts.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let Some(found) = tools.store.grant(self.grant, tools.clock.now()).await? else {
            return Err(Failure::mistake(
                format!("There is no grant G{} that counts.", self.grant),
                Text::plain("Nothing was changed. See ").command("grant list").then("."),
            ));
        };
        let proposal = Proposal::GrantRevoke(RevokeGrant { number: found.number, terms: found.terms });
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}
