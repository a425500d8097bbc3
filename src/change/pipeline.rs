//! Asking: from a proposal to a row, and, where nobody has to agree, to the change itself.

use std::sync::Arc;

use super::asker::Asker;
use super::concerned::Concerned;
use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::proposal::Proposal;
use super::world::World;
use crate::chat::{Platform, Roster, Text};
use crate::claude::{Reader, Writer};
use crate::clock::{Clock, Moment, moment};
use crate::domain::{
    Asked, Asking, Change, ChangeId, Decided, Decision, LinkState, Person, PersonId, Plan, Right, Rules, State, Toward,
    Verdict, decide,
};
use crate::random::Random;
use crate::store::{Act, LinkRow, Store, Tx};

/// What the pipeline is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Looks at the organization.
    pub reader: Reader,
    /// Changes it. Handed to nobody else.
    pub writer: Writer,
    /// What the configuration decides.
    pub rules: Arc<Rules>,
    /// What the platforms say of people now.
    pub roster: Arc<dyn Roster>,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The name of this process among replicas.
    pub holder: String,
}

/// The one way through which anything changes.
pub struct Pipeline {
    pub(super) store: Store,
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    pub(super) rules: Arc<Rules>,
    pub(super) roster: Arc<dyn Roster>,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) holder: String,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The change.
    pub proposal: Proposal,
    /// Why, in their words.
    pub reason: Option<String>,
    /// Only show what would happen.
    pub dry_run: bool,
    /// The change that this one takes back.
    pub undoes: Option<ChangeId>,
    /// What was typed to confirm a weighty change.
    pub confirmed: Option<String>,
}

impl Request {
    /// A request for a change, without more.
    #[must_use]
    pub fn of(proposal: Proposal) -> Self {
        Self { proposal, reason: None, dry_run: false, undoes: None, confirmed: None }
    }
}

/// What became of asking.
#[derive(Debug)]
pub enum Proposed {
    /// A dry run: the plan, and who would have to agree.
    Planned(Plan, Decision),
    /// It waits, was made, or became something else: the row says.
    Stands(Change),
    /// The same was asked before and is still open.
    Open(Change),
    /// A weighty change, not confirmed yet: what it would do, and the text to type. Nothing was written.
    Unconfirmed {
        /// What it would do.
        summary: String,
        /// What confirms it.
        expected: String,
    },
}

