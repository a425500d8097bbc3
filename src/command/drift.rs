//! `/claude drift list/adopt/revert/ignore`: what was changed in the organization past Steward, and what is to become of it.
//!
//! - Reads: the differences that were found. Comes to: an answer, a ruling for the pipeline, or, to revert, an ordinary change.
//! - Leaves behind: nothing of its own.

use clap::{Args, Subcommand};

use super::ask::{Ask, Listing, whole_number};
use super::day::{self, day};
use super::outcome::Ruling;
use super::{Outcome, Tools, listing};
use crate::change::{
    AddToWorkspace, ArchiveWorkspace, ChangeWorkspaceRole, DriftRuling, Failure, Invite, Proposal, RemoveFromWorkspace,
    RemoveMember, SetMemberRole, SwitchKey, WithdrawInvite, no_such_drift, settled_already,
};
use crate::chat::{Message, Text};
use crate::clock::moment;
use crate::domain::{self, Difference, DriftKind, DriftState};
use crate::view;

/// How long a difference is ignored, unless somebody says otherwise.
const IGNORED_MS: i64 = 30 * 86_400_000;

/// What was changed past Steward.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Drift {
    List(List),
    Adopt(Adopt),
    Revert(Revert),
    Ignore(Ignore),
}

impl Drift {
    /// The command without what it is about.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::List(_) => "drift list",
            Self::Adopt(_) => "drift adopt",
            Self::Revert(_) => "drift revert",
            Self::Ignore(_) => "drift ignore",
        }
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the one that is meant; nothing has changed then.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        match self {
            Self::List(it) => it.run(tools).await,
            Self::Adopt(it) => Ok(it.run()),
            Self::Revert(it) => it.run(tools).await,
            Self::Ignore(it) => it.run(tools),
        }
    }
}

/// List what was changed elsewhere.
///
/// Memberships, roles, keys, invitations and workspaces that are not as they should be, because somebody changed them in the
/// Claude Console or through the API.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = "drift list")]
pub struct List {
    /// How it is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// Take a change made elsewhere as it is.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = "drift adopt 12")]
pub struct Adopt {
    /// Its number.
    #[arg(value_name = "number", value_parser = number)]
    pub difference: u32,
}

/// Ask to undo a change made elsewhere.
///
/// It becomes a request like any other, planned and decided in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = "drift revert 12")]
pub struct Revert {
    /// Its number.
    #[arg(value_name = "number", value_parser = number)]
    pub difference: u32,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Say nothing of a change made elsewhere for a while.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = "drift ignore 12\ndrift ignore 12 --until 2026-12-31")]
pub struct Ignore {
    /// Its number.
    #[arg(value_name = "number", value_parser = number)]
    pub difference: u32,
    /// The last day; without, in 30 days.
    ///
    /// It is told again after that.
    #[arg(long, value_name = "date", value_parser = day)]
    pub until: Option<jiff::civil::Date>,
}

fn number(text: &str) -> Result<u32, String> {
    whole_number(text.trim_start_matches('#'), 999_999_999)
}

impl List {
    /// Lists what stands.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the store could not be read.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let drifts = tools.store.standing_drifts().await?;
        if self.listing.json {
            let rows: Vec<_> = drifts.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let total = drifts.len();
        let from = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX).min(total);
        let shown = &drifts[from..total.min(from + usize::try_from(listing::PAGE).unwrap_or(usize::MAX))];
        let mut message = Message::plain(match total {
            0 => "Everything is as it should be.".to_owned(),
            1 => "One thing was changed elsewhere.".to_owned(),
            _ => format!("{total} things were changed elsewhere."),
        });
        if !shown.is_empty() {
            message = message.block(view::drift::table(shown)).hint(
                Text::plain("For each: ")
                    .command("drift adopt 12")
                    .then(", ")
                    .command("drift revert 12")
                    .then(" or ")
                    .command("drift ignore 12")
                    .then("."),
            );
        }
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        Ok(Outcome::says(listing::paged(message, &self.listing, total, &["drift", "list"])))
    }
}

