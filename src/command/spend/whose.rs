//! Whose spending is meant, and whether the asker may see it. What nobody allows is refused.
//!
//! | Asked about | Right |
//! | --- | --- |
//! | oneself, one's own key | `usage.own` |
//! | the organization, a model | `usage.totals`, which members have for the total |
//! | a workspace | `usage.totals` there, which members have where they belong |
//! | another person, another's key, a tag; or broken down by them | `usage.others` |

use std::collections::BTreeSet;

use super::asked::{Asked, By, Of};
use crate::change::{Asker, Failure};
use crate::chat::Text;
use crate::command::{Tools, find};
use crate::domain::{Permission, Right, Scope, Toward, Who, WorkspaceName};
use crate::store::ListedKey;

/// Whose spending is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// By id.
    pub(super) scope: Scope,
    /// As people say it, as the beginning of a sentence.
    pub(super) label: String,
    /// The only workspaces that are named; all others are one line. None: all are.
    pub(super) named: Option<BTreeSet<String>>,
}

/// Finds out whose spending is meant.
pub(super) async fn whose(tools: &Tools, asker: &Asker, asked: &Asked) -> Result<Shown, Failure> {
    let of = asked.whose.clone().unwrap_or_else(|| usual(asker));
    let shown = match &of {
        Of::Me => own(asker)?,
        Of::Scope(scope) => by_scope(tools, asker, scope).await?,
    };
    let is_own =
        matches!(&shown.scope, Scope::Person(id) if is_me(asker, id)) || own_key(tools, asker, &shown.scope).await?;
    match asked.by {
        Some(By::Key | By::Person | By::Tag) if !is_own => others(asker, "broken down by people or keys")?,
        _ => {}
    }
    let everywhere = asker.right(Permission::UsageTotals, Toward::OtherWorkspace) == Right::Do;
    if is_own || everywhere {
        return Ok(shown);
    }
    Ok(Shown { named: Some(own_workspaces(tools, asker).await?), ..shown })
}

/// Unless somebody says otherwise: the organization for whoever looks after it, one's own for everybody else.
fn usual(asker: &Asker) -> Of {
    let all = asker.right(Permission::UsageTotals, Toward::OtherWorkspace) == Right::Do;
    if all || asker.person.is_none() { Of::Scope(Scope::Organization) } else { Of::Me }
}

fn own(asker: &Asker) -> Result<Shown, Failure> {
    let person = asker.person.as_ref().ok_or(Failure::Stranger)?;
    may(asker.right(Permission::UsageOwn, Toward::Oneself), "your own usage")?;
    Ok(Shown { scope: Scope::Person(person.id.0.clone()), label: "You".to_owned(), named: None })
}

fn is_me(asker: &Asker, id: &str) -> bool {
    asker.person.as_ref().is_some_and(|it| it.id.as_str() == id || it.member_id.as_deref() == Some(id))
}

async fn by_scope(tools: &Tools, asker: &Asker, scope: &Scope) -> Result<Shown, Failure> {
    let shown = |scope: Scope, label: String| Ok(Shown { scope, label, named: None });
    match scope {
        Scope::Organization => {
            may(asker.right(Permission::UsageTotals, Toward::OwnWorkspace), "the organization's usage")?;
            shown(Scope::Organization, "The organization".to_owned())
        }
        Scope::Model(name) => {
            may(asker.right(Permission::UsageTotals, Toward::OwnWorkspace), "usage by model")?;
            shown(scope.clone(), name.clone())
        }
        Scope::Workspace(name) => {
            let named: WorkspaceName = name.parse().map_err(|_| {
                Failure::mistake(
                    "No workspace goes by that.",
                    Text::plain("All of them: ").command("workspace list").then("."),
                )
            })?;
            let workspace = find::workspace(tools, &named).await?;
            let belongs = own_workspaces(tools, asker).await?.contains(&workspace.id);
            let toward = if belongs { Toward::OwnWorkspace } else { Toward::OtherWorkspace };
            let right = asker.right_within(Some(&workspace.name), Permission::UsageTotals, toward);
            may(right, "the usage of a workspace that you do not belong to")?;
            shown(Scope::Workspace(workspace.id), workspace.name)
        }
        Scope::Person(who) => person(tools, asker, who).await,
        Scope::Key(said) => key(tools, asker, said).await,
        Scope::Tag(name) => {
            others(asker, "by tag")?;
            if !tools.rules.now().money.tags.iter().any(|(tag, _)| tag == name) {
                return Err(Failure::mistake(
                    format!("No tag is called {name}."),
                    "Tags are named in the configuration, under [[money.tags]].",
                ));
            }
            shown(scope.clone(), format!("Keys tagged {name}"))
        }
    }
}

