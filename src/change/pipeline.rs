//! Asking: from a proposal to a row, and, where nobody has to agree, to the change itself.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::asker::Asker;
use super::draft::Weighed;
use super::failure::Failure;
use super::heard::Heard;
use super::proposal::Proposal;
use super::rights::may_ask;
use super::standing_in::StandingIn;
use super::tray::Tray;
use super::world::World;
use crate::chat::Roster;
use crate::claude::{Exchange, Reader, Writer};
use crate::clock::{Clock, Moment};
use crate::domain::{Change, ChangeId, Decision, LiveRules, Plan, Rules, State};
use crate::random::Random;
use crate::store::Store;

/// What the pipeline is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Looks at the organization.
    pub reader: Reader,
    /// Changes it. Handed to nobody else.
    pub writer: Writer,
    /// Makes tokens of assertions.
    pub exchange: Exchange,
    /// What the configuration decides.
    pub rules: Arc<LiveRules>,
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
    pub(super) exchange: Exchange,
    pub(super) rules: Arc<LiveRules>,
    pub(super) roster: Arc<dyn Roster>,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) holder: String,
    /// Since when it is. What an earlier process saw in the organization may have been another database.
    pub(super) since: Moment,
    /// Changes that are made in several rounds, by number, for this process to go on with at once.
    pub(super) going: Mutex<BTreeSet<i64>>,
    /// What the chats said of people a moment ago, for whoever is in many calls.
    pub(super) heard: Heard,
    /// Tokens that were made a moment ago, each until it is seen.
    pub(super) tray: Tray,
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
        let Parts { store, reader, writer, exchange, rules, roster, clock, random, holder } = parts;
        Self {
            since: clock.now(),
            store,
            reader,
            writer,
            exchange,
            rules,
            roster,
            clock,
            random,
            holder,
            going: Mutex::default(),
            heard: Heard::default(),
            tray: Tray::default(),
        }
    }

    /// Asks for a change.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; nothing was changed then.
    pub async fn propose(&self, request: Request, asker: &Asker) -> Result<Proposed, Failure> {
        let now = self.clock.now();
        let rules = self.rules.now();
        let request = Request { proposal: self.appraised(request.proposal, asker).await?, ..request };
        let world = World::recorded(&self.store, &request.proposal.looks(), now).await?;
        may_ask(&rules, &request.proposal, &world, asker)?;
        if let Some(open) = self.store.open_change(request.proposal.kind(), &request.proposal.subject()).await? {
            return Ok(Proposed::Open(open));
        }
        let draft = request.proposal.plan(&world)?;
        let decision = self.weigh(&rules, (&request.proposal, &world), asker, i64::MAX).await?.decision;
        if decision == Decision::Refuse {
            return Err(Failure::refused(
                format!("Policy does not let you {}.", draft.plan.summary),
                "Nothing was changed. An admin can ask for it.",
            ));
        }
        if request.dry_run {
            return Ok(Proposed::Planned(draft.plan, decision));
        }
        if request.proposal.is_typed(&world) {
            let expected = request.proposal.confirmed_by(&world);
            if request.confirmed.as_deref().is_none_or(|typed| !typed.eq_ignore_ascii_case(&expected)) {
                return Ok(Proposed::Unconfirmed { summary: draft.plan.summary, expected });
            }
        }
        let for_person = match (request.proposal.gains(), request.proposal.beneficiary(&world)) {
            (Some(person), _) => Some(person.clone()),
            (None, Some(member)) => self.store.person_of_member(member).await?.map(|it| it.id),
            (None, None) => None,
        };
        self.record(request, asker, Weighed { draft, decision, for_person }).await
    }

    /// Looks who may decide in whose place, now.
    pub(super) fn standing_in<'a>(&'a self, rules: &'a Rules) -> StandingIn<'a> {
        StandingIn { store: &self.store, rules, roster: &*self.roster, now: self.clock.now() }
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
