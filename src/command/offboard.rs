//! `/claude offboard <who>`: everything that is somebody's, before they go; and the freeze that can be taken back.
//!
//! - Needs: [`crate::domain::Permission::MemberManage`] and [`crate::domain::Permission::WorkspaceJoin`]. Reads: the
//!   organization, for the member and their keys; the directory and Steward's books for the rest. Leaves behind: nothing, or
//!   one change.

use std::collections::BTreeSet;

use super::access::{self, Access};
use super::ask::Ask;
use super::outcome::Ruling;
use super::{Outcome, Tools, find, listing};
use crate::change::{Asker, Failure, Freeze, Looks, Proposal, World};
use crate::chat::{Acknowledgement, Block, Button, ButtonStyle, Message, Table, Text, Tone};
use crate::domain::{Approver, Change, Decision, Person, RoleMapFrom, Rules, Who};
use crate::store::{ApiKeyRow, LinkRow, MemberRow, RequestFilter};

/// More requests than anybody has open.
const ALL: i64 = 1_000;

/// Show what is somebody's, and freeze it.
///
/// First nothing happens: you see what would die with them, what would survive, and who could take it over. Freezing
/// switches their personal keys off and holds their access by tokens and their chat accounts back, and can be undone.
/// Removing them comes later.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "offboard ada@example.com\noffboard ada@example.com --freeze --reason \"leaves on Friday\"")]
pub struct Offboard {
    /// Address, @user, name or id.
    #[arg(value_name = "who")]
    pub who: Who,
    /// Freeze at once.
    ///
    /// Switches their personal keys off, and holds their access by tokens and their chat accounts back.
    #[arg(long)]
    pub freeze: bool,
    /// Not now: whoever seems to have left is told of again in 30 days.
    #[arg(long, hide = true, conflicts_with = "freeze")]
    pub later: bool,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// Everything that is somebody's.
struct Estate {
    member: MemberRow,
    world: World,
    links: Vec<LinkRow>,
    access: Access,
    duties: Vec<String>,
    asked: Vec<Change>,
    /// Each surviving key, with where it is and who could take it over.
    heirs: Vec<(ApiKeyRow, String, Option<String>)>,
}

impl Offboard {
    /// Shows everything, or freezes.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody or several are meant, [`Failure::Refused`] if the asker means themselves.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        if self.later {
            let person = find::person(tools, asker, &self.who).await?;
            return Ok(Outcome::Decides(Ruling::Later(person.id)));
        }
        let member = find::member(tools, asker, &self.who).await?;
        let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref()) == Some(member.id.as_str());
        if self.freeze && own {
            return Err(Failure::refused("You cannot freeze yourself.", "Nothing was changed. Another admin can."));
        }
        if self.freeze {
            // In an emergency nothing may lapse because the copy was old. If Anthropic cannot be asked, the pipeline says so.
            let looks = Looks::Member(member.id.clone());
            let _ = World::fresh(&tools.store, &tools.reader, &looks, tools.clock.now()).await;
            return Ok(Outcome::proposes(self.ask.request(Proposal::Freeze(Freeze { user_id: member.id }))));
        }
        let estate = estate(tools, member).await?;
        if self.json {
            return Ok(Outcome::says(listing::json(&as_json(&estate))));
        }
        Ok(Outcome::says(shown(&estate)))
    }
}

async fn estate(tools: &Tools, member: MemberRow) -> Result<Estate, Failure> {
    let (store, now) = (&tools.store, tools.clock.now());
    let world = World::fresh(store, &tools.reader, &Looks::Member(member.id.clone()), now).await?;
    let person: Option<&Person> = world.people.first();
    let access = match person {
        Some(person) => access::of(tools, &person.id).await?,
        None => Access::default(),
    };
    let (links, asked) = match person {
        Some(person) => {
            let asked = store.requests(&RequestFilter::AskedBy(person.id.clone()), ALL).await?;
            (store.links(&person.id).await?, asked.into_iter().filter(|it| it.state.is_open()).collect())
        }
        None => (Vec::new(), Vec::new()),
    };
    let groups = store.mapped_people().await?.into_iter().find(|it| it.user_id == member.id);
    let groups = groups.map(|it| it.groups).unwrap_or_default();
    let duties = duties(&tools.rules.now(), &links, &groups);
    let mut heirs = Vec::new();
    for key in world.keys.iter().filter(|it| survives(it, &member.id)) {
        let Some(id) = &key.workspace_id else { continue };
        let name = store.workspace(id).await?.map_or_else(|| id.clone(), |it| it.name);
        let admins = store.members_of(id).await?.into_iter();
        // Whoever leads the workspace itself comes before the admins of the organization, who lead all of them.
        let leads = admins.filter(|(other, role)| other.id != member.id && role == "workspace_admin");
        let heir = leads.map(|(it, _)| (it.role == "admin", it.email)).min().map(|(_, email)| email);
        heirs.push((key.clone(), name, heir));
    }
    Ok(Estate { member, world, links, access, duties, asked, heirs })
}

/// Keys that go on without whoever made them.
fn survives(key: &ApiKeyRow, user_id: &str) -> bool {
    key.kind != "personal" && key.created_by.as_deref() == Some(user_id) && key.status != "expired"
}

fn dies(key: &ApiKeyRow, user_id: &str) -> bool {
    key.kind == "personal" && key.owner_id.as_deref() == Some(user_id) && key.status != "expired"
}