async fn person(tools: &Tools, asker: &Asker, said: &str) -> Result<Shown, Failure> {
    if is_me(asker, said) {
        return own(asker);
    }
    let who: Who = said.parse().map_err(|why: crate::domain::BadWho| Failure::mistake(why.to_string(), ""))?;
    if who == Who::Me || matches!(&who, Who::Account(account) if *account == asker.account) {
        return own(asker);
    }
    let member = find::member(tools, asker, &who).await?;
    if is_me(asker, &member.id) {
        return own(asker);
    }
    others(asker, "of other people")?;
    let linked = tools.store.person_of_member(&member.id).await?;
    let id = linked.map_or_else(|| member.id.clone(), |it| it.id.0);
    Ok(Shown { scope: Scope::Person(id), label: member.name, named: None })
}

async fn key(tools: &Tools, asker: &Asker, said: &str) -> Result<Shown, Failure> {
    let all = asker.right(Permission::UsageOthers, Toward::Other) == Right::Do;
    let known = tools.store.listed_keys(true, tools.clock.now()).await?;
    let plain = said.to_lowercase();
    let fits = |it: &&ListedKey| it.key.id == said || it.key.name.to_lowercase() == plain;
    let mut found: Vec<&ListedKey> = known.iter().filter(fits).filter(|it| all || is_own(asker, it)).collect();
    if found.len() > 1 && found.iter().any(|it| it.key.status == "active") {
        found.retain(|it| it.key.status == "active");
    }
    match found.as_slice() {
        [it] => {
            if is_own(asker, it) {
                may(asker.right(Permission::UsageOwn, Toward::Oneself), "your own usage")?;
            }
            Ok(Shown { scope: Scope::Key(it.key.id.clone()), label: it.key.name.clone(), named: None })
        }
        [] => Err(Failure::mistake(
            "No key that you may see goes by that.",
            Text::plain("Those that you may see: ").command("key list").then("."),
        )),
        several => {
            let ids: Vec<&str> = several.iter().take(5).map(|it| it.key.id.as_str()).collect();
            Err(Failure::mistake(
                format!("Several keys are called that: {}.", ids.join(", ")),
                "Name the one you mean by its id.",
            ))
        }
    }
}

fn is_own(asker: &Asker, it: &ListedKey) -> bool {
    let Some(person) = &asker.person else { return false };
    match &it.record {
        Some(record) => record.owner == person.id,
        None => it.key.kind == "personal" && it.key.owner_id.is_some() && it.key.owner_id == person.member_id,
    }
}

async fn own_key(tools: &Tools, asker: &Asker, scope: &Scope) -> Result<bool, Failure> {
    let Scope::Key(id) = scope else { return Ok(false) };
    let known = tools.store.listed_keys(true, tools.clock.now()).await?;
    Ok(known.iter().any(|it| it.key.id == *id && is_own(asker, it)))
}

/// The workspaces that the asker belongs to. Everybody belongs to the Default one.
async fn own_workspaces(tools: &Tools, asker: &Asker) -> Result<BTreeSet<String>, Failure> {
    let Some(member) = asker.person.as_ref().and_then(|it| it.member_id.as_deref()).filter(|_| asker.linked) else {
        return Ok(BTreeSet::new());
    };
    let default = tools.store.default_workspace().await?;
    let own = tools.store.workspaces_of(member).await?.into_iter().map(|(it, _)| it);
    Ok(own.chain(default).map(|it| it.id).collect())
}

fn others(asker: &Asker, what: &str) -> Result<(), Failure> {
    may(asker.right(Permission::UsageOthers, Toward::Other), &format!("usage {what}"))
}

fn may(right: Right, what: &str) -> Result<(), Failure> {
    if right == Right::Do {
        return Ok(());
    }
    Err(Failure::refused(
        format!("You may not see {what}."),
        Text::plain("What you may see: ")
            .command("cost --of me")
            .then(". Where your rights come from: ")
            .command("whoami")
            .then("."),
    ))
}
