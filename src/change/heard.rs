//! What the chats said of people a moment ago: one person may have calls in many workspaces, and is asked about once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::Moment;
use crate::domain::MappedPerson;

/// How long an answer of the chats is good for.
const KEPT_MS: i64 = 60_000;

/// An answer, and when it came; none of a person whom the chats did not tell of.
pub(super) type Answer = (Moment, Option<MappedPerson>);

/// Answers of the chats, by member.
#[derive(Default)]
pub(super) struct Heard(Mutex<BTreeMap<String, Answer>>);

impl Heard {
    /// The answer about this member, if it came less than a minute before `now`.
    pub(super) fn kept(&self, user_id: &str, now: Moment) -> Option<Answer> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(user_id).filter(|it| is_fresh(it, now)).cloned()
    }

    /// Keeps an answer, and forgets those that are too old.
    pub(super) fn keep(&self, user_id: &str, now: Moment, person: Option<MappedPerson>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, it| is_fresh(it, now));
        answers.insert(user_id.to_owned(), (now, person));
    }
}

fn is_fresh((at, _): &Answer, now: Moment) -> bool {
    now.as_millisecond() - at.as_millisecond() < KEPT_MS
}