/// Where the configuration counts on them to decide, or gives them rights.
fn duties(rules: &Rules, links: &[LinkRow], groups: &BTreeSet<String>) -> Vec<String> {
    let is_they = |it: &Approver| match it {
        Approver::Named(named) => groups.contains(named) || links.iter().any(|link| link.account.to_string() == *named),
        _ => false,
    };
    let mut duties = Vec::new();
    for entry in &rules.role_map.entries {
        let source = match &entry.from {
            RoleMapFrom::Group(group) if groups.contains(group) => format!("in {group}"),
            RoleMapFrom::Account(account) if links.iter().any(|it| it.account == *account) => {
                format!("named as {account}")
            }
            _ => continue,
        };
        let place = entry.workspace.as_ref().map(|it| format!(" in {it}")).unwrap_or_default();
        duties.push(format!("{}{place}, {source}", entry.role));
    }
    for account in rules.role_map.first_admins.iter().filter(|it| links.iter().any(|link| link.account == **it)) {
        duties.push(format!("first admin, named as {account}: take this out of steward.toml"));
    }
    for place in rules.workspaces.iter().filter(|it| it.approvers.iter().any(is_they)) {
        duties.push(format!("approver of the workspace {}", place.name));
    }
    for (index, policy) in rules.policies.iter().enumerate() {
        if let Decision::Approvals(asked) = &policy.decision
            && asked.by.iter().any(is_they)
        {
            duties.push(format!("approver by [[policy]] number {} ({})", index + 1, policy.kind));
        }
    }
    duties
}

fn shown(estate: &Estate) -> Message {
    let Estate { member, world, links, access, duties, asked, heirs } = estate;
    let personal: Vec<String> =
        world.keys.iter().filter(|it| dies(it, &member.id)).map(|it| format!("{} ({})", it.name, it.status)).collect();
    let workspaces: Vec<String> = world.workspaces.iter().map(|(it, role)| format!("{} ({role})", it.name)).collect();
    let accounts: Vec<String> = links.iter().map(|it| format!("{} ({})", it.account, it.state.as_str())).collect();
    let requests: Vec<String> = asked.iter().map(|it| format!("{}: {}", it.id, it.asked.plan.summary)).collect();
    let mut message =
        Message::new(Text::plain("What is ").strong(member.email.clone()).then("'s. Nothing was changed."))
            .tone(Tone::Waiting)
            .fields([
                ("Role", Text::plain(member.role.clone())),
                ("Personal keys, which die with them", Text::plain(listed(&personal))),
                ("Keys they made, which survive", Text::plain(heirs.len().to_string())),
            ])
            .fields(access.fields("Access by tokens, which ends with them"))
            .fields([
                ("Workspaces", Text::plain(listed(&workspaces))),
                ("Chat accounts", Text::plain(listed(&accounts))),
                ("Roles and duties", Text::plain(listed(duties))),
                ("Open requests", Text::plain(listed(&requests))),
            ]);
    if !heirs.is_empty() {
        let row = |(key, workspace, heir): &(ApiKeyRow, String, Option<String>)| {
            let heir = heir.clone().unwrap_or_else(|| "nobody leads this workspace".into());
            [key.name.clone(), workspace.clone(), key.status.clone(), heir].map(Text::plain).to_vec()
        };
        message = message.block(Block::Table(Table {
            caption: "Keys that survive, and who could take them over".into(),
            columns: ["API key", "Workspace", "State", "Could take over"].map(ToOwned::to_owned).to_vec(),
            rows: heirs.iter().map(row).collect(),
        }));
    }
    message = message.button(
        Button::new("Freeze now", &["offboard", &member.id, "--freeze"]).style(ButtonStyle::Primary).describes(
            format!("Switch the personal keys of {} off and hold their access and chat accounts back", member.email),
        ),
    );
    if member.role == "admin" {
        return message.hint("An admin of the organization can be removed in the Claude Console alone.");
    }
    message.button(
        Button::new("Remove", &["member", "remove", &member.id])
            .style(ButtonStyle::Danger)
            .acknowledged(Acknowledgement::Open)
            .describes(format!("Ask to remove {} from the organization", member.email)),
    )
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { "none".into() } else { items.join("; ") }
}

fn as_json(estate: &Estate) -> serde_json::Value {
    let Estate { member, world, links, access, duties, asked, heirs } = estate;
    let key =
        |it: &ApiKeyRow| serde_json::json!({ "id": it.id, "name": it.name, "status": it.status, "kind": it.kind });
    serde_json::json!({
        "id": member.id, "email": member.email, "role": member.role,
        "keys_that_die": world.keys.iter().filter(|it| dies(it, &member.id)).map(key).collect::<Vec<_>>(),
        "keys_that_survive": heirs.iter().map(|(it, workspace, heir)| serde_json::json!({
            "id": it.id, "name": it.name, "status": it.status, "workspace": workspace, "could_take_over": heir,
        })).collect::<Vec<_>>(),
        "workspaces": world.workspaces.iter().map(|(it, role)| serde_json::json!({ "id": it.id, "name": it.name, "role": role })).collect::<Vec<_>>(),
        "accounts": links.iter().map(|it| serde_json::json!({ "account": it.account.to_string(), "state": it.state.as_str() })).collect::<Vec<_>>(),
        "access_that_ends": access.as_json(), "tokens_out": access.out_as_json(),
        "duties": duties,
        "open_requests": asked.iter().map(|it| it.id.to_string()).collect::<Vec<_>>(),
    })
}
