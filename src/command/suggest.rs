//! What only the directory can suggest while somebody types. Leaves no row.

use super::complete::{Expected, Expecting};
use super::{Tools, complete};
use crate::change::{Asker, Failure};
use crate::domain::{Permission, Right, Toward};
use crate::store::{MemberFilter, RequestFilter};

/// How many are suggested; Discord shows no more.
const MOST: usize = 25;

/// Suggestions for the last of `words`: what is inserted, what is read. Only from what the asker may see.
///
/// # Errors
///
/// [`Failure::Internal`] if the database could not be asked.
pub async fn suggestions(tools: &Tools, asker: &Asker, words: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    if let Some(expected) = complete::expects(words) {
        found = looked_up(tools, asker, &expected).await?;
    }
    found.extend(complete::suggest(words));
    found.truncate(MOST);
    Ok(found)
}

async fn looked_up(tools: &Tools, asker: &Asker, expected: &Expected) -> Result<Vec<(String, String)>, Failure> {
    let partial = expected.partial.trim_start_matches('@');
    let sees_members = asker.right(Permission::MemberSee, Toward::Other) == Right::Do;
    let pairs: Vec<(String, String)> = match expected.what {
        Expecting::Member | Expecting::Person if sees_members => {
            let filter = MemberFilter { find: Some(partial.to_owned()), role: None };
            let page = tools.store.members(&filter, 0, 25).await?;
            page.rows.into_iter().map(|it| (it.email, format!("{}, {}", it.name, it.role))).collect()
        }
        Expecting::Invite if sees_members => {
            let open = tools
                .store
                .invites(None)
                .await?
                .into_iter()
                .filter(|it| it.status == "pending" && it.email.contains(&partial.to_lowercase()));
            open.map(|it| (it.email, format!("invited as {}", it.role))).collect()
        }
        Expecting::Request => requests(tools, asker, partial).await?,
        Expecting::Workspace if sees_members => {
            let all = tools.store.workspaces(false).await?.into_iter();
            all.filter(|it| it.name.contains(partial)).map(|it| (it.name.clone(), String::new())).collect()
        }
        _ => Vec::new(),
    };
    Ok(pairs.into_iter().map(|(value, read)| (format!("{}{value}", expected.before), read)).collect())
}

async fn requests(tools: &Tools, asker: &Asker, partial: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut rows = tools.store.requests(&RequestFilter::Waiting, 100).await?;
    let own = asker.person.as_ref().map(|it| &it.id);
    rows.retain(|it| Some(&it.asked.asked_by) == own || asker.may_approve(&it.asked.decision));
    let pairs = rows.into_iter().map(|it| (it.id.to_string(), it.asked.plan.summary));
    Ok(pairs.filter(|(id, _)| id.to_lowercase().starts_with(&partial.to_lowercase())).collect())
}
