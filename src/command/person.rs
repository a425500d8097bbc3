//! A person's page: the member, their chat accounts, what they may and why, their keys and requests, and what waits for them.
//!
//! Everybody who sees members sees who somebody is and where they work. The person themselves, and whoever manages members,
//! sees the rest.

use super::{Tools, access, request};
use crate::change::{Asker, Failure, World};
use crate::chat::{Acknowledgement, Block, Button, ButtonStyle, Message, Table, Text};
use crate::domain::{Change, Holding, LinkState, Permission, Right, Source, Toward};
use crate::store::{MemberRow, RequestFilter, Tie};

/// How many requests of each sort are shown.
const MOST: usize = 10;

/// The page about `member`, as `asker` may see it.
pub(super) async fn page(tools: &Tools, asker: &Asker, member: &MemberRow, world: &World) -> Result<Message, Failure> {
    let person = tools.store.person_of_member(&member.id).await?;
    let ties = match &person {
        Some(person) => tools.store.ties(&person.id).await?,
        None => Vec::new(),
    };
    let own = asker.person.as_ref().and_then(|it| it.member_id.as_ref()) == Some(&member.id);
    let manages = asker.right(Permission::MemberManage, Toward::Other) == Right::Do;
    let mut message = Message::new(Text::new().strong(member.name.clone())).fields(for_everybody(member, &ties, world));
    if own || manages {
        message = message.fields([("API keys", Text::plain(keys(world)))]);
        if !ties.is_empty() {
            message = message.block(Block::Table(accounts(&ties)));
        }
        let faces = faces(tools, &ties).await?;
        let roles = roles(&faces);
        if !roles.rows.is_empty() {
            message = message.block(Block::Table(roles));
        }
        if let Some(person) = &person {
            message = message.fields(access::of(tools, &person.id).await?.fields("Access by tokens"));
            let mine = tools.store.requests(&RequestFilter::AskedBy(person.id.clone()), 500).await?;
            let open: Vec<Change> = mine.into_iter().filter(|it| it.state.is_open()).collect();
            message = requests(message, "Open requests", &open);
            message = requests(message, "Waiting for their decision", &waiting(tools, &faces).await?);
        }
    }
    Ok(with_buttons(message, asker, (member, own), &ties))
}

fn for_everybody(member: &MemberRow, ties: &[Tie], world: &World) -> Vec<(String, Text)> {
    let linked = ties
        .iter()
        .filter(|it| it.link.state == LinkState::Active)
        .fold(Text::new(), |text, it| if text.is_empty() { text } else { text.then(", ") }.mention(&it.link.account));
    let workspaces: Vec<String> = world.workspaces.iter().map(|(it, role)| format!("{} ({role})", it.name)).collect();
    vec![
        ("Address".to_owned(), Text::plain(member.email.clone())),
        ("Role".into(), Text::plain(member.role.clone())),
        ("Since".into(), Text::new().time(member.added_at)),
        ("Chat accounts".into(), if linked.is_empty() { Text::plain("none linked") } else { linked }),
        ("Workspaces".into(), Text::plain(if workspaces.is_empty() { "none".into() } else { workspaces.join(", ") })),
    ]
}

fn keys(world: &World) -> String {
    let named = world.keys.iter().map(|it| format!("{} ({}, {})", it.name, it.kind.replace('_', " "), it.status));
    let keys: Vec<String> = named.collect();
    if keys.is_empty() { "none".into() } else { keys.join(", ") }
}

fn accounts(ties: &[Tie]) -> Table {
    let row = |it: &Tie| {
        let state = match it.held {
            Some(held) => format!("held back: {}", held.because()),
            None => it.link.state.as_str().to_owned(),
        };
        let how = match (&it.link.email, it.link.how.as_str()) {
            (Some(email), "email") => format!("the address {email}"),
            (_, "email") => "the address in the profile".into(),
            (_, "code") => "a code".into(),
            (_, "attested") => "an admin's word".into(),
            (_, other) => other.to_owned(),
        };
        vec![
            Text::new().code(it.link.account.to_string()),
            Text::plain(state),
            Text::plain(how),
            Text::new().time(it.since),
        ]
    };
    Table {
        caption: "Chat accounts".into(),
        columns: ["Account", "State", "Linked by", "Since"].map(ToOwned::to_owned).to_vec(),
        rows: ties.iter().map(row).collect(),
    }
}

