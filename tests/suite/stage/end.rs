//! How a story ends, and what must hold then.

use super::open::Stage;

impl Stage {
    /// Ends the story: nothing may be left unsent, open, unheard or broken.
    pub(crate) async fn close(mut self) {
        self.closed = true;
        self.settle().await;
        let store = &self.house.store;
        assert_eq!(store.outbox_depth().await.unwrap(), (0, 0), "messages (waiting, undeliverable)");
        assert_eq!(store.invocations().await.unwrap().0, 0, "open invocations");
        let unheard: Vec<_> = self
            .chat
            .unheard
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, it)| !it.is_empty())
            .map(|(place, it)| (place.clone(), it.len()))
            .collect();
        assert!(unheard.is_empty(), "unheard messages: {unheard:?}");
        self.check_invariants().await;
        store.close().await;
    }

    /// What must hold at any moment: the trail is whole, and nobody was invited twice.
    pub(crate) async fn check_invariants(&self) {
        let checked = self.house.store.verify_audit().await.unwrap();
        assert_eq!(checked.broken, None, "the trail");
        let mut open: Vec<String> = self
            .organization
            .invites()
            .iter()
            .filter(|it| it.status(self.clock.now()).as_str() == "pending")
            .map(|it| it.email.clone())
            .collect();
        let all = open.len();
        open.sort();
        open.dedup();
        assert_eq!(open.len(), all, "somebody was invited twice");
    }

    /// Ends a story in the middle on purpose, such as one whose house was killed: only the invariants are looked at.
    pub(crate) async fn leave(mut self) {
        self.closed = true;
        self.check_invariants().await;
        self.house.store.close().await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        assert!(self.closed || std::thread::panicking(), "a story must end with `stage.close()`");
    }
}
