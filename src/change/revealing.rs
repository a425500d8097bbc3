//! A key is revealed to its owner: it begins to work at that moment, and they may look again for a quarter of an hour.

use super::asker::Asker;
use super::deciding::unknown;
use super::failure::Failure;
use super::keys::LOOK_MS;
use super::pipeline::Pipeline;
use crate::chat::{Message, SecretHandle, Text};
use crate::clock::moment;
use crate::domain::{Change, ChangeId};
use crate::store::{Act, StockRow, StockState};
use crate::view;

/// What asking to see a key comes to.
pub enum Revealing {
    /// The secret behind this handle, and what is said beside it.
    Secret(SecretHandle, Box<Message>),
    /// There is nothing to see yet.
    Says(Box<Message>),
}

impl Pipeline {
    /// Reveals the key of a request to whoever it is for. The first time, it begins to work.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for everybody else; [`Failure::Mistake`] once it is erased, or while it cannot be had.
    pub async fn reveal(&self, id: &ChangeId, by: &Asker) -> Result<Revealing, Failure> {
        let change = self.store.change(id).await?.filter(|it| it.asked.kind.issues()).ok_or_else(unknown)?;
        let owner = by.person.as_ref().filter(|_| by.linked).map(|it| &it.id);
        let Some(row) = self.store.stock_of(id.number()).await? else {
            return if owner == Some(&change.asked.asked_by) { Ok(not_yet(&change)) } else { Err(not_yours()) };
        };
        if owner.is_none() || owner != row.owner.as_ref() || !row.is_genuine {
            self.note_refusal(&row, by).await?;
            return Err(not_yours());
        }
        let row = if row.state == StockState::Offered { self.switch_on(&change, row, by).await? } else { row };
        let now = self.clock.now();
        match (row.state, row.look_until) {
            (StockState::Revealed, Some(until)) if until > now => {
                let mut tx = self.store.begin().await?;
                let until =
                    self.store.see_stock(&mut tx, &row.key_id, now, moment(now.as_millisecond() + LOOK_MS)).await?;
                let detail = serde_json::json!({ "change": id.number() });
                let actor = by.account.to_string();
                let act = Act { at: now, actor: &actor, action: "key.seen", about: &row.key_id, detail };
                self.store.append(&mut tx, &act).await?;
                self.store.commit(tx).await?;
                Ok(Revealing::Secret(
                    SecretHandle(id.to_string()),
                    Box::new(view::key::beside_the_secret(&change, until)),
                ))
            }
            (StockState::Erased, _) if row.seen_at.is_none() => Err(Failure::mistake(
                "This key was not revealed in time, so it was switched off for good, and is no longer kept here.",
                Text::plain("Nothing else is lost. Ask for another one: ").command("key request").then("."),
            )),
            (StockState::Revealed | StockState::Erased, _) => Err(Failure::mistake(
                "This key is no longer kept here, so nobody can look at it again.",
                Text::plain("It works all the same if you kept it. If you did not: ").command("key request").then("."),
            )),
            (StockState::Refused, _) => Err(Failure::mistake(
                "This key cannot be issued.",
                Text::plain("Ask for another one: ").command("key request").then("."),
            )),
            _ => Ok(not_yet(&change)),
        }
    }

    /// The owner's word that they want to see it now, kept first; then the call. Answers the row as it stands then.
    async fn switch_on(&self, change: &Change, row: StockRow, by: &Asker) -> Result<StockRow, Failure> {
        let mut tx = self.store.begin().await?;
        let pressed = self.store.press_stock(&mut tx, &row.key_id, self.clock.now()).await?;
        if pressed && row.pressed_at.is_none() {
            let detail = serde_json::json!({ "change": change.id.number() });
            let actor = by.account.to_string();
            let act =
                Act { at: self.clock.now(), actor: &actor, action: "key.asked_to_see", about: &row.key_id, detail };
            self.store.append(&mut tx, &act).await?;
            // Should this process die here, the sweep makes the call, and not only when a day is over.
            self.store.end_pause(&mut tx, change.id.number()).await?;
        }
        self.store.commit(tx).await?;
        self.apply(change.id.number()).await?;
        Ok(self.store.stock_of(change.id.number()).await?.unwrap_or(row))
    }

    async fn note_refusal(&self, row: &StockRow, by: &Asker) -> Result<(), Failure> {
        let actor = by.account.to_string();
        let detail = serde_json::json!({ "genuine": row.is_genuine });
        let act = Act { at: self.clock.now(), actor: &actor, action: "key.reveal_refused", about: &row.key_id, detail };
        let mut tx = self.store.begin().await?;
        self.store.append(&mut tx, &act).await?;
        Ok(self.store.commit(tx).await?)
    }
}

fn not_yours() -> Failure {
    Failure::refused("This key is for somebody else.", "Nothing was shown. Whoever asked for it can reveal it.")
}

fn not_yet(change: &Change) -> Revealing {
    Revealing::Says(Box::new(view::key::not_yet(change)))
}
