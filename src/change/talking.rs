//! What is said about a request besides yes and no: a question, its answer, and what became of a call that nobody else can tell.

use super::applied::Applied;
use super::asker::Asker;
use super::deciding::unknown;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::recording::Line;
use crate::chat::{Message, Platform, Target, Text};
use crate::clock::moment;
use crate::domain::{Change, ChangeId, State};
use crate::store::{EffectRow, EffectState, Parcel, Tx};
use crate::view;

/// How long a change that somebody settles is kept from everybody else.
const HOLD_MS: i64 = 60_000;

impl Pipeline {
    /// Asks the requester something. Whoever may decide may ask.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for everybody else, [`Failure::Mistake`] if it no longer waits.
    pub async fn ask_back(&self, id: &ChangeId, by: &Asker, question: &str) -> Result<Message, Failure> {
        let change = self.waiting(id).await?;
        let rules = self.rules.now();
        let may = by.may_approve(&change.asked.decision)
            || Box::pin(self.standing_in(&rules).at_all(by, &change)).await?.is_some();
        if !may {
            return Err(Failure::refused("Only who may decide this request may ask about it.", "Nothing was sent."));
        }
        if change.asked.asker_account.platform() == Platform::Operator {
            return Err(Failure::mistake(
                "This was asked for at the command line, where nobody can be asked back.",
                "Nothing was sent.",
            ));
        }
        let mut tx = self.store.begin().await?;
        if !self.store.ask_back(&mut tx, id.number(), (&by.account, question), self.clock.now()).await? {
            return Err(Failure::mistake(
                "Ten questions were asked about this already.",
                "Nothing was sent. Decide it.",
            ));
        }
        let actor = by.account.to_string();
        self.note(&mut tx, &change, Line { step: "question", actor: &actor, detail: serde_json::json!({}) }).await?;
        let message = view::question(&change, &by.account, question);
        self.hand_over(&mut tx, (&change, message), change.asked.asker_account.clone()).await?;
        self.store.commit(tx).await?;
        Ok(Message::new(Text::new().mention(&change.asked.asker_account).then(" is asked by direct message."))
            .hint("The answer will stand on the card."))
    }

    /// Answers the newest open question.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for everybody but the requester, [`Failure::Mistake`] if nothing was asked.
    pub async fn answer(&self, id: &ChangeId, by: &Asker, answer: &str) -> Result<Message, Failure> {
        let change = self.waiting(id).await?;
        if !self.concerned(&change).await?.asked(&by.account, by.person.as_ref().map(|it| &it.id)) {
            return Err(Failure::refused("Only whoever asked for this can answer.", "Nothing was sent."));
        }
        let mut tx = self.store.begin().await?;
        let Some(to) = self.store.answer(&mut tx, id.number(), answer, self.clock.now()).await? else {
            return Err(Failure::mistake("Nobody waits for an answer about this request.", "Nothing was sent."));
        };
        let actor = by.account.to_string();
        self.note(&mut tx, &change, Line { step: "answer", actor: &actor, detail: serde_json::json!({}) }).await?;
        self.hand_over(&mut tx, (&change, view::answered(&change, &by.account, answer)), to).await?;
        self.store.commit(tx).await?;
        Ok(Message::plain("Your answer stands on the card."))
    }

    async fn hand_over(
        &self,
        tx: &mut Tx<'_>,
        (change, message): (&Change, Message),
        to: crate::chat::Account,
    ) -> Result<(), Failure> {
        self.refresh_card(tx, change.id.number()).await?;
        let about = format!("talk {} {to}", change.id);
        let parcel = Parcel::Message { to: Target::Direct(to), message: Box::new(message) };
        Ok(self.store.post(tx, &about, &parcel, self.clock.now()).await?)
    }

    async fn waiting(&self, id: &ChangeId) -> Result<Change, Failure> {
        let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
        if change.state != State::Waiting {
            return Err(Failure::mistake(
                format!("This request is {} and no longer waits for a decision.", change.state),
                Text::plain("Nothing was sent. See ").command(format!("request show {id}")).then("."),
            ));
        }
        Ok(change)
    }

    /// Takes somebody's word for what became of a parked call, and goes on from there. Nothing is sent again.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for whoever may not approve anything, [`Failure::Mistake`] if no call is parked.
    pub async fn settle_parked(&self, id: &ChangeId, by: &Asker, made: bool) -> Result<Change, Failure> {
        let fresh = Asker::fresh(&self.store, &self.rules.now(), &*self.roster, &by.account, self.clock.now()).await?;
        if !fresh.is_some_and(|it| it.may_break_glass()) {
            return Err(Failure::refused(
                "Only who may approve anything may say what became of this.",
                "Nothing was changed. Ask an admin.",
            ));
        }
        let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
        let effects = self.store.effects(id.number()).await?;
        let Some(parked) = effects.into_iter().find(|it| it.state == EffectState::Parked) else {
            return Err(Failure::mistake("No call of this request is parked.", "Nothing was changed."));
        };
        let now = self.clock.now();
        let until = moment(now.as_millisecond() + HOLD_MS);
        let Some(hold) = self.store.hold_change(id.number(), &self.holder, now, until).await? else {
            return Err(Failure::mistake("It is being looked at at this very moment.", "Try again in a minute."));
        };
        let word = format!("by the word of {}", by.account);
        let row = if made {
            let applied = Applied { id: String::new(), done: format!("made, {word}"), was: None };
            EffectRow {
                state: EffectState::Done,
                result: serde_json::to_string(&applied).ok(),
                trouble: None,
                ..parked
            }
        } else {
            let trouble = Some(format!("It was not made, {word}."));
            EffectRow { state: EffectState::Failed, result: None, trouble, ..parked }
        };
        let mut tx = self.store.begin().await?;
        self.store.finish_effect(&mut tx, hold, &row, now).await?;
        let actor = by.account.to_string();
        let detail = serde_json::json!({ "call": row.position, "made": made });
        self.note(&mut tx, &change, Line { step: "settled", actor: &actor, detail }).await?;
        self.store.commit(tx).await?;
        self.store.let_go(hold, None).await?;
        self.apply(id.number()).await
    }
}
