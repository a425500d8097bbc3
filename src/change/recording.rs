//! From a weighed request to its rows: the change, its calls, the audit entry, the card. One transaction, before any effect.

use super::asker::Asker;
use super::draft::Weighed;
use super::effect::Effect;
use super::failure::Failure;
use super::pipeline::{Pipeline, Proposed, Request};
use crate::chat::{Account, Platform, Text};
use crate::clock::{Moment, moment};
use crate::domain::{Asked, Change, Decided, Decision, LinkState, Person, PersonId, Verdict};
use crate::store::{Act, LinkRow, Tx};

/// A line of the audit trail about a change.
pub(super) struct Line<'a> {
    /// What happened to it: `asked`, `approved`.
    pub(super) step: &'a str,
    /// Who did it: an account, or `steward`.
    pub(super) actor: &'a str,
    /// More; ids and our own words.
    pub(super) detail: serde_json::Value,
}

impl<'a> Line<'a> {
    /// What Steward itself did.
    pub(super) fn steward(step: &'a str, detail: serde_json::Value) -> Self {
        Self { step, actor: "steward", detail }
    }
}

impl Pipeline {
    /// Writes a request. One that nobody has to agree to is made at once.
    pub(super) async fn record(&self, request: Request, asker: &Asker, weighed: Weighed) -> Result<Proposed, Failure> {
        let now = self.clock.now();
        let at_once = weighed.decision == Decision::AtOnce;
        // Whatever asks more than this transaction is asked before it: a platform may take its time, and a second connection
        // may be what everybody else waits for.
        let own = asker.person.as_ref().map(|it| &it.id);
        let mut targets = Vec::new();
        if !at_once {
            if asker.account != Account::steward() {
                self.within_quota(own).await?;
            }
            let subject = request.proposal.subject();
            let about = (request.proposal.kind(), subject.as_str());
            let concerned = self.concerned_by((&asker.account, own), weighed.for_person.as_ref(), about).await?;
            targets = self.card_targets(&weighed.decision, &concerned).await?;
        }
        let mut tx = self.store.begin().await?;
        let asked_by = self.person_of(&mut tx, asker, now).await?;
        let bodies: Vec<String> = weighed.draft.effects.iter().map(Effect::body).collect();
        let asked = self.asked(request, asker, weighed, (asked_by.clone(), now));
        let subject = (asked.kind, asked.subject.clone());
        let Some(change) = self.store.ask(&mut tx, asked).await? else {
            drop(tx);
            let open = self.store.open_change(subject.0, &subject.1).await?;
            let vanished = || Failure::internal("an open change vanished while it was looked at");
            return open.map(Proposed::Open).ok_or_else(vanished);
        };
        self.store.plan_effects(&mut tx, change.id.number(), &bodies).await?;
        let actor = asker.account.to_string();
        let detail = serde_json::json!({ "plan": change.asked.plan.summary, "digest": change.digest });
        self.note(&mut tx, &change, Line { step: "asked", actor: &actor, detail }).await?;
        if at_once {
            let by = Decided { by: asked_by, account: asker.account.clone(), at: now };
            self.store.decide(&mut tx, &change, Verdict::Approve, by).await?;
            self.note(&mut tx, &change, Line::steward("approved", serde_json::json!({ "by": "policy: at once" })))
                .await?;
            self.store.commit(tx).await?;
            return Ok(Proposed::Stands(self.begin_applying(change).await));
        }
        self.post_card(&mut tx, change.id.number(), targets).await?;
        self.store.commit(tx).await?;
        Ok(Proposed::Stands(change))
    }

    async fn within_quota(&self, asker: Option<&PersonId>) -> Result<(), Failure> {
        let Some(asked_by) = asker else { return Ok(()) };
        let waiting = self.store.waiting_of(asked_by).await?;
        if waiting < self.rules.now().pending_per_person {
            return Ok(());
        }
        Err(Failure::mistake(
            format!("You have {waiting} requests that nobody has decided yet, and that is the limit."),
            Text::plain("Nothing was asked. Withdraw one first: ").command("request list --mine").then("."),
        ))
    }

    fn asked(&self, request: Request, asker: &Asker, weighed: Weighed, (asked_by, now): (PersonId, Moment)) -> Asked {
        let later = |span: std::time::Duration| {
            moment(now.as_millisecond().saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
        };
        Asked {
            kind: request.proposal.kind(),
            subject: request.proposal.subject(),
            body: request.proposal.body(),
            plan: weighed.draft.plan,
            decision: weighed.decision,
            reason: request.reason,
            asked_by,
            asker_account: asker.account.clone(),
            asker_standing: asker.standing.clone(),
            for_person: weighed.for_person,
            asked_at: now,
            expires_at: later(self.rules.now().expire_after),
            remind_at: later(self.rules.now().remind_after),
            undoes: request.undoes,
        }
    }

    /// The asker's person, made now if the account is nobody's yet: a stranger, or an admin that only the configuration names.
    pub(super) async fn person_of(&self, tx: &mut Tx<'_>, asker: &Asker, now: Moment) -> Result<PersonId, Failure> {
        if let Some(person) = &asker.person {
            return Ok(person.id.clone());
        }
        let id = PersonId(self.random.id("person"));
        let (name, how) = match asker.account.platform() {
            Platform::Operator => (format!("operator {}", asker.account.id()), "operator"),
            _ if asker.rights.any() => (asker.standing.name.clone(), "role map"),
            _ => (asker.standing.name.clone(), "profile"),
        };
        let link = LinkRow {
            account: asker.account.clone(),
            state: if asker.rights.any() { LinkState::Active } else { LinkState::Proposed },
            email: asker.standing.email.as_ref().map(|it| it.to_lowercase()),
            how: how.to_owned(),
        };
        let person = Person { id: id.clone(), name, member_id: None };
        let made = self.store.create_person(tx, &person, &link, now).await?;
        if made { Ok(id) } else { Err(Failure::internal("an account was taken while it was looked at")) }
    }

    /// Writes a line about a change into the audit trail, in the caller's transaction.
    pub(super) async fn note(&self, tx: &mut Tx<'_>, change: &Change, line: Line<'_>) -> Result<(), Failure> {
        let action = format!("{}.{}", change.asked.kind, line.step);
        let about = change.id.to_string();
        let act = Act { at: self.clock.now(), actor: line.actor, action: &action, about: &about, detail: line.detail };
        self.store.append(tx, &act).await?;
        Ok(())
    }
}
