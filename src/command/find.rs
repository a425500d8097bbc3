//! Whom and which workspace a command means. Names are for looking; whoever is changed is always shown with their address
//! first.

use super::Tools;
use super::near::nearest;
use crate::change::{Asker, Failure};
use crate::chat::Text;
use crate::domain::{Called, Who, Within, WorkspaceName};
use crate::store::{MemberFilter, MemberRow, WorkspaceRow};

/// How many of several are named.
const MOST_NAMED: i64 = 5;

/// The one member that `who` means.
pub(super) async fn member(tools: &Tools, asker: &Asker, who: &Who) -> Result<MemberRow, Failure> {
    let found = match who {
        Who::Me => match asker.person.as_ref().and_then(|it| it.member_id.as_deref()) {
            Some(id) => tools.store.member(id).await?,
            None => return Err(Failure::Stranger),
        },
        Who::Email(email) => return one(tools.store.members_at(email.as_str()).await?, email.as_str()),
        Who::Account(account) => match tools.store.known(account).await?.and_then(|it| it.person.member_id) {
            Some(id) => tools.store.member(&id).await?,
            None => {
                return Err(Failure::mistake(
                    Text::new().mention(account).then(" is not linked to a member."),
                    "Name them by their address instead.",
                ));
            }
        },
        Who::Member(id) => tools.store.member(id).await?,
        Who::Name(name) => {
            let filter = MemberFilter { find: Some(name.clone()), role: None };
            return one(tools.store.members(&filter, 0, MOST_NAMED + 1).await?.rows, name);
        }
    };
    found.ok_or_else(|| nobody("that"))
}

fn one(mut found: Vec<MemberRow>, said: &str) -> Result<MemberRow, Failure> {
    match found.len() {
        0 => Err(nobody(said)),
        1 => Ok(found.remove(0)),
        _ => {
            let most = usize::try_from(MOST_NAMED).unwrap_or(usize::MAX);
            let more = if found.len() > most { " and more" } else { "" };
            let named: Vec<String> = found.iter().take(most).map(|it| format!("{} ({})", it.name, it.email)).collect();
            Err(Failure::mistake(
                format!("Several members are called that: {}{more}.", named.join(", ")),
                "Name the one you mean by address.",
            ))
        }
    }
}

fn nobody(said: &str) -> Failure {
    Failure::mistake(
        format!("No member goes by {said}."),
        Text::plain("Look for them with ").command("member list --find …").then("."),
    )
}

/// The one person that `who` means: somebody whom a chat account is linked to, because rights are used from there alone.
pub(super) async fn person(tools: &Tools, asker: &Asker, who: &Who) -> Result<Called, Failure> {
    let called = |it: crate::domain::Person| Called { id: it.id, name: it.name };
    match who {
        Who::Me => return asker.person.clone().map(called).ok_or(Failure::Stranger),
        Who::Account(account) => {
            let known = tools.store.known(account).await?.map(|it| called(it.person));
            return known.ok_or_else(|| {
                Failure::mistake(
                    Text::new().mention(account).then(" is not linked yet."),
                    "Nothing was changed. They link their account first.",
                )
            });
        }
        Who::Email(_) | Who::Member(_) | Who::Name(_) => {}
    }
    let member = member(tools, asker, who).await?;
    let found = tools.store.person_of_member(&member.id).await?;
    found.map(called).ok_or_else(|| {
        Failure::mistake(
            format!("{} has no linked chat account, and rights are used from there.", member.email),
            Text::plain("Nothing was changed. They link theirs with ").command("link").then(" first."),
        )
    })
}

/// The workspace that something is limited to, if it is limited.
pub(super) async fn within(tools: &Tools, name: Option<&WorkspaceName>) -> Result<Option<Within>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let found = workspace(tools, name).await?;
    if found.archived_at.is_some() {
        return Err(Failure::mistake(
            format!("The workspace {} is archived.", found.name),
            "Nothing was changed. Nobody can do anything there.",
        ));
    }
    Ok(Some(Within { id: found.id, name: found.name }))
}

/// The one workspace that `name` means. Archived ones are meant only if no other has the name.
pub(super) async fn workspace(tools: &Tools, name: &WorkspaceName) -> Result<WorkspaceRow, Failure> {
    let mut found: Vec<WorkspaceRow> = match name {
        WorkspaceName::Default => tools.store.default_workspace().await?.into_iter().collect(),
        WorkspaceName::Id(id) => tools.store.workspace(id).await?.into_iter().collect(),
        WorkspaceName::Name(name) => tools.store.workspaces_named(name).await?,
    };
    match found.len() {
        0 => Err(no_workspace(tools, name).await?),
        1 => Ok(found.remove(0)),
        _ => Err(several_workspaces(&found)),
    }
}

async fn no_workspace(tools: &Tools, name: &WorkspaceName) -> Result<Failure, Failure> {
    let all = Text::plain("All of them: ").command("workspace list").then(".");
    Ok(match name {
        WorkspaceName::Default => Failure::mistake("The Default Workspace was not read yet.", all),
        WorkspaceName::Id(_) => Failure::mistake("No workspace has that id.", all),
        WorkspaceName::Name(name) => {
            let known = tools.store.workspaces(true).await?.into_iter().map(|it| it.name);
            let near = nearest(name, known);
            let hint = near.map_or_else(Text::new, |near| Text::plain("Did you mean ").code(near).then("? "));
            Failure::mistake(format!("No workspace is called {name}."), hint.join(all))
        }
    })
}

fn several_workspaces(found: &[WorkspaceRow]) -> Failure {
    let most = usize::try_from(MOST_NAMED).unwrap_or(usize::MAX);
    let mut text = Text::plain(format!("Several workspaces are called {}: ", found[0].name));
    for (at, it) in found.iter().take(most).enumerate() {
        let before = if at == 0 { "" } else { ", " };
        text = text.then(before).code(it.id.clone()).then(" (made ").time(it.created_at).then(")");
    }
    let more = if found.len() > most { " and more." } else { "." };
    Failure::mistake(text.then(more), "Name the one you mean by its id.")
}
