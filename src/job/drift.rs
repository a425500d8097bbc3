//! Tells what was changed in the organization past Steward: compares what should be with what the directory says, once a minute.
//!
//! Only lists that were read to their end count. What was found at the first look is how it should be. What Steward changed
//! itself is known in the ledger's own transaction; while a call of ours is under way, what it touches is left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Audience, Job};
use crate::change::Failure;
use crate::clock::{Clock, Moment, moment};
use crate::domain::{Difference, Drift, DriftState, Observed, Thing, compare};
use crate::store::{Act, BegunCall, Notice, Parcel, Store, Survey, Tx};
use crate::view;

/// More new differences than this are one message: somebody has done something large, and knows.
const MOST_CARDS: usize = 10;
/// How far Anthropic's lists may lag behind a call of ours.
const LAG_MS: i64 = 60_000;
/// Lists that were begun within this time of each other belong to one pass.
const ONE_PASS_MS: i64 = 60_000;
/// How far back our own calls are looked at: longer than a list may be old.
const LOOK_BACK_MS: i64 = 6 * 3_600_000;

/// Looks for drift.
#[derive(Clone)]
pub struct DriftWatch {
    store: Store,
    clock: Clock,
    audience: Audience,
}

impl DriftWatch {
    /// A watch over the directory in `store` that tells `audience`.
    #[must_use]
    pub fn new(store: Store, clock: Clock, audience: Audience) -> Self {
        Self { store, clock, audience }
    }

    /// The job, once a minute.
    #[must_use]
    pub fn job(&self) -> Job {
        let watch = self.clone();
        Job::every("drift", Duration::from_mins(1), move || {
            let watch = watch.clone();
            Box::pin(async move { watch.look().await.map(|_| ()) })
        })
    }

