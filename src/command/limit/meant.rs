//! Whose spending a command means, and which limit.

use crate::change::{Asker, Failure};
use crate::chat::Text;
use crate::clock::moment;
use crate::command::{Tools, day, find};
use crate::domain::{Day, Limit, Per, Period, Permission, Right, Scope, Toward, Who, scope_words};
use crate::store::NamedScope;

/// Whose spending is meant, by ids.
pub(super) async fn scope(tools: &Tools, asker: &Asker, said: &Scope) -> Result<NamedScope, Failure> {
    if let Some(found) = tools.store.scope_named(said).await? {
        let is_known = match &found.scope {
            Scope::Key(id) => knows_key(tools, asker, id).await?,
            _ => true,
        };
        return if is_known { Ok(found) } else { Err(nothing(said)) };
    }
    let found = match said {
        Scope::Workspace(name) => {
            let name = name.parse().map_err(|_| nothing(said))?;
            Scope::Workspace(find::workspace(tools, &name).await?.id)
        }
        Scope::Person(who) => {
            let who: Who = who.parse().map_err(|_| nothing(said))?;
            let member = find::member(tools, asker, &who).await?;
            let person = tools.store.person_of_member(&member.id).await?;
            Scope::Person(person.map_or(member.id, |it| it.id.0))
        }
        _ => return Err(nothing(said)),
    };
    Ok(NamedScope { name: tools.store.scope_name(&found).await?, scope: found })
}

/// A key that somebody may not know of is as if it were not there.
async fn knows_key(tools: &Tools, asker: &Asker, id: &str) -> Result<bool, Failure> {
    if asker.right(Permission::LimitManage, Toward::Other) == Right::Do {
        return Ok(true);
    }
    let key = tools.store.api_key(id).await?;
    let owner = tools.store.owner_of_key(key.as_ref()).await?;
    Ok(owner.is_some() && owner == asker.person.as_ref().map(|it| it.id.clone()))
}

fn nothing(said: &Scope) -> Failure {
    Failure::mistake(
        format!("Nothing goes by {said}."),
        Text::plain("Nothing was changed. Workspaces: ")
            .command("workspace list")
            .then(", keys: ")
            .command("key list")
            .then("."),
    )
}

/// The one limit that is meant.
pub(super) async fn limit(tools: &Tools, asker: &Asker, said: &Scope, per: Option<Per>) -> Result<Limit, Failure> {
    let named = scope(tools, asker, said).await?;
    let mut found = tools.store.limits(&tools.rules.now().limits).await?.all;
    found.retain(|it| it.terms.scope == named.scope && per.is_none_or(|per| it.terms.per == per));
    let whose = scope_words(&named.scope, &named.name);
    match found.len() {
        0 => Err(Failure::mistake(
            format!("There is no such limit of {whose}."),
            Text::plain("Nothing was changed. See ").command("limit list").then("."),
        )),
        1 => Ok(found.remove(0)),
        _ => Err(Failure::mistake(
            format!("There are several limits of {whose}."),
            "Nothing was changed. Say which one: --per day, week or month.",
        )),
    }
}

/// The period of a limit that runs.
pub(super) fn period(tools: &Tools, per: Per) -> Result<Period, Failure> {
    let zone = tools.rules.now().zone();
    Period::around(per, tools.clock.now(), &zone).ok_or_else(|| Failure::internal("a moment outside the calendar"))
}

/// The last day of the period that runs.
pub(super) fn last_day(tools: &Tools, per: Per) -> Result<Day, Failure> {
    let last = moment(period(tools, per)?.to.as_millisecond() - 1);
    day::through(tools, tools.rules.now().zone().to_datetime(last).date())
}
