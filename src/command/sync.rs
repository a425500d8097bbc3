//! `/claude sync`: who belongs into which workspace by the workspace map, compared with who is there, and made so.
//!
//! - Needs: [`crate::domain::Permission::MemberManage`] and [`crate::domain::Permission::WorkspaceJoin`]. Reads: the
//!   directory, and what the chats last said of linked people. Leaves behind: nothing, or one change.

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum;

use super::ask::{Ask, Listing};
use super::{Outcome, Tools, find, listing};
use crate::change::{Asker, Failure, Proposal, SyncWorkspaces};
use crate::chat::{Account, Block, Button, ButtonStyle, Message, Table, Text, Tone};
use crate::clock::moment;
use crate::domain::{MappedPerson, RoleMapFrom, SyncLine, SyncPlan, Who, WorkspaceMapEntry, WorkspaceName, plan_sync};

/// What the chats said longer ago than this is not acted on. They are asked every ten minutes.
const HEARD_MS: i64 = 30 * 60_000;

/// One sort of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Only {
    /// Whoever comes in.
    Add,
    /// Whoever gets another role.
    Change,
    /// Whoever leaves.
    Remove,
}

impl Only {
    fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Remove => "remove",
        }
    }
}

/// Bring workspaces to what the map says.
///
/// Compares the chat groups of linked people with the workspaces of the configuration's workspace map, and shows who would
/// come in, change and leave, and why. Nothing is done before you press a button.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "sync\nsync --workspace research\nsync --only add\nsync --of ada@example.com")]
pub struct Sync {
    /// Only this workspace.
    #[arg(long, value_name = "workspace")]
    pub workspace: Option<WorkspaceName>,
    /// Only these lines.
    #[arg(long, value_enum, value_name = "lines")]
    pub only: Option<Only>,
    /// Only this person.
    #[arg(long, value_name = "who")]
    pub of: Option<Who>,
    /// Makes what was shown under this mark.
    #[arg(long, hide = true, value_name = "mark")]
    pub apply: Option<String>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
    /// How the plan is shown.
    #[command(flatten)]
    pub listing: Listing,
}

impl Sync {
    /// Shows the plan, or asks for it to be made.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no map is configured, or if the plan is no longer the one that was shown.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let plan = self.plan(tools, asker).await?;
        if self.listing.json {
            return Ok(Outcome::says(listing::json(&as_json(&plan))));
        }
        let mark = plan.mark();
        match &self.apply {
            Some(seen) if *seen == mark => {}
            Some(_) => {
                let changed = Message::plain("The plan is no longer the one that you saw. Nothing was changed.");
                return Ok(Outcome::says(self.shown(changed.tone(Tone::Waiting), &plan, &mark)));
            }
            None if self.ask.dry_run && plan.calls().next().is_some() => {}
            None => return Ok(Outcome::says(self.shown(headline(&plan), &plan, &mark))),
        }
        if plan.calls().next().is_none() {
            return Err(Failure::mistake("There is nothing to do.", "Nothing was changed."));
        }
        let proposal = Proposal::Sync(SyncWorkspaces::of(plan.calls()));
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }

    /// The part of the whole comparison that was asked for.
    async fn plan(&self, tools: &Tools, asker: &Asker) -> Result<SyncPlan, Failure> {
        let rules = tools.rules.now();
        if rules.workspace_map.is_empty() {
            return Err(Failure::mistake(
                "The configuration maps no chat group to a workspace.",
                "Nothing was changed. An operator adds [[workspace_map]] to steward.toml.",
            ));
        }
        let only_at = match &self.workspace {
            Some(name) => Some(find::workspace(tools, name).await?.id),
            None => None,
        };
        let only_of = match &self.of {
            Some(who) => Some(find::member(tools, asker, who).await?.id),
            None => None,
        };
        let mut named: Vec<String> = rules.workspace_map.iter().map(|it| it.workspace.clone()).collect();
        named.sort();
        named.dedup();
        let people = tools.store.mapped_people().await?;
        let places = tools.store.mapped_places(&named).await?;
        let since = moment(tools.clock.now().as_millisecond() - HEARD_MS);
        let mut plan = plan_sync(&rules.workspace_map, &people, &places, since);
        plan.strangers = strangers(tools, &rules.workspace_map, &people).await;
        plan.lines.retain(|it| {
            only_at.as_ref().is_none_or(|id| it.workspace_id == *id)
                && only_of.as_ref().is_none_or(|id| it.user_id == *id)
                && self.only.is_none_or(|only| it.act.word() == only.word())
        });
        Ok(plan)
    }

    fn shown(&self, mut message: Message, plan: &SyncPlan, mark: &str) -> Message {
        let lines: Vec<&SyncLine> = plan.lines.iter().filter(|it| it.act.word() != "keep").collect();
        let offset = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX);
        let size = usize::try_from(listing::PAGE).unwrap_or(20);
        let page: Vec<Vec<Text>> = lines.iter().skip(offset).take(size).map(|it| cells(it)).collect();
        if !page.is_empty() {
            message = message.block(Block::Table(Table {
                caption: "What the workspace map asks for".into(),
                columns: ["Workspace", "Member", "What", "Why"].map(ToOwned::to_owned).to_vec(),
                rows: page,
            }));
        }
        message = message.fields(left_alone(plan));
        let words = self.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if plan.calls().next().is_some() && self.listing.number() == 1 {
            message = self.with_buttons(message, plan, (&words, mark));
        }
        let total = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        listing::paged(message, &self.listing, total, &words)
    }

    fn with_buttons(&self, mut message: Message, plan: &SyncPlan, (words, mark): (&[&str], &str)) -> Message {
        let all: Vec<&str> = words.iter().copied().chain(["--apply", mark]).collect();
        let label = format!("Do all {}", plan.calls().count());
        message = message.button(Button::new(&label, &all).style(ButtonStyle::Primary));
        let parts = [Only::Add, Only::Change, Only::Remove].map(|it| (it, plan.count(it.word())));
        if self.only.is_none() && parts.iter().filter(|(_, count)| *count > 0).count() > 1 {
            for (only, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
                let part: Vec<&str> = words.iter().copied().chain(["--only", only.word()]).collect();
                message = message.button(Button::new(&format!("Only {} ({count})", only.word()), &part));
            }
        }
        message
    }

    /// The command as it was said, without its page and mark.
    fn words(&self) -> Vec<String> {
        let mut words = vec!["sync".to_owned()];
        let mut option = |name: &str, value: Option<String>| {
            words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        option("--workspace", self.workspace.as_ref().map(ToString::to_string));
        option("--only", self.only.map(|it| it.word().to_owned()));
        option("--of", self.of.as_ref().map(ToString::to_string));
        words
    }
}