    /// Compares, and tells what is new. Answers how many differences were told.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn look(&self) -> Result<usize, Failure> {
        let now = self.clock.now();
        let (mut expected, looked) = self.store.expected().await?;
        let mut survey = self.store.survey(now).await?;
        survey.fill(&expected);
        self.take_what_is_new_to_us(&mut expected, &looked, &survey).await?;
        let ours = self.store.begun_calls(moment(now.as_millisecond() - LOOK_BACK_MS)).await?;
        // What is known of too little, or touched by a call of ours just now, is left for the next look; and all that is in it.
        let unsure = unsure(&survey, &ours);
        let is_sure = |thing: &Thing, it: &Observed| !it.owners.iter().chain([thing]).any(|it| unsure.contains(it));
        survey.things.retain(|thing, it| is_sure(thing, it));
        let compared = compare(&expected, &survey.things);
        let stands = self.store.standing_drifts().await?;
        let ends = |it: &&Drift| {
            it.ignored_until.is_some_and(|until| until <= now) || is_over(it, &compared.differences, &survey)
        };
        let (over, stands): (Vec<&Drift>, Vec<&Drift>) = stands.iter().partition(ends);
        let known: BTreeSet<&Thing> = stands.iter().map(|it| &it.difference.thing).collect();
        let new: Vec<Difference> =
            compared.differences.iter().filter(|it| !known.contains(&it.thing)).cloned().collect();
        if new.is_empty() && over.is_empty() && compared.accepted.is_empty() {
            return Ok(0);
        }
        let targets = if new.is_empty() { Vec::new() } else { self.audience.targets().await? };
        let mut tx = self.store.begin().await?;
        for (thing, value) in &compared.accepted {
            self.store.expect(&mut tx, thing, value.as_deref()).await?;
        }
        for drift in over {
            self.end(&mut tx, drift, now).await?;
        }
        let told = self.tell(&mut tx, &new, &targets, now).await?;
        self.store.commit(tx).await?;
        Ok(told)
    }

    /// A list that was read to its end for the first time, or a workspace that was looked into for the first time, is how it
    /// should be.
    async fn take_what_is_new_to_us(
        &self,
        expected: &mut BTreeMap<Thing, String>,
        looked: &BTreeSet<String>,
        survey: &Survey,
    ) -> Result<(), Failure> {
        let first: BTreeSet<&String> = survey.looked.keys().filter(|it| !looked.contains(*it)).collect();
        if first.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        for (thing, it) in &survey.things {
            if let (true, Some(value)) = (first.contains(&Survey::source(thing)), &it.value) {
                self.store.expect(&mut tx, thing, Some(value)).await?;
                expected.insert(thing.clone(), value.clone());
            }
        }
        for source in first {
            self.store.expect_all_of(&mut tx, source).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn tell(
        &self,
        tx: &mut Tx<'_>,
        new: &[Difference],
        targets: &[crate::chat::Target],
        now: Moment,
    ) -> Result<usize, Failure> {
        let mut told = 0;
        for difference in new {
            let Some(number) = self.store.find_drift(tx, difference, now).await? else { continue };
            told += 1;
            let detail = serde_json::json!({
                "number": number, "kind": difference.thing.kind, "before": difference.before, "after": difference.after,
                "folded": difference.folded,
            });
            let about = &difference.thing.id;
            let act = Act { at: now, actor: "steward", action: "drift.found", about, detail };
            self.store.append(tx, &act).await?;
            for to in targets.iter().filter(|_| new.len() <= MOST_CARDS) {
                let notice = Notice::Drift(number);
                let about = notice.about();
                self.store.post(tx, &about, &Parcel::Notice { notice, to: to.clone() }, now).await?;
            }
        }
        if new.len() > MOST_CARDS && told > 0 {
            self.audience.tell(tx, targets, ("drift", &view::drift::many(new)), now).await?;
        }
        Ok(told)
    }

    /// It is no longer so; or it was ignored long enough, and is told anew.
    async fn end(&self, tx: &mut Tx<'_>, drift: &Drift, now: Moment) -> Result<(), Failure> {
        let by = ("steward", now);
        let until = drift.ignored_until.filter(|until| *until <= now);
        if self.store.settle_drift(tx, drift.number, (DriftState::Over, until), by).await? {
            let notice = Notice::Drift(drift.number);
            let about = notice.about();
            self.store.post(tx, &about, &Parcel::NoticeRefresh { notice }, now).await?;
        }
        Ok(())
    }
}

/// What cannot be judged now: of which too little is known, or which a call of ours touches; and what was looked at well after
/// the member or workspace that it belongs to, which may be gone by now, and it with it.
fn unsure(survey: &Survey, ours: &[BegunCall]) -> BTreeSet<Thing> {
    let is_later = |it: &Observed, owner: &Thing| {
        let seen = survey.looked.get(&Survey::source(owner)).map_or(i64::MIN, |at| at.as_millisecond());
        it.at.as_millisecond() > seen.saturating_add(ONE_PASS_MS)
    };
    let is_unsure = |(thing, it): &(&Thing, &Observed)| {
        !survey.looked.contains_key(&Survey::source(thing))
            || ours.iter().any(|call| touches(call, thing, it.at))
            || it.owners.iter().any(|owner| is_later(it, owner))
    };
    survey.things.iter().filter(is_unsure).map(|(thing, _)| thing.clone()).collect()
}

/// True if a call of ours touches the thing, and may not show yet in what was seen at `seen`.
fn touches(call: &BegunCall, thing: &Thing, seen: Moment) -> bool {
    let may_not_show = call.done_at.is_none_or(|at| at.as_millisecond() > seen.as_millisecond() - LAG_MS);
    let named = |id: &str| call.body.contains(id) || call.result.as_ref().is_some_and(|it| it.contains(id));
    let is_meant = match thing.as_seat() {
        Some((workspace, user)) => named(workspace) && named(user),
        None => named(&thing.id),
    };
    may_not_show && is_meant
}

/// True if what was told is so no more: it is as it should be, or in yet another way, which is told by itself.
fn is_over(drift: &Drift, differences: &[Difference], survey: &Survey) -> bool {
    let thing = &drift.difference.thing;
    // What was not looked at now says nothing.
    if !survey.things.contains_key(thing) {
        return false;
    }
    let now = differences.iter().find(|it| it.thing == *thing);
    now.is_none_or(|it| it.after != drift.difference.after)
}
