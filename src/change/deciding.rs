//! Approving, denying, breaking the glass, withdrawing. One conditional `UPDATE` decides who was first.

use super::asker::Asker;
use super::concerned::Concerned;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::recording::Line;
use crate::chat::Text;
use crate::domain::{
    Approval, Change, ChangeId, Decided as DecidedBy, Decision, OnBehalf, Person, PersonId, State, Verdict,
};
use crate::store::Move;

/// What a press came to.
#[derive(Debug)]
pub enum Decided {
    /// It was this press that decided.
    Yes(Change),
    /// It counts; others have to agree, too.
    Counted(Change),
    /// Somebody was faster, or its time was over: the row as it stands.
    TooLate(Change),
}

/// What somebody says to a request.
#[derive(Clone, Copy, Debug)]
enum Say<'a> {
    Approve,
    Deny(Option<&'a str>),
    /// Breaks the glass: yes, and nobody else is waited for.
    Override(&'a str),
}

/// So many people may say yes at the same moment before one of them is asked to press again.
const MOST_TRIES: u32 = 16;

impl Pipeline {
    /// Approves a waiting change and, once enough people have, makes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for whoever may not; then the row is as it was.
    pub async fn approve(&self, id: &ChangeId, by: &Asker) -> Result<Decided, Failure> {
        self.decide(id, by, Say::Approve).await
    }

    /// Denies a waiting change, with a reason for the asker.
    ///
    /// # Errors
    ///
    /// As [`Pipeline::approve`].
    pub async fn deny(&self, id: &ChangeId, by: &Asker, reason: Option<&str>) -> Result<Decided, Failure> {
        self.decide(id, by, Say::Deny(reason)).await
    }

    /// Approves a waiting change in an emergency, without those who would have had to agree. They are told; the receipt says
    /// so for good; a review is due a day later. It replaces other approvers, never the rule that nobody decides alone about
    /// what they asked for.
    ///
    /// # Errors
    ///
    /// As [`Pipeline::approve`]; it needs the right to approve anything.
    pub async fn break_glass(&self, id: &ChangeId, by: &Asker, reason: &str) -> Result<Decided, Failure> {
        self.decide(id, by, Say::Override(reason)).await
    }

    async fn decide(&self, id: &ChangeId, by: &Asker, say: Say<'_>) -> Result<Decided, Failure> {
        // The platform is asked again: a group left a minute ago gives no right any more.
        let fresh = Asker::fresh(&self.store, &self.rules.now(), &*self.roster, &by.account, self.clock.now()).await?;
        let Some(mut by) = fresh else {
            return Err(Failure::refused(
                "The chat does not say at the moment who you are, so I cannot let you decide.",
                "Nothing was changed. Try again in a minute.",
            ));
        };
        for _ in 0..MOST_TRIES {
            let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
            if change.state != State::Waiting {
                return Ok(Decided::TooLate(change));
            }
            if self.store.was_settled(&change).await? {
                return Ok(Decided::TooLate(self.reread(id.number()).await?));
            }
            if let Some(decided) = self.try_decide(&change, &mut by, say).await? {
                return Ok(match decided {
                    Decided::Yes(change) if change.state == State::Approved => {
                        Decided::Yes(self.begin_applying(change).await)
                    }
                    decided => decided,
                });
            }
        }
        Err(Failure::internal("too many people decided at the same moment"))
    }

    /// One attempt. None if the row moved under it.
    async fn try_decide(&self, change: &Change, by: &mut Asker, say: Say<'_>) -> Result<Option<Decided>, Failure> {
        let now = self.clock.now();
        let concerned = self.concerned(change).await?;
        let skipped = match say {
            Say::Override(_) => self.approvers(&change.asked.decision, &concerned).await?,
            Say::Approve | Say::Deny(_) => Vec::new(),
        };
        let on_behalf = Box::pin(self.in_whose_place(change, by, say)).await?;
        let mut tx = self.store.begin().await?;
        let person = if by.rights.any() { self.person_of(&mut tx, by, now).await? } else { PersonId(String::new()) };
        by.person.get_or_insert_with(|| Person { id: person.clone(), name: by.standing.name.clone(), member_id: None });
        may_decide((change, &concerned), by, &person, (say, on_behalf.as_ref()))?;
        let place = on_behalf.as_ref().map(|it| serde_json::json!({ "for": it.account, "delegation": it.delegation }));
        let decided = DecidedBy { by: person.clone(), account: by.account.clone(), at: now };
        let given = change.approvals.len() + 1;
        let needed = needed(&change.asked.decision);
        let overrides = if let Say::Override(reason) = say { Some(reason.to_owned()) } else { None };
        let last = given >= needed || overrides.is_some();
        let written = match say {
            Say::Deny(_) => self.store.decide(&mut tx, change, Verdict::Deny, decided).await?,
            Say::Approve | Say::Override(_) => {
                let account = by.account.clone();
                let yes = Approval { by: person, account, at_ms: now.as_millisecond(), overrides, on_behalf };
                self.store.approve(&mut tx, change, yes, last).await?
            }
        };
        if !written {
            drop(tx);
            let change = self.reread(change.id.number()).await?;
            let over = change.state != State::Waiting || change.asked.expires_at <= now;
            return Ok(over.then_some(Decided::TooLate(change)));
        }
        let actor = by.account.to_string();
        let (step, mut detail) = match say {
            Say::Deny(_) => ("denied", serde_json::json!({ "digest": change.digest })),
            Say::Override(_) => ("overridden", serde_json::json!({ "digest": change.digest, "skipped": skipped })),
            Say::Approve if needed == 1 => ("approved", serde_json::json!({ "digest": change.digest })),
            Say::Approve => {
                ("approved", serde_json::json!({ "digest": change.digest, "approval": given, "of": needed }))
            }
        };
        if let Some(place) = place {
            detail["in_place"] = place;
        }
        self.note(&mut tx, change, Line { step, actor: &actor, detail }).await?;
        if matches!(say, Say::Override(_)) {
            let detail = serde_json::json!({ "digest": change.digest, "overrides": true });
            self.note(&mut tx, change, Line { step: "approved", actor: &actor, detail }).await?;
        }
        if let Say::Deny(Some(reason)) = say {
            let note = Move { from: State::Denied, to: State::Denied, note: Some(reason), at: now };
            self.store.move_change(&mut tx, change.id.number(), note).await?;
        }
        let change = self.store.change_in(&mut tx, &change.id).await?.unwrap_or_else(|| change.clone());
        self.tell(&mut tx, &change).await?;
        self.tell_skipped(&mut tx, &change, (&by.account, skipped)).await?;
        self.store.commit(tx).await?;
        Ok(Some(if change.state == State::Waiting { Decided::Counted(change) } else { Decided::Yes(change) }))
    }

    /// The approver in whose place somebody says it who may not say it themselves. Nobody breaks the glass for somebody else.
    async fn in_whose_place(&self, change: &Change, by: &Asker, say: Say<'_>) -> Result<Option<OnBehalf>, Failure> {
        let Decision::Approvals(asked) = &change.asked.decision else { return Ok(None) };
        let rules = self.rules.now();
        let standing_in = self.standing_in(&rules);
        Ok(match say {
            Say::Approve if !by.may_approve_next(asked, change.approvals.len()) => standing_in.next(by, change).await?,
            Say::Deny(_) if !by.may_approve(&change.asked.decision) => standing_in.at_all(by, change).await?,
            Say::Approve | Say::Deny(_) | Say::Override(_) => None,
        })
    }

    /// Takes a waiting request back. Only whoever asked can.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for everybody else.
    pub async fn withdraw(&self, id: &ChangeId, by: &Asker) -> Result<Decided, Failure> {
        let Some(change) = self.store.change(id).await? else { return Err(unknown()) };
        if !self.concerned(&change).await?.asked(&by.account, by.person.as_ref().map(|it| &it.id)) {
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

/// How many people have to say yes.
pub(super) fn needed(decision: &Decision) -> usize {
    if let Decision::Approvals(asked) = decision { usize::from(asked.count) } else { 0 }
}

/// May they say this of it now? Whoever asked may not, and whom it is about may not.
fn may_decide(
    (change, concerned): (&Change, &Concerned),
    by: &Asker,
    person: &PersonId,
    (say, on_behalf): (Say<'_>, Option<&OnBehalf>),
) -> Result<(), Failure> {
    let Decision::Approvals(asked) = &change.asked.decision else { return Err(may_not()) };
    let own = concerned.asked(&by.account, Some(person));
    if own && !(asked.allow_self && matches!(say, Say::Approve)) {
        return Err(Failure::refused(
            "You asked for this, so somebody else has to decide.",
            Text::plain("You can take it back: ").command(format!("request withdraw {}", change.id)).then("."),
        ));
    }
    if concerned.is_about(&by.account, Some(person)) && !own {
        return Err(Failure::refused("This is about you, so somebody else has to decide.", "Nothing was changed."));
    }
    let given = change.approvals.len();
    if matches!(say, Say::Approve) && concerned.approved(person) {
        let in_place = change.approvals.iter().any(|it| it.by != *person && it.people().contains(&person));
        let how = if in_place { "This was approved in your place" } else { "You approved this" };
        return Err(Failure::mistake(
            format!("{how} already; {} of {} have.", given, asked.count),
            "Nothing was changed. Somebody else has to agree, too.",
        ));
    }
    let may = match say {
        Say::Approve => by.may_approve_next(asked, given),
        Say::Deny(_) => by.may_approve(&change.asked.decision),
        Say::Override(_) => by.may_break_glass(),
    };
    let may = may || on_behalf.is_some();
    if may {
        return Ok(());
    }
    if matches!(say, Say::Approve) && by.may_approve(&change.asked.decision) {
        return Err(Failure::refused(
            "This one is approved in an order, and it is somebody else's turn.",
            "Nothing was changed. The card says whose turn it is.",
        ));
    }
    Err(may_not())
}

fn may_not() -> Failure {
    Failure::refused(
        "You may not decide this request.",
        Text::plain("Nothing was changed. ").command("whoami").then(" shows what you may."),
    )
}
