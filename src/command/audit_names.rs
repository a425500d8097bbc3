//! What somebody or something goes by in the trail: a person has accounts, a member's id and an address; a workspace has an id
//! and a name; a request has its id.

use super::{Tools, find};
use crate::change::{Asker, Failure};
use crate::domain::{ChangeId, Who};
use crate::store::{Error, MOST_NAMES, Store, WorkspaceRow};

/// Steward itself, as the trail names it.
const STEWARD: &str = "steward";

/// What a person goes by. Whoever has left is known by address and id still.
pub(super) async fn of(tools: &Tools, asker: &Asker, who: &Who) -> Result<Vec<String>, Failure> {
    match who {
        Who::Name(name) if name.eq_ignore_ascii_case(STEWARD) => Ok(vec![STEWARD.to_owned()]),
        Who::Me => {
            let mut names = vec![asker.account.to_string()];
            if let Some(member) = asker.person.as_ref().and_then(|it| it.member_id.as_deref()) {
                names.extend(tools.store.names_of_member(member).await?);
            }
            Ok(once(names))
        }
        Who::Name(_) => {
            let member = find::member(tools, asker, who).await?;
            Ok(once(tools.store.names_of_member(&member.id).await?))
        }
        Who::Email(_) | Who::Account(_) | Who::Member(_) => Ok(trail_names(&tools.store, who).await?),
    }
}

/// What a request, a workspace or a person goes by; anything else by itself.
pub(super) async fn about(tools: &Tools, asker: &Asker, what: &str) -> Result<Vec<String>, Failure> {
    let names = trail_subject(&tools.store, what).await?;
    match what.parse::<Who>() {
        Ok(who @ (Who::Me | Who::Name(_))) if names == [what] => match of(tools, asker, &who).await {
            // Nobody is called that; the trail may hold the word all the same.
            Err(Failure::Mistake { .. }) => Ok(names),
            names => names,
        },
        _ => Ok(names),
    }
}

/// What a request, a workspace, or a person who is named beyond doubt goes by in the trail; anything else by itself.
///
/// # Errors
///
/// [`Error`] if the database could not be asked.
pub async fn trail_subject(store: &Store, what: &str) -> Result<Vec<String>, Error> {
    if let Some(id) = request(store, what).await? {
        return Ok(vec![id]);
    }
    let workspaces = store.workspaces(true).await?;
    let same = |it: &&WorkspaceRow| it.id == what || it.name.eq_ignore_ascii_case(what);
    let named: Vec<String> = workspaces.iter().filter(same).flat_map(|it| [it.id.clone(), it.name.clone()]).collect();
    if !named.is_empty() {
        return Ok(once(named));
    }
    match what.parse::<Who>() {
        Ok(who @ (Who::Email(_) | Who::Account(_) | Who::Member(_))) => trail_names(store, &who).await,
        _ => Ok(vec![what.to_owned()]),
    }
}

/// What a person goes by who is named beyond doubt: by account, address or member's id.
///
/// # Errors
///
/// [`Error`] if the database could not be asked. Nobody known is no error: the name stands for itself.
pub async fn trail_names(store: &Store, who: &Who) -> Result<Vec<String>, Error> {
    let (itself, member) = match who {
        Who::Account(account) => (account.to_string(), store.known(account).await?.and_then(|it| it.person.member_id)),
        Who::Email(email) => (email.to_string().to_lowercase(), Some(email.to_string())),
        Who::Member(id) => (id.clone(), Some(id.clone())),
        Who::Me | Who::Name(_) => (who.to_string(), None),
    };
    let mut names = vec![itself];
    if let Some(member) = member {
        names.extend(store.names_of_member(&member).await?);
    }
    Ok(once(names))
}

/// A request by its id, or by its number alone: `C17-k3f9`, `C17`.
async fn request(store: &Store, what: &str) -> Result<Option<String>, Error> {
    if let Ok(id) = what.parse::<ChangeId>() {
        return Ok(Some(id.to_string()));
    }
    let number = what.strip_prefix(['C', 'c']).and_then(|it| it.parse::<i64>().ok());
    match number {
        Some(number) => Ok(store.change_numbered(number).await?.map(|it| it.id.to_string())),
        None => Ok(None),
    }
}

fn once(names: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once.truncate(MOST_NAMES);
    once
}
