//! Before a call of `sync` is made, the chats are asked once more in which groups the person is: the plan was made from what
//! they said some minutes ago, and nobody is let in, or taken out, by a group that they are no longer in, or are in again.

use super::effect::Effect;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::Kind as AccountKind;
use crate::domain::{MappedPerson, MappedPlace, Move, move_of};

impl Pipeline {
    /// Why a call of `sync` is not to be made any more; none if it is still what the map asks for.
    pub(super) async fn no_longer_due(&self, effect: &Effect) -> Result<Option<String>, Failure> {
        let (user_id, email, place, due) = match effect {
            Effect::JoinWorkspace(it) => {
                let Some(user_id) = &it.user_id else { return Ok(None) };
                let place = place(&it.workspace_id, &it.workspace, None);
                (user_id.clone(), &it.email, place, Move::Add { role: it.role.clone() })
            }
            Effect::SetWorkspaceRole(it) => {
                let place = place(&it.workspace_id, &it.workspace, Some((&it.user_id, &it.from)));
                let due = Move::Change { from: it.from.clone(), to: it.to.clone() };
                (it.user_id.clone(), &it.email, place, due)
            }
            Effect::LeaveWorkspace(it) => {
                let place = place(&it.workspace_id, &it.workspace, Some((&it.user_id, &it.role)));
                (it.user_id.clone(), &it.email, place, Move::Remove { from: it.role.clone() })
            }
            _ => return Ok(None),
        };
        let Some(person) = self.heard_now(&user_id).await? else {
            return Ok(Some(format!(
                "{email} is left as they are in {}: the chat does not say who they are",
                place.name
            )));
        };
        let is_due = move_of(&self.rules.now().workspace_map, &person, &place) == Some(due);
        Ok((!is_due).then(|| format!("{email} is left as they are in {}: their groups have changed", place.name)))
    }

    /// The person with the groups that the chats say now. None if one of the chats does not answer.
    async fn heard_now(&self, user_id: &str) -> Result<Option<MappedPerson>, Failure> {
        let now = self.clock.now();
        if let Some((_, person)) = self.heard.kept(user_id, now) {
            return Ok(person);
        }
        let person = self.ask_the_chats(user_id).await?;
        self.heard.keep(user_id, now, person.clone());
        Ok(person)
    }

    async fn ask_the_chats(&self, user_id: &str) -> Result<Option<MappedPerson>, Failure> {
        let Some(mut person) = self.store.mapped_person(user_id).await? else { return Ok(None) };
        person.groups.clear();
        for account in &person.accounts {
            let Some(standing) = self.roster.standing(account).await else { return Ok(None) };
            if standing.kind == AccountKind::Person {
                person.groups.extend(standing.groups);
            }
        }
        Ok(Some(person))
    }
}

/// The workspace as it is for one person: with their role there, if they have one.
fn place(id: &str, name: &str, member: Option<(&String, &String)>) -> MappedPlace {
    let members = member.into_iter().map(|(user, role)| (user.clone(), role.clone())).collect();
    MappedPlace { id: id.to_owned(), name: name.to_owned(), members }
}