fn as_json(it: &domain::Drift) -> serde_json::Value {
    let difference = &it.difference;
    serde_json::json!({
        "number": it.number, "kind": difference.thing.kind, "subject": difference.thing.id, "label": difference.label,
        "workspace": difference.place, "before": difference.before, "after": difference.after, "folded": difference.folded,
        "state": it.state, "found_at": it.found_at, "ignored_until": it.ignored_until,
    })
}

impl Adopt {
    /// Takes it as it is.
    #[must_use]
    pub fn run(self) -> Outcome {
        Outcome::Decides(Ruling::Drift(DriftRuling::Adopt(self.difference.into())))
    }
}

impl Ignore {
    /// Ignores it for a while.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] for a day that is over.
    pub fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let until = match self.until {
            Some(date) => {
                let end = day::through(tools, date)?.at;
                if end <= tools.clock.now() {
                    return Err(Failure::mistake(
                        format!("{date} is over."),
                        "Nothing was changed. Name a day to come.",
                    ));
                }
                end
            }
            None => moment(tools.clock.now().as_millisecond() + IGNORED_MS),
        };
        Ok(Outcome::Decides(Ruling::Drift(DriftRuling::Ignore(self.difference.into(), until))))
    }
}

impl Revert {
    /// Proposes the change that undoes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if there is no such difference, it does not stand any more, or the API cannot bring it back.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let number = self.difference.into();
        let drift = tools.store.drift(number).await?.ok_or_else(|| no_such_drift(number))?;
        if !matches!(drift.state, DriftState::Open | DriftState::Ignored) {
            return Err(settled_already(&drift));
        }
        let Some(proposal) = reversal(&drift.difference) else {
            return Err(Failure::mistake(
                format!("This cannot be brought back through the API: {}", view::drift::sentence(&drift.difference)),
                Text::plain("Nothing was changed. If it is well as it is: ")
                    .command(format!("drift adopt {number}"))
                    .then("."),
            ));
        };
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}

/// The change that undoes a difference; none if there is none. It agrees with [`view::drift::reverting`], which words it.
fn reversal(it: &Difference) -> Option<Proposal> {
    view::drift::reverting(it)?;
    let (id, before) = (it.thing.id.clone(), it.before.clone());
    let seat = it.thing.as_seat().map(|(workspace, user)| (workspace.to_owned(), user.to_owned()));
    Some(match (it.thing.kind, before, it.after.as_ref()) {
        (DriftKind::Member, Some(role), Some(_)) => Proposal::MemberRole(SetMemberRole { user_id: id, role }),
        (DriftKind::Member, None, Some(_)) => Proposal::MemberRemove(RemoveMember { user_id: id }),
        (DriftKind::Invite, None, Some(_)) => {
            Proposal::WithdrawInvite(WithdrawInvite { invite_id: id, email: it.label.clone() })
        }
        (DriftKind::Invite, Some(role), None) => {
            Proposal::Invite(Invite { email: it.label.clone(), role, seats: Vec::new() })
        }
        (DriftKind::Workspace, ..) => Proposal::WorkspaceArchive(ArchiveWorkspace { workspace_id: id }),
        (DriftKind::Membership, before, after) => {
            let (workspace_id, user_id) = seat?;
            match (before, after) {
                (Some(role), Some(_)) => Proposal::WorkspaceRole(ChangeWorkspaceRole { workspace_id, user_id, role }),
                (Some(role), None) => Proposal::WorkspaceAdd(AddToWorkspace { workspace_id, user_id, role }),
                (None, _) => Proposal::WorkspaceRemove(RemoveFromWorkspace { workspace_id, user_id }),
            }
        }
        (DriftKind::ApiKey, before, Some(_)) => {
            Proposal::KeyStatus(SwitchKey::to(id, before.as_deref().unwrap_or("inactive")))
        }
        _ => return None,
    })
}