impl Pipeline {
    /// A pipeline of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, reader, writer, rules, roster, clock, random, holder } = parts;
        Self { store, reader, writer, rules, roster, clock, random, holder }
    }

    /// Asks for a change.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; nothing was changed then.
    pub async fn propose(&self, request: Request, asker: &Asker) -> Result<Proposed, Failure> {
        let now = self.clock.now();
        self.may_ask(&request.proposal, asker)?;
        let world = World::recorded(&self.store, &request.proposal.looks(), now).await?;
        if let Some(open) = self.store.open_change(request.proposal.kind(), &request.proposal.subject()).await? {
            return Ok(Proposed::Open(open));
        }
        let draft = request.proposal.plan(&world)?;
        let asking =
            Asking { kind: request.proposal.kind(), rights: &asker.rights, weighty: request.proposal.weighty(&world) };
        let decision = decide(&self.rules.policies, asking);
        if decision == Decision::Refuse {
            return Err(Failure::refused(
                format!("Policy does not let you {}.", draft.plan.summary),
                "Nothing was changed. An admin can ask for it.",
            ));
        }
        if request.dry_run {
            return Ok(Proposed::Planned(draft.plan, decision));
        }
        if asking.weighty {
            let expected = request.proposal.confirmed_by(&world);
            if request.confirmed.as_deref().is_none_or(|typed| !typed.eq_ignore_ascii_case(&expected)) {
                return Ok(Proposed::Unconfirmed { summary: draft.plan.summary, expected });
            }
        }
        let for_member = request.proposal.beneficiary(&world).map(ToOwned::to_owned);
        self.write(request, asker, draft, decision, for_member).await
    }

    fn may_ask(&self, proposal: &Proposal, asker: &Asker) -> Result<(), Failure> {
        let permission = proposal.needs();
        if asker.right(permission, Toward::Other) != Right::No {
            return Ok(());
        }
        match proposal {
            Proposal::Invite(it) if asker.may_invite_themselves(&self.rules, &it.email) => Ok(()),
            _ if !asker.rights.any() => Err(Failure::Stranger),
            _ => Err(Failure::refused(
                format!("This needs the permission {permission}, which you do not have."),
                "Nothing was changed. Ask an admin.",
            )),
        }
    }

    async fn write(
        &self,
        request: Request,
        asker: &Asker,
        draft: Draft,
        decision: Decision,
        for_member: Option<String>,
    ) -> Result<Proposed, Failure> {
        let now = self.clock.now();
        let for_person = match for_member {
            Some(member) => self.store.person_of_member(&member).await?.map(|it| it.id),
            None => None,
        };
        let own = asker.person.as_ref().map(|it| &it.id);
        let mut targets = Vec::new();
        if matches!(decision, Decision::Approvals { .. }) {
            self.has_room(own).await?;
            targets = self.card_targets(&decision, &Concerned::of(&asker.account, [own, for_person.as_ref()])).await?;
        }
        let mut tx = self.store.begin().await?;
        let asked_by = self.person_of(&mut tx, asker, now).await?;
        let later = |span: std::time::Duration| {
            moment(now.as_millisecond().saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
        };
        let asked = Asked {
            kind: request.proposal.kind(),
            subject: request.proposal.subject(),
            body: request.proposal.body(),
            plan: draft.plan,
            decision: decision.clone(),
            reason: request.reason,
            asked_by: asked_by.clone(),
            asker_account: asker.account.clone(),
            asker_standing: asker.standing.clone(),
            for_person,
            asked_at: now,
            expires_at: later(self.rules.expire_after),
            remind_at: later(self.rules.remind_after),
            undoes: request.undoes,
        };
        let subject = (asked.kind, asked.subject.clone());
        let Some(change) = self.store.ask(&mut tx, asked).await? else {
            drop(tx);
            let open = self.store.open_change(subject.0, &subject.1).await?;
            return open
                .map(Proposed::Open)
                .ok_or_else(|| Failure::internal("an open change vanished while it was looked at"));
        };
        let bodies: Vec<String> = draft.effects.iter().map(Effect::body).collect();
        self.store.plan_effects(&mut tx, change.id.number(), &bodies).await?;
        self.note(
            &mut tx,
            &change,
            "asked",
            &asker.account.to_string(),
            serde_json::json!({ "plan": change.asked.plan.summary, "digest": change.digest }),
        )
        .await?;
        if decision == Decision::AtOnce {
            let by = Decided { by: asked_by, account: asker.account.clone(), at: now };
            self.store.decide(&mut tx, &change, Verdict::Approve, by).await?;
            self.note(&mut tx, &change, "approved", "steward", serde_json::json!({ "by": "policy: at once" })).await?;
            self.store.commit(tx).await?;
            return Ok(Proposed::Stands(self.begin_applying(change).await));
        }
        self.post_card(&mut tx, change.id.number(), targets).await?;
        self.store.commit(tx).await?;
        Ok(Proposed::Stands(change))
    }

    /// Nobody may have more than so many requests waiting.
    async fn has_room(&self, person: Option<&PersonId>) -> Result<(), Failure> {
        let Some(person) = person else { return Ok(()) };
        let waiting = self.store.waiting_of(person).await?;
        if waiting < self.rules.pending_per_person {
            return Ok(());
        }
        Err(Failure::mistake(
            format!("You have {waiting} requests that nobody has decided yet, and that is the limit."),
            Text::plain("Nothing was asked. Withdraw one first: ").code("request list --mine").then("."),
        ))
    }

    /// The asker's person, made now if the account is nobody's yet: a stranger, or an admin that only the configuration names.
    pub(super) async fn person_of(&self, tx: &mut Tx<'_>, asker: &Asker, now: Moment) -> Result<PersonId, Failure> {
        if let Some(person) = &asker.person {
            return Ok(person.id.clone());
        }
        let id = PersonId(self.random.id("person"));
        let operator = asker.account.platform() == Platform::Operator;
        let name = if operator { format!("operator {}", asker.account.id()) } else { asker.standing.name.clone() };
        let link = LinkRow {
            account: asker.account.clone(),
            state: if asker.rights.any() { LinkState::Active } else { LinkState::Proposed },
            email: asker.standing.email.as_ref().map(|it| it.to_lowercase()),
            how: if operator {
                "operator"
            } else if asker.rights.any() {
                "role map"
            } else {
                "profile"
            }
            .to_owned(),
        };
        let person = Person { id: id.clone(), name, member_id: None };
        if self.store.create_person(tx, &person, &link, now).await? {
            Ok(id)
        } else {
            Err(Failure::internal("an account was taken while it was looked at"))
        }
    }

    /// Writes a change's step into the audit trail, in the caller's transaction.
    pub(super) async fn note(
        &self,
        tx: &mut Tx<'_>,
        change: &Change,
        step: &str,
        actor: &str,
        detail: serde_json::Value,
    ) -> Result<(), Failure> {
        let action = format!("{}.{step}", change.asked.kind);
        let act = Act { at: self.clock.now(), actor, action: &action, about: &change.id.to_string(), detail };
        self.store.append(tx, &act).await?;
        Ok(())
    }

    /// The row as it stands now.
    pub(super) async fn reread(&self, number: i64) -> Result<Change, Failure> {
        self.store.change_numbered(number).await?.ok_or_else(|| Failure::internal("a change vanished"))
    }

    /// True while `state` may still be taken for applying.
    pub(super) fn is_decided(state: State) -> bool {
        matches!(state, State::Approved | State::Applying)
    }
}
