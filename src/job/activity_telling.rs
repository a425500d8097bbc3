//! What people are told of the activity feed: at most one message in ten minutes about what was done outside, however much that
//! is, but at once if it was done with Steward's own key; and what the feed should show and does not.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::activity::{ActivityWatch, look_back, ms_since};
use super::activity_pairing::{Paired, Read};
use super::activity_trace::Trace;
use super::activity_words::{what, who};
use crate::change::{Applied, Failure};
use crate::chat::Memory;
use crate::claude::ActorKind;
use crate::clock::{Moment, moment};
use crate::domain::{Activity, Unseen};
use crate::store::{BegunCall, StoreMemory, Tx};
use crate::view;

/// How long the next message about what was done outside waits for the one before.
const PAUSE_MS: i64 = 600_000;
/// A call that the feed does not show by then is missing.
const PATIENCE_MS: i64 = 600_000;
/// Where the id of Steward's own admin key is kept.
const OWN_KEY: &str = "own admin key";

impl ActivityWatch {
    /// The id of Steward's own admin key, if the feed ever showed it.
    pub(super) async fn own_key(&self) -> Option<String> {
        StoreMemory::new(self.store.clone(), self.clock.clone()).recall(OWN_KEY).await
    }

    pub(super) async fn keep_own_key(&self, tx: &mut Tx<'_>, key: &str, at: Moment) -> Result<(), Failure> {
        Ok(self.store.remember_in(tx, OWN_KEY, key, at).await?)
    }

    /// Keeps one activity, and writes into the trail what was done outside.
    pub(super) async fn keep_one(
        &self,
        tx: &mut Tx<'_>,
        it: &Paired,
        names: &HashMap<String, String>,
        now: Moment,
    ) -> Result<(), Failure> {
        let named = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
        let actor = &it.activity.actor;
        let kept = Activity {
            id: it.activity.id.clone(),
            kind: it.activity.kind.clone(),
            about: it.about.clone(),
            who: who(actor),
            what: what(&it.activity, named),
            own_key: it.own_key,
            at: it.activity.created_at,
        };
        if !self.store.keep_activity(tx, &kept, it.call, now).await? || it.call.is_some() {
            return Ok(());
        }
        let by = if actor.kind == ActorKind::User { actor.id.as_deref() } else { None };
        let detail = serde_json::json!({
            "activity": kept.id, "kind": kept.kind, "what": kept.what, "at": kept.at,
            "by": { "type": actor.kind, "id": actor.id, "email": actor.email }, "own_key": kept.own_key,
        });
        let act = crate::store::Act {
            at: now,
            actor: by.unwrap_or(actor.kind.as_str()),
            action: "activity.outside",
            about: &kept.about,
            detail,
        };
        self.store.append(tx, &act).await?;
        Ok(())
    }

    /// What the ids in new activities are called.
    pub(super) async fn names(&self, read: &Read, known: &HashSet<String>) -> Result<HashMap<String, String>, Failure> {
        let new = read.activities.iter().filter(|it| it.call.is_none() && !known.contains(&it.activity.id));
        let ids: BTreeSet<&str> = new.flat_map(|it| it.activity.more.values().filter_map(|it| it.as_str())).collect();
        let mut names = HashMap::new();
        let workspaces = if ids.is_empty() { Vec::new() } else { self.store.workspaces(true).await? };
        for id in ids {
            let name = if id.starts_with("user_") {
                self.store.names_of_member(id).await?.into_iter().nth(1)
            } else if id.starts_with("invite_") {
                self.store.invite(id).await?.map(|it| it.email)
            } else {
                workspaces.iter().find(|it| it.id == id).map(|it| it.name.clone())
            };
            names.extend(name.map(|name| (id.to_owned(), name)));
        }
        Ok(names)
    }

