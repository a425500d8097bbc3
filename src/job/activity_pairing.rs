//! Which activity belongs to which call. Pure: what was read and what was begun go in, pairs come out.

use super::activity_trace::Trace;
use super::activity_words::about;
use crate::claude::{self, ActorKind};
use crate::clock::{Moment, moment};
use crate::store::BegunCall;

/// How far Anthropic's clock may be off ours.
const SKEW_MS: i64 = 120_000;

/// What was read, paired.
pub(super) struct Read {
    /// Oldest first.
    pub(super) activities: Vec<Paired>,
    /// The calls, with what they are shown by now.
    pub(super) calls: Vec<BegunCall>,
    /// The id of Steward's own admin key, as far as the feed has shown it.
    pub(super) own_key: Option<String>,
}

/// An activity, and the call that it belongs to.
pub(super) struct Paired {
    /// As the feed has it.
    pub(super) activity: claude::Activity,
    /// What it is about.
    pub(super) about: String,
    /// The call, by its change's number and its place; none: it was done outside.
    pub(super) call: Option<(i64, i64)>,
    /// True if it was done outside, and yet with Steward's own key.
    pub(super) own_key: bool,
}

/// Pairs activities with calls. `own_key` is what is known of Steward's own key from earlier readings.
pub(super) fn paired(
    mut activities: Vec<claude::Activity>,
    mut calls: Vec<BegunCall>,
    mut own_key: Option<String>,
) -> Read {
    activities.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    let traces: Vec<Option<Trace>> = calls.iter().map(|it| Trace::of(&it.body)).collect();
    let mut pairs: Vec<Paired> = Vec::with_capacity(activities.len());
    for activity in activities {
        let about = about(&activity);
        let found = of_a_key(&activity).then(|| call_of(&activity, &about, &calls, &traces)).flatten();
        if let Some(at) = found {
            calls[at].shown_as.push(activity.kind.clone());
            if activity.actor.kind == ActorKind::AdminKey && activity.actor.id.is_some() {
                own_key.clone_from(&activity.actor.id);
            }
        }
        let call = found.map(|at| (calls[at].number, calls[at].position));
        pairs.push(Paired { activity, about, call, own_key: false });
    }
    for pair in pairs.iter_mut().filter(|it| it.call.is_none()) {
        let actor = &pair.activity.actor;
        pair.own_key = actor.kind == ActorKind::AdminKey && actor.id.is_some() && actor.id == own_key;
    }
    Read { activities: pairs, calls, own_key }
}

/// People who are signed in are never Steward. Which sort of key it was set up with is nobody's business here.
fn of_a_key(activity: &claude::Activity) -> bool {
    use ActorKind::{AdminKey, ApiKey, Federated, ServiceAccount};
    matches!(activity.actor.kind, AdminKey | ApiKey | ServiceAccount | Federated)
}

/// The call that an activity belongs to: the nearest one that it shows and that nothing of its kind has shown yet, or else one
/// that it may have come along with.
fn call_of(activity: &claude::Activity, about: &str, calls: &[BegunCall], traces: &[Option<Trace>]) -> Option<usize> {
    let kind = activity.kind.as_str();
    let at = activity.created_at;
    let near = |it: &(usize, &BegunCall, &Trace)| (at.as_millisecond() - it.1.intended_at.as_millisecond()).abs();
    let all = || {
        let each = calls.iter().zip(traces).enumerate();
        let known = each.filter_map(|(index, (call, trace))| Some((index, call, trace.as_ref()?)));
        known.filter(move |(_, call, _)| was_then(call, at))
    };
    let shown = all().filter(|(_, call, trace)| trace.shows(kind, about) && !call.shown_as.iter().any(|it| it == kind));
    let found = shown.min_by_key(near).or_else(|| all().filter(|it| it.2.may_bring(kind, about)).min_by_key(near));
    found.map(|(index, ..)| index)
}

/// Whether a call was under way at a moment, give or take what clocks are off.
fn was_then(call: &BegunCall, at: Moment) -> bool {
    let from = moment(call.intended_at.as_millisecond() - SKEW_MS);
    let to = call.done_at.map_or(Moment::MAX, |it| moment(it.as_millisecond() + SKEW_MS));
    (from..=to).contains(&at)
}
