//! What was shown lately, while this process lives. Nothing depends on it: it saves a look-up, and words a question better.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::chat::{Block, Confirm, Form, Message};

/// Entries of each kind; the oldest go first.
const MOST: usize = 2_000;
/// Interactions that are remembered as heard.
const HEARD: usize = 20_000;

/// What was shown lately.
#[derive(Default)]
pub(super) struct Notes(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    forms: Ring<Form>,
    questions: Ring<Confirm>,
    heard: HashSet<String>,
    order: VecDeque<String>,
}

struct Ring<T> {
    entries: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Ring<T> {
    fn keep(&mut self, name: String, entry: T) {
        if self.entries.insert(name.clone(), entry).is_none() {
            self.order.push_back(name);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }
}

impl Notes {
    /// True the first time that this process hears of an interaction: Discord tells it again after a connection was resumed.
    pub(super) fn is_new(&self, interaction: &str) -> bool {
        let mut inner = self.inner();
        if !inner.heard.insert(interaction.to_owned()) {
            return false;
        }
        inner.order.push_back(interaction.to_owned());
        while inner.order.len() > HEARD {
            if let Some(oldest) = inner.order.pop_front() {
                inner.heard.remove(&oldest);
            }
        }
        true
    }

    /// A form that is shown. What was entered about a leaked key is not kept, not even here.
    pub(super) fn form(&self, form: &Form) {
        let Some(token) = &form.token else { return };
        let mut form = form.clone();
        if form.words.starts_with(&["key".to_owned(), "leak".to_owned()]) {
            form.fields.iter_mut().for_each(|it| it.initial.clear());
        }
        self.inner().forms.keep(token.id.clone(), form);
    }

    pub(super) fn form_of(&self, token: &str) -> Option<Form> {
        self.inner().forms.entries.get(token).cloned()
    }

    /// The questions behind the buttons of a message that is shown.
    pub(super) fn message(&self, message: &Message) {
        let inner_rows =
            message.blocks.iter().filter_map(|it| if let Block::Buttons(row) = it { Some(row) } else { None });
        for button in inner_rows.flatten().chain(&message.buttons) {
            if let (Some(token), Some(confirm)) = (&button.token, &button.confirm) {
                self.inner().questions.keep(token.to_string(), confirm.clone());
            }
        }
    }

    pub(super) fn question_of(&self, token: &str) -> Option<Confirm> {
        self.inner().questions.entries.get(token).cloned()
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interaction_is_heard_once_and_nothing_grows() {
        let notes = Notes::default();
        assert!(notes.is_new("1") && !notes.is_new("1"));
        (0..2 * HEARD).for_each(|at| assert!(notes.is_new(&format!("x{at}"))));
        assert!(notes.inner().heard.len() <= HEARD);
        let mut ring = Ring::default();
        (0..3 * MOST).for_each(|at| ring.keep(at.to_string(), at));
        assert_eq!((ring.entries.len(), ring.order.len()), (MOST, MOST));
    }
}
