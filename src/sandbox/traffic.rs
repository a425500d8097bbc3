//! The traffic of the programs: it stops with its key; and a team puts a key to use, or another one in its place.

use super::meter::Metered;
use super::organization::Organization;
use super::state::State;
use super::workload::{Rhythm, Workload};
use crate::clock::Moment;
use std::convert::Infallible;

/// What a program asks for that somebody just started.
const ASKS: (&str, i64) = ("claude-haiku-4-5", 2_000);

impl State {
    /// No program uses a key any more.
    pub(super) fn end_workload(&mut self, key_id: &str, now: Moment) {
        for it in self.workloads.iter_mut().filter(|it| !key_id.is_empty() && it.key_id == key_id && !it.is_over) {
            it.pause(now);
            it.is_over = true;
        }
    }

    /// The rhythm of the program that uses a key, if one does.
    pub(super) fn rhythm_of(&self, key_id: &str) -> Option<Rhythm> {
        self.workloads.iter().find(|it| it.key_id == key_id && !it.is_over).map(|it| it.rhythm)
    }

    /// Programs stop when their key does not work any more, and go on when it works again.
    pub(super) fn follow_workloads(&mut self, now: Moment) {
        let mut workloads = std::mem::take(&mut self.workloads);
        // What uses no key asks for as long as there is somebody to ask.
        for it in workloads.iter_mut().filter(|it| !it.is_over && !it.key_id.is_empty()) {
            let works = self.keys.iter().any(|key| key.id == it.key_id && self.works(key, now));
            match (works, it.is_running()) {
                (true, false) => it.spans.push((now, None)),
                (false, true) => it.pause(now),
                _ => {}
            }
        }
        self.workloads = workloads;
    }

    /// What was used by hand from one moment to before another.
    pub(super) fn used_by_hand(&self, from: Moment, to: Moment) -> impl Iterator<Item = Metered> + '_ {
        self.meter.rows.iter().filter(move |it| from <= it.minute && it.minute < to).cloned()
    }

    /// What programs used from one moment to before another.
    pub(super) fn used_by_programs(&self, from: Moment, to: Moment) -> impl Iterator<Item = Metered> + '_ {
        self.workloads.iter().flat_map(move |it| {
            let key = self.keys.iter().find(|key| key.id == it.key_id);
            let to = key.and_then(|key| key.expires_at).map_or(to, |at| at.min(to));
            let home = key.and_then(|key| key.workspace_id.as_deref()).unwrap_or_default();
            it.ticks(from, to).map(move |at| it.used(home, at))
        })
    }
}

impl Organization {
    /// Has a program use a key from now on, in place of whatever program did.
    pub fn run_workload(&self, key_id: &str, rhythm: Rhythm) {
        let Ok(()) = self.change(|state, tools| {
            state.end_workload(key_id, tools.now);
            state.workloads.push(Workload::new(key_id, ASKS, rhythm, tools.now));
            Ok::<_, Infallible>(())
        });
    }

    /// Everything that was used from one moment to before another, request by request, as the reports are made of it.
    #[must_use]
    pub fn all_used(&self, from: Moment, to: Moment) -> Vec<Metered> {
        self.read(|state| state.used_by_programs(from, to).chain(state.used_by_hand(from, to)).collect())
    }

    /// Has no program use a key any more.
    pub fn end_workload(&self, key_id: &str) {
        let Ok(()) = self.change(|state, tools| {
            state.end_workload(key_id, tools.now);
            Ok::<_, Infallible>(())
        });
    }
}