/// The person as they stand now, from each of their accounts. One whose platform does not answer shows nothing.
async fn faces(tools: &Tools, ties: &[Tie]) -> Result<Vec<Asker>, Failure> {
    let rules = tools.rules.now();
    let mut faces = Vec::new();
    for tie in ties {
        faces.extend(Asker::fresh(&tools.store, &rules, &*tools.roster, &tie.link.account, tools.clock.now()).await?);
    }
    Ok(faces)
}

fn roles(faces: &[Asker]) -> Table {
    let row = |face: &Asker, it: &Holding| {
        let place = it.workspace.clone().unwrap_or_else(|| "everywhere".into());
        vec![
            Text::plain(it.role.as_str()),
            Text::plain(place),
            because(&it.source),
            Text::new().code(face.account.to_string()),
        ]
    };
    let rows = faces.iter().flat_map(|face| face.rights.holdings.iter().map(move |it| row(face, it)));
    Table {
        caption: "Roles in Steward".into(),
        columns: ["Steward role", "Where", "Because", "From"].map(ToOwned::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn because(source: &Source) -> Text {
    match source {
        Source::FirstAdmin(_) => Text::plain("the configuration names the account under first_admins"),
        Source::Group(group) => Text::plain("the account is in ").code(group.clone()),
        Source::Named(_) => Text::plain("the role map names the account"),
        Source::ClaudeRole(role) => Text::plain(format!("they are {role} in the organization")),
        Source::Link => Text::plain("the account is linked"),
        Source::Operator => Text::plain("it is the command line"),
    }
}

/// What the person could decide, from any of their accounts.
async fn waiting(tools: &Tools, faces: &[Asker]) -> Result<Vec<Change>, Failure> {
    let mut all: Vec<Change> = Vec::new();
    for face in faces {
        for change in request::waiting_for(tools, face).await? {
            if all.iter().all(|it| it.id != change.id) {
                all.push(change);
            }
        }
    }
    Ok(all)
}

fn requests(message: Message, name: &str, changes: &[Change]) -> Message {
    if changes.is_empty() {
        return message.fields([(name, Text::plain("none"))]);
    }
    let line = |it: &Change| {
        (name.to_owned(), Text::new().code(it.id.to_string()).then(format!(" {}", it.asked.plan.summary)))
    };
    let more = changes.len().saturating_sub(MOST);
    let mut fields: Vec<(String, Text)> = changes.iter().take(MOST).map(line).collect();
    if more > 0 {
        fields.push((name.to_owned(), Text::plain(format!("and {more} more"))));
    }
    message.fields(fields)
}

fn with_buttons(mut message: Message, asker: &Asker, (member, own): (&MemberRow, bool), ties: &[Tie]) -> Message {
    let open = |label: &str, words: &[&str]| Button::new(label, words).acknowledged(Acknowledgement::Open);
    if asker.right(Permission::MemberManage, Toward::Other) == Right::Do && member.role != "admin" {
        message = message.button(open("Change role", &["member", "role", &member.id]));
        if !own {
            let remove = open("Remove", &["member", "remove", &member.id]).style(ButtonStyle::Danger);
            message = message.button(remove.describes(format!("Remove {} from the organization", member.email)));
        }
    }
    if asker.right(Permission::Admin, Toward::Other) == Right::Do && !own {
        for tie in ties.iter().filter(|it| it.held.is_some()) {
            let account = tie.link.account.to_string();
            let words = ["link", "--attest", &account, "--as", &member.email];
            message = message.button(Button::new(&format!("Attest {account}"), &words).confirm(
                "Is it still them?",
                format!("{account} speaks for {} again.", member.email),
                "It is",
            ));
        }
    }
    message
}