/// How many people of each group of the map have an account that is not linked, where the platform can list them.
async fn strangers(tools: &Tools, map: &[WorkspaceMapEntry], people: &[MappedPerson]) -> BTreeMap<String, usize> {
    let linked: BTreeSet<&Account> = people.iter().flat_map(|it| &it.accounts).collect();
    let mut strangers = BTreeMap::new();
    for entry in map {
        let RoleMapFrom::Group(group) = &entry.from else { continue };
        if !strangers.contains_key(group)
            && let Some(members) = tools.roster.members(group).await
        {
            strangers.insert(group.clone(), members.iter().filter(|it| !linked.contains(it)).count());
        }
    }
    strangers.retain(|_, count| *count > 0);
    strangers
}

fn headline(plan: &SyncPlan) -> Message {
    if plan.lines.is_empty() && plan.unheard > 0 {
        return Message::plain("The chats have not said lately who is in which group, so nothing can be compared.")
            .hint(
                Text::plain("They are asked every ten minutes. If it stays like this, an operator looks at ")
                    .code("steward doctor")
                    .then("."),
            )
            .tone(Tone::Warning);
    }
    let (add, change, remove, keep) =
        (plan.count("add"), plan.count("change"), plan.count("remove"), plan.count("keep"));
    if add + change + remove == 0 {
        return Message::plain(format!("Nothing to do: {keep} memberships are as the workspace map says."))
            .tone(Tone::Good);
    }
    Message::plain(format!("By the workspace map, {add} come in, {change} change, {remove} leave and {keep} stay."))
}

fn cells(line: &SyncLine) -> Vec<Text> {
    use crate::domain::Move;
    let what = match &line.act {
        Move::Add { role } => format!("add as {role}"),
        Move::Change { from, to } => format!("{from} becomes {to}"),
        Move::Remove { from } => format!("remove, was {from}"),
        Move::Keep { role } => format!("keep as {role}"),
        Move::Cannot => "cannot be done by the API".to_owned(),
    };
    vec![
        Text::plain(line.workspace.clone()),
        Text::plain(line.email.clone()),
        Text::plain(what),
        Text::plain(line.why.clone()),
    ]
}

/// What the plan does nothing about, and why.
fn left_alone(plan: &SyncPlan) -> Vec<(String, Text)> {
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    for line in plan.lines.iter().filter(|it| it.act.word() == "keep") {
        *kept.entry(line.why.as_str()).or_default() += 1;
    }
    let mut facts: Vec<(String, Text)> =
        kept.into_iter().map(|(why, count)| ("Stay".to_owned(), Text::plain(format!("{count}: {why}")))).collect();
    if plan.unlinked > 0 {
        let text = format!("{} memberships of people whose chat account is not linked", plan.unlinked);
        facts.push(("Left alone".into(), Text::plain(text)));
    }
    let by_group = plan.strangers.iter().map(|(group, count)| {
        ("Left alone".to_owned(), Text::plain(format!("{count} in {group} whose account is not linked")))
    });
    facts.extend(by_group);
    if plan.unheard > 0 {
        let text =
            format!("{} linked people of whom the chat has not said lately in which groups they are", plan.unheard);
        facts.push(("Left alone".into(), Text::plain(text)));
    }
    if !plan.missing.is_empty() {
        facts.push(("No such workspace".into(), Text::plain(plan.missing.join(", "))));
    }
    facts
}

fn as_json(plan: &SyncPlan) -> serde_json::Value {
    let line = |it: &SyncLine| {
        serde_json::json!({
            "workspace_id": it.workspace_id, "workspace": it.workspace, "user_id": it.user_id, "email": it.email,
            "act": it.act.word(), "move": it.act, "why": it.why,
        })
    };
    serde_json::json!({
        "mark": plan.mark(), "lines": plan.lines.iter().map(line).collect::<Vec<_>>(), "unlinked": plan.unlinked,
        "unlinked_in_groups": plan.strangers, "unheard": plan.unheard, "missing_workspaces": plan.missing,
    })
}
