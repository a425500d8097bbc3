//! Recognizes keys that were asked for and are made by hand in the Console: by their exact name, by who made them, and because
//! they appeared after the approval. Whatever only looks like one is told, and is nobody's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;

use super::{Audience, Job};
use crate::change::Failure;
use crate::chat::{Message, Target, Text, Tone};
use crate::claude::{ApiKey, KeyFilter, KeyStatus, MakerKind, Principal, Reader};
use crate::clock::{Clock, Moment, moment};
use crate::domain::{DriftKind, Thing};
use crate::store::{KeyClaim, Parcel, Pass, Store};
use crate::view;

/// The name of the job.
pub const CLAIMS: &str = "claims";

/// How far Anthropic's clock may lag behind ours.
const SKEW_MS: i64 = 120_000;
const DAY_MS: i64 = 86_400_000;
/// After so many days whoever asked is reminded.
const REMINDED_DAYS: [i64; 2] = [1, 3];

/// Looks for keys that are to be made.
pub struct Claims {
    store: Store,
    reader: Reader,
    clock: Clock,
    audience: Audience,
}

impl Claims {
    /// Looks with `reader`.
    #[must_use]
    pub fn new(store: Store, reader: &Reader, clock: Clock, audience: Audience) -> Self {
        Self { store, reader: reader.background(), clock, audience }
    }

    /// The job, once a minute: a key is recognized within a minute of its appearance.
    #[must_use]
    pub fn job(self: &Arc<Self>) -> Job {
        let claims = Arc::clone(self);
        Job::every(CLAIMS, Duration::from_mins(1), move || {
            let claims = Arc::clone(&claims);
            Box::pin(async move { claims.look().await })
        })
    }

    /// Looks for every key that is looked for; one listing for each workspace in question.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; the rest is looked for the next time.
    pub async fn look(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut by_workspace: BTreeMap<String, Vec<KeyClaim>> = BTreeMap::new();
        for it in self.store.key_claims().await? {
            by_workspace.entry(it.workspace_id.clone()).or_default().push(it);
        }
        for (workspace_id, claims) in by_workspace {
            let filter = KeyFilter { workspace_id: Some(workspace_id), ..KeyFilter::default() };
            let mut pages = self.reader.api_keys(&filter);
            let mut named: Vec<ApiKey> = Vec::new();
            while let Some(page) = pages.try_next().await? {
                named.extend(page.items.into_iter().filter(|it| claims.iter().any(|claim| claim.name == it.name)));
            }
            for claim in &claims {
                self.settle(claim, &named, now).await?;
            }
        }
        Ok(())
    }

    async fn settle(&self, claim: &KeyClaim, named: &[ApiKey], now: Moment) -> Result<(), Failure> {
        let mut found = Vec::new();
        for key in named.iter().filter(|it| it.name == claim.name) {
            match self.objection(claim, key).await? {
                None => found.push(key),
                Some(why) => self.tell_impostor(claim, key, why, now).await?,
            }
        }
        match found[..] {
            [] => self.remind(claim, now).await,
            [key] => self.take(claim, key, now).await,
            [first, ..] => self.tell_impostor(claim, first, "there are several of that name", now).await,
        }
    }

    /// Why a key of the right name is not the one that was asked for.
    async fn objection(&self, claim: &KeyClaim, key: &ApiKey) -> Result<Option<&'static str>, Failure> {
        if key.created_at.as_millisecond() < claim.since.as_millisecond() - SKEW_MS {
            return Ok(Some("it was there before the request was approved"));
        }
        if key.status != KeyStatus::Active {
            return Ok(Some("it is not active"));
        }
        let owner = self.store.person(&claim.owner).await?.and_then(|it| it.member_id);
        match &key.principal {
            None => {}
            Some(Principal::User(it)) if Some(it) == owner.as_ref() => {}
            Some(_) => return Ok(Some("it is the personal key of somebody else, or a service account's")),
        }
        let maker = key.created_by.as_ref().filter(|it| it.kind == MakerKind::User).map(|it| it.id.clone());
        let Some(maker) = maker else { return Ok(Some("it is not known who made it")) };
        if Some(&maker) == owner.as_ref() {
            return Ok(None);
        }
        let is_admin = self.store.member(&maker).await?.is_some_and(|it| it.role == "admin");
        Ok((!is_admin).then_some("neither whoever asked nor an admin made it"))
    }

    async fn take(&self, claim: &KeyClaim, key: &ApiKey, now: Moment) -> Result<(), Failure> {
        self.store.write_page(&Pass::ApiKeys(vec![key.clone().into()]), now).await?;
        let mut tx = self.store.begin().await?;
        if self.store.key_recognized(&mut tx, claim, &key.id).await? {
            // It was asked for: it is no drift.
            let thing = Thing::new(DriftKind::ApiKey, &*key.id);
            self.store.expect(&mut tx, &thing, Some(key.status.as_str())).await?;
            self.store.end_pause(&mut tx, claim.change).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn tell_impostor(&self, claim: &KeyClaim, key: &ApiKey, why: &str, now: Moment) -> Result<(), Failure> {
        let targets = self.audience.targets().await?;
        let mut tx = self.store.begin().await?;
        if self.store.first_time(&mut tx, &format!("claim {} {} {why}", claim.mark, key.id), now).await? {
            let hint = key.partial_key_hint.clone().unwrap_or_default();
            let message = Message::plain(format!(
                "A key called {} appeared, but it is not taken for the one that was asked for: {why}.",
                claim.name
            ))
            .tone(Tone::Warning)
            .fields([("Id", Text::new().code(key.id.clone())), ("Hint", Text::plain(hint))])
            .hint("It is nobody's. If nobody knows it, switch it off.");
            self.audience.tell(&mut tx, &targets, (&format!("key {}", key.id), &message), now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    async fn remind(&self, claim: &KeyClaim, now: Moment) -> Result<(), Failure> {
        let days = (now.as_millisecond() - claim.since.as_millisecond()) / DAY_MS;
        let Some(passed) = REMINDED_DAYS.iter().filter(|it| **it <= days).max() else { return Ok(()) };
        let Some(workspace) = self.store.workspace(&claim.workspace_id).await? else { return Ok(()) };
        let message = view::key::to_be_made((&claim.name, &workspace.name), claim.until);
        let mut tx = self.store.begin().await?;
        if self.store.first_time(&mut tx, &format!("claim {} {passed}", claim.mark), now).await? {
            for account in self.store.reachable_in(&mut tx, &claim.owner).await? {
                let parcel = Parcel::Message { to: Target::Direct(account), message: Box::new(message.clone()) };
                self.store.post(&mut tx, &format!("claim {}", claim.mark), &parcel, now).await?;
            }
        }
        Ok(self.store.commit(tx).await?)
    }

    /// The next moment, later than `now`, at which somebody is reminded or a key is no longer looked for.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn next_moment(&self, now: Moment) -> Result<Option<Moment>, Failure> {
        let claims = self.store.key_claims().await?;
        let of = |it: &KeyClaim| {
            let since = it.since;
            let reminders = REMINDED_DAYS.map(|days| moment(since.as_millisecond() + days * DAY_MS));
            reminders.into_iter().chain([it.until])
        };
        Ok(claims.iter().flat_map(of).filter(|it| *it > now).min())
    }
}