    /// Tells what was done outside, unless people were told something of the sort just now.
    pub(super) async fn tell_outside(&self) -> Result<(), Failure> {
        let (untold, last) = self.store.untold_activities().await?;
        let now = self.clock.now();
        let urgent = untold.iter().any(|it| it.own_key);
        if untold.is_empty() || (!urgent && last.is_some_and(|at| ms_since(at, now) < PAUSE_MS)) {
            return Ok(());
        }
        let targets = self.audience.targets().await?;
        let message = view::activity::outside(&untold);
        let mut tx = self.store.begin().await?;
        for it in &untold {
            if !self.store.activity_told(&mut tx, &it.id, now).await? {
                return Ok(());
            }
        }
        self.audience.tell(&mut tx, &targets, ("activity feed", &message), now).await?;
        Ok(self.store.commit(tx).await?)
    }

    /// Raises an alarm for calls that were done, and that the feed does not show although it was read long enough.
    pub(super) async fn tell_missing(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let feed = self.store.feed().await?;
        let (Some(since), Some(read_to)) = (feed.since, feed.read_to) else { return Ok(()) };
        let calls = self.store.begun_calls(look_back(&feed, now)).await?;
        let mut missing = Vec::new();
        for call in calls {
            let due = call.done_at.filter(|at| *at >= since && ms_since(*at, read_to) >= PATIENCE_MS);
            if let Some(done_at) = due
                && self.is_missing(&call, done_at).await?
            {
                missing.push((call, done_at));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let targets = self.audience.targets().await?;
        let unseen: Vec<Unseen> = missing.iter().map(|(call, at)| unseen(call, *at)).collect();
        let mut tx = self.store.begin().await?;
        for (call, _) in &missing {
            self.store.note_gap(&mut tx, call, "missing", now).await?;
            self.note(&mut tx, "activity.missing", &call.change, Some(call.position)).await?;
        }
        let message = view::activity::missing(&unseen);
        self.audience.tell(&mut tx, &targets, ("activity feed", &message), now).await?;
        Ok(self.store.commit(tx).await?)
    }

    async fn is_missing(&self, call: &BegunCall, done_at: Moment) -> Result<bool, Failure> {
        if call.gap.is_some() || !Trace::is_awaited(call) {
            return Ok(false);
        }
        // Gone already when we came: somebody else had done the same, and people were told of that.
        let (from, to) = (moment(call.intended_at.as_millisecond() - PATIENCE_MS), done_at);
        for (kind, about) in &Trace::of(&call.body).unwrap_or_default().shown_by {
            if self.store.done_elsewhere(kind, about, from, to).await? {
                let mut tx = self.store.begin().await?;
                self.store.note_gap(&mut tx, call, "elsewhere", self.clock.now()).await?;
                self.store.commit(tx).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes an alarm back: the feed shows the call after all.
    pub(super) async fn tell_late(&self, read: &Read) -> Result<(), Failure> {
        let late: Vec<&BegunCall> =
            read.calls.iter().filter(|it| it.gap.as_deref() == Some("missing") && !Trace::is_awaited(it)).collect();
        if late.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let targets = self.audience.targets().await?;
        let mut tx = self.store.begin().await?;
        for call in &late {
            self.store.note_gap(&mut tx, call, "late", now).await?;
            self.note(&mut tx, "activity.late", &call.change, Some(call.position)).await?;
        }
        let unseen: Vec<Unseen> = late.iter().map(|call| unseen(call, call.done_at.unwrap_or(now))).collect();
        let message = view::activity::late(&unseen);
        self.audience.tell(&mut tx, &targets, ("activity feed", &message), now).await?;
        Ok(self.store.commit(tx).await?)
    }
}

fn unseen(call: &BegunCall, at: Moment) -> Unseen {
    let applied = call.result.as_deref().and_then(|it| serde_json::from_str::<Applied>(it).ok());
    let what = applied.map_or_else(|| format!("call {}", call.position + 1), |it| it.done);
    Unseen { change: call.change.clone(), what, at }
}
