//! Tells signed heads of the audit trail outside the database: in a channel, and in a file beside the database.
//!
//! Every ten minutes while there is something new, or after a hundred entries. Before it signs, it looks whether the trail
//! still agrees with the head that was told last: if not, somebody has cut or rewritten it, or has put an older copy back, and
//! what follows must not be vouched for. Leaves behind: a line in the file, a message, where it stands.

use std::time::Duration;

use super::Job;
use super::audience::Audience;
use super::head_file::HeadFile;
use crate::change::Failure;
use crate::chat::Target;
use crate::clock::{Clock, Moment};
use crate::domain::{HeadVerdict, SignedHead};
use crate::store::{Outlet, Parcel, Store, Way};
use crate::view;

/// How old the last head may get while there is something new.
const MOST_AGE_MS: i64 = 600_000;
/// After so many entries the next one does not wait for that.
const MOST_ENTRIES: i64 = 100;
/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(30);

/// Where heads are told.
#[derive(Clone, Debug, Default)]
pub struct HeadPlaces {
    /// A channel, written as in the configuration.
    pub channel: Option<String>,
    /// The file.
    pub file: Option<HeadFile>,
}

/// Tells heads.
#[derive(Clone)]
pub struct AuditHead {
    store: Store,
    clock: Clock,
    places: HeadPlaces,
    audience: Audience,
}

impl AuditHead {
    /// Tells the heads of `store` in `places`; whoever has to hear of a contradiction is the `audience`.
    #[must_use]
    pub fn new(store: Store, clock: Clock, places: HeadPlaces, audience: Audience) -> Self {
        Self { store, clock, places, audience }
    }

    /// The job.
    #[must_use]
    pub fn job(&self) -> Job {
        let heads = self.clone();
        Job::every("audit head", EVERY, move || {
            let heads = heads.clone();
            Box::pin(async move { heads.tell().await.map(|_| ()) })
        })
    }

    /// Tells a head if one is due. Answers whether one was told.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the database or the file cannot be used, or if the trail contradicts what was told before.
    pub async fn tell(&self) -> Result<bool, Failure> {
        let outlet = self.store.outlet(Way::Head).await?;
        if is_due(&outlet, self.clock.now()) { self.tell_after(&outlet).await } else { Ok(false) }
    }

    /// Tells a head if there is anything new at all: the process ends.
    ///
    /// # Errors
    ///
    /// As [`AuditHead::tell`].
    pub async fn tell_last(&self) -> Result<bool, Failure> {
        let outlet = self.store.outlet(Way::Head).await?;
        if outlet.waiting() > 0 { self.tell_after(&outlet).await } else { Ok(false) }
    }

    async fn tell_after(&self, outlet: &Outlet) -> Result<bool, Failure> {
        if self.places.channel.is_none() && self.places.file.is_none() {
            return Ok(false);
        }
        self.look_back().await?;
        let now = self.clock.now();
        let Some(head) = self.store.sign_head(now).await? else { return Ok(false) };
        // The file first: a line too many is as true as the others, one too few would be missed.
        let written = self.write(head.clone()).await;
        let mut tx = self.store.begin().await?;
        if !self.store.head_told(&mut tx, outlet, head.head.seq, now).await? {
            return Ok(false);
        }
        if let Some(channel) = &self.places.channel {
            let parcel =
                Parcel::Message { to: Target::Channel(channel.clone()), message: Box::new(view::head::posted(&head)) };
            self.store.post(&mut tx, "audit head", &parcel, now).await?;
        }
        self.store.commit(tx).await?;
        written.map(|()| true)
    }

    /// Does the trail still hold what was told last? Nobody else may have looked for weeks.
    async fn look_back(&self) -> Result<(), Failure> {
        let Some(file) = self.places.file.clone() else { return Ok(()) };
        let newest = blocking(move || file.newest()).await?;
        let Some(told) = newest.filter(|it| it.is_signed_by(&self.store.head_key())) else { return Ok(()) };
        let verdict = self.store.compare(&told).await?;
        if verdict == HeadVerdict::Agrees {
            return Ok(());
        }
        self.alarm(&told, verdict).await?;
        Err(Failure::internal("the audit trail contradicts the head that was signed last: nothing more is signed"))
    }

    async fn alarm(&self, told: &SignedHead, verdict: HeadVerdict) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut targets = self.audience.targets().await?;
        targets.extend(self.places.channel.clone().map(Target::Channel));
        targets.dedup();
        let message = view::head::contradicted(told, verdict);
        let mut tx = self.store.begin().await?;
        let once = format!("contradicted head {} {}", told.head.seq, told.head.hash);
        if self.store.first_time(&mut tx, &once, now).await? {
            self.audience.tell(&mut tx, &targets, ("audit alarm", &message), now).await?;
            self.store.commit(tx).await?;
        }
        Ok(())
    }

    async fn write(&self, head: SignedHead) -> Result<(), Failure> {
        let Some(file) = self.places.file.clone() else { return Ok(()) };
        let key = self.store.head_key();
        blocking(move || file.append(&head, &key)).await
    }
}

fn is_due(outlet: &Outlet, now: Moment) -> bool {
    let old_enough = outlet.at.is_none_or(|at| now.as_millisecond() - at.as_millisecond() >= MOST_AGE_MS);
    outlet.waiting() >= MOST_ENTRIES || (outlet.waiting() > 0 && old_enough)
}

/// Works on the disk, away from everything that waits for nothing.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    let failed =
        |kind: std::io::ErrorKind| Failure::internal(&format!("the file of signed heads cannot be used: {kind}"));
    match done {
        Ok(done) => done.map_err(|error| failed(error.kind())),
        Err(_) => Err(Failure::internal("writing the file of signed heads broke off")),
    }
}
