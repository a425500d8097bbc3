//! Approving, denying, withdrawing. One conditional `UPDATE` decides who was first.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::recording::Line;
use crate::chat::Text;
use crate::domain::{Change, ChangeId, Decided as DecidedBy, PersonId, State, Verdict};
use crate::store::Move;

/// What a press came to.
#[derive(Debug)]
pub enum Decided {
    /// It was this press that decided.
    Yes(Change),
    /// Somebody was faster, or its time was over: the row as it stands.
    TooLate(Change),
}

impl Pipeline {
    /// Approves a waiting change and makes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for whoever may not; then the row is as it was.
    pub async fn approve(&self, id: &ChangeId, by: &Asker) -> Result<Decided, Failure> {
        match self.decide(id, by, Verdict::Approve, None).await? {
            Decided::Yes(change) => Ok(Decided::Yes(self.begin_applying(change).await)),
            late @ Decided::TooLate(_) => Ok(late),
        }
    }

    /// Denies a waiting change, with a reason for the asker.
    ///
    /// # Errors
    ///
    /// As [`Pipeline::approve`].
    pub async fn deny(&self, id: &ChangeId, by: &Asker, reason: Option<&str>) -> Result<Decided, Failure> {
        self.decide(id, by, Verdict::Deny, reason).await
    }

    async fn decide(
        &self,
        id: &ChangeId,
        by: &Asker,
        verdict: Verdict,
        reason: Option<&str>,
    ) -> Result<Decided, Failure> {
        let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
        if change.state != State::Waiting {
            return Ok(Decided::TooLate(change));
        }
        // The platform is asked again: a group left a minute ago gives no right any more.
        let fresh = Asker::fresh(&self.store, &self.rules, &*self.roster, &by.account).await?;
        let Some(mut by) = fresh else {
            return Err(Failure::refused(
                "The chat does not say at the moment who you are, so I cannot let you decide.",
                "Nothing was changed. Try again in a minute.",
            ));
        };
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let person = if by.rights.any() { self.person_of(&mut tx, &by, now).await? } else { PersonId(String::new()) };
        by.person = by.person.or_else(|| {
            Some(crate::domain::Person { id: person.clone(), name: by.standing.name.clone(), member_id: None })
        });
        self.may_decide(&change, &by, &person)?;
        let decided = DecidedBy { by: person, account: by.account.clone(), at: now };
        if !self.store.decide(&mut tx, &change, verdict, decided).await? {
            drop(tx);
            return Ok(Decided::TooLate(self.reread(id.number()).await?));
        }
        let step = verdict.state().as_str();
        let (actor, detail) = (by.account.to_string(), serde_json::json!({ "digest": change.digest }));
        self.note(&mut tx, &change, Line { step, actor: &actor, detail }).await?;
        if let Some(reason) = reason {
            self.store
                .move_change(
                    &mut tx,
                    id.number(),
                    Move { from: State::Denied, to: State::Denied, note: Some(reason), at: now },
                )
                .await?;
        }
        let change = self.store.change_in(&mut tx, id).await?.unwrap_or(change);
        self.tell(&mut tx, &change).await?;
        self.store.commit(tx).await?;
        Ok(Decided::Yes(change))
    }

    fn may_decide(&self, change: &Change, by: &Asker, person: &PersonId) -> Result<(), Failure> {
        if *person == change.asked.asked_by {
            return Err(Failure::refused(
                "You asked for this, so somebody else has to decide.",
                Text::plain("You can take it back: ").command(format!("request withdraw {}", change.id)).then("."),
            ));
        }
        if change.asked.for_person.as_ref() == Some(person) {
            return Err(Failure::refused("This is about you, so somebody else has to decide.", "Nothing was changed."));
        }
        if !by.may_approve(&change.asked.decision) {
            return Err(Failure::refused(
                "You may not decide this request.",
                Text::plain("Nothing was changed. ")
                    .command("whoami")
                    .then(" shows what you may."),
            ));
        }
        Ok(())
    }

    /// Takes a waiting request back. Only whoever asked can.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for everybody else.
    pub async fn withdraw(&self, id: &ChangeId, by: &Asker) -> Result<Decided, Failure> {
        let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
        if by.person.as_ref().is_none_or(|it| it.id != change.asked.asked_by) {
            return Err(Failure::refused(
                "Only whoever asked can withdraw a request.",
                Text::plain("An approver can deny it: ").command(format!("request deny {id}")).then("."),
            ));
        }
        let mut tx = self.store.begin().await?;
        if !self
            .store
            .move_change(
                &mut tx,
                id.number(),
                Move { from: State::Waiting, to: State::Withdrawn, note: None, at: self.clock.now() },
            )
            .await?
        {
            drop(tx);
            return Ok(Decided::TooLate(self.reread(id.number()).await?));
        }
        let actor = by.account.to_string();
        self.note(&mut tx, &change, Line { step: "withdrawn", actor: &actor, detail: serde_json::json!({}) }).await?;
        let change = self.store.change_in(&mut tx, id).await?.unwrap_or(change);
        self.tell(&mut tx, &change).await?;
        self.store.commit(tx).await?;
        Ok(Decided::Yes(change))
    }
}

pub(super) fn unknown() -> Failure {
    Failure::mistake(
        "There is no request with this id.",
        Text::plain("Ids look like C17-k3f9. See ").command("request list").then("."),
    )
}
