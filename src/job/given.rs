//! What time does to rights that were given: grants end and are reminded of, delegations begin and end. Both count by the clock
//! alone; this only writes down what has happened, and tells those whom it concerns.

use std::sync::Arc;
use std::time::Duration;

use super::Job;
use crate::change::Failure;
use crate::chat::{Account, Message, Target};
use crate::clock::{Clock, Moment, moment};
use crate::domain::{Grant, PersonId};
use crate::store::{Act, Ended, KeptDelegation, KeptGrant, Parcel, Store, Tx};
use crate::view;

/// The name of the job.
pub const GIVEN: &str = "given rights";

const DAY_MS: i64 = 86_400_000;
/// How many days before its end a grant is reminded of, the earliest first.
const REMINDED_DAYS: [i64; 2] = [7, 1];

/// Looks after rights that were given.
#[derive(Clone)]
pub struct Given {
    store: Store,
    clock: Clock,
}

impl Given {
    /// Those of `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// The job, once a minute.
    #[must_use]
    pub fn job(self) -> Job {
        let given = Arc::new(self);
        Job::every(GIVEN, Duration::from_mins(1), move || {
            let given = Arc::clone(&given);
            Box::pin(async move { given.look().await })
        })
    }

    /// Writes down and tells whatever has happened since.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database; the rest is done the next time.
    pub async fn look(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        for kept in self.store.kept_grants().await? {
            let Some(until) = kept.grant.terms.until else { continue };
            if until.at <= now {
                self.expire_grant(&kept, now).await?;
            } else {
                self.remind(&kept, until.at, now).await?;
            }
        }
        for kept in self.store.kept_delegations().await? {
            if kept.delegation.terms.until.at <= now {
                self.end_delegation(&kept, now).await?;
            } else if kept.told == 0 && kept.delegation.terms.since.at <= now {
                self.begin_delegation(&kept, now).await?;
            }
        }
        Ok(())
    }

    async fn expire_grant(&self, kept: &KeptGrant, now: Moment) -> Result<(), Failure> {
        let grant = &kept.grant;
        let mut tx = self.store.begin().await?;
        if !self.store.end_grant(&mut tx, grant.number, Ended::Expired, now).await? {
            return Ok(());
        }
        self.note(&mut tx, ("grant.ended", &grant.id()), "expired", now).await?;
        self.tell_grant(&mut tx, grant, |to_holder| view::given::grant_expired(grant, to_holder), now).await?;
        Ok(self.store.commit(tx).await?)
    }

    async fn remind(&self, kept: &KeptGrant, until: Moment, now: Moment) -> Result<(), Failure> {
        let passed = REMINDED_DAYS.iter().filter(|days| reminder(until, **days) <= now).count();
        let (Some(days), Ok(due)) = (REMINDED_DAYS[..passed].last().copied(), i64::try_from(passed)) else {
            return Ok(());
        };
        if kept.told >= due {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        if !self.store.grant_told(&mut tx, kept, due).await? {
            return Ok(());
        }
        let grant = &kept.grant;
        // Whoever gives something for a few days knows when it ends.
        if grant.given_at < reminder(until, days) {
            self.tell_grant(&mut tx, grant, |to_holder| view::given::grant_ends_soon(grant, days, to_holder), now)
                .await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn begin_delegation(&self, kept: &KeptDelegation, now: Moment) -> Result<(), Failure> {
        let it = &kept.delegation;
        let mut tx = self.store.begin().await?;
        if !self.store.delegation_told(&mut tx, it.number).await? {
            return Ok(());
        }
        self.note(&mut tx, ("delegation.began", &it.id()), "its first day", now).await?;
        let both = self.both(&mut tx, (&it.terms.from.id, &it.terms.to.id)).await?;
        let told = view::given::delegation_began(it, (both.0.first(), both.1.first()));
        self.tell(&mut tx, (both.0, &told.0), &it.id(), now).await?;
        self.tell(&mut tx, (both.1, &told.1), &it.id(), now).await?;
        Ok(self.store.commit(tx).await?)
    }

    async fn end_delegation(&self, kept: &KeptDelegation, now: Moment) -> Result<(), Failure> {
        let it = &kept.delegation;
        let mut tx = self.store.begin().await?;
        if !self.store.end_delegation(&mut tx, it.number, Ended::Expired, now).await? {
            return Ok(());
        }
        self.note(&mut tx, ("delegation.ended", &it.id()), "expired", now).await?;
        let both = self.both(&mut tx, (&it.terms.from.id, &it.terms.to.id)).await?;
        let accounts = (both.0.first(), both.1.first());
        let told = view::given::delegation_ended(&it.terms, &it.id(), accounts, false);
        self.tell(&mut tx, (both.0, &told.0), &it.id(), now).await?;
        self.tell(&mut tx, (both.1, &told.1), &it.id(), now).await?;
        Ok(self.store.commit(tx).await?)
    }

    async fn both(
        &self,
        tx: &mut Tx<'_>,
        (from, to): (&PersonId, &PersonId),
    ) -> Result<(Vec<Account>, Vec<Account>), Failure> {
        Ok((self.store.reachable_in(tx, from).await?, self.store.reachable_in(tx, to).await?))
    }

    /// Tells the holder, and whoever gave it if that is somebody else.
    async fn tell_grant(
        &self,
        tx: &mut Tx<'_>,
        grant: &Grant,
        words: impl Fn(bool) -> Message,
        now: Moment,
    ) -> Result<(), Failure> {
        let holder = self.store.reachable_in(tx, &grant.terms.holder.id).await?;
        let giver = Some(grant.given_by.clone()).filter(|it| !holder.contains(it));
        self.tell(tx, (holder, &words(true)), &grant.id(), now).await?;
        self.tell(tx, (giver.into_iter().collect(), &words(false)), &grant.id(), now).await
    }

    async fn tell(
        &self,
        tx: &mut Tx<'_>,
        (accounts, message): (Vec<Account>, &Message),
        about: &str,
        now: Moment,
    ) -> Result<(), Failure> {
        for account in accounts {
            let parcel = Parcel::Message { to: Target::Direct(account), message: Box::new(message.clone()) };
            self.store.post(tx, about, &parcel, now).await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut Tx<'_>,
        (action, about): (&str, &str),
        how: &str,
        now: Moment,
    ) -> Result<(), Failure> {
        let detail = serde_json::json!({ "how": how });
        self.store.append(tx, &Act { at: now, actor: "steward", action, about, detail }).await?;
        Ok(())
    }

    /// The next moment after `now` at which there is something to write down or to tell.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn next_moment(&self, now: Moment) -> Result<Option<Moment>, Failure> {
        let grants = self.store.kept_grants().await?;
        let ends = grants.iter().filter_map(|it| it.grant.terms.until.map(|until| until.at));
        let moments = ends.flat_map(|at| REMINDED_DAYS.map(|days| reminder(at, days)).into_iter().chain([at]));
        let delegations = self.store.kept_delegations().await?;
        let spans = delegations.iter().flat_map(|it| [it.delegation.terms.since.at, it.delegation.terms.until.at]);
        Ok(moments.chain(spans).filter(|it| *it > now).min())
    }
}

fn reminder(until: Moment, days: i64) -> Moment {
    moment(until.as_millisecond() - days * DAY_MS)
}
