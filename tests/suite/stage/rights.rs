//! What people of a story may at this moment, and whether the rows are whole.

use steward::change::Asker;
use steward::chat::Account;
use steward::domain::{Permission, Right, Toward};

use super::open::Stage;

impl Stage {
    /// Somebody at this moment, as the chat vouches for them.
    pub(crate) async fn asker(&self, id: &str) -> Asker {
        let account = Account::browser(id);
        let found = Asker::fresh(&self.house.store, &self.rules, &*self.chat, &account, self.clock.now()).await;
        found.unwrap().expect("the chat says who they are")
    }

    /// What they may organization-wide.
    pub(crate) async fn right(&self, id: &str, permission: Permission) -> Right {
        self.asker(id).await.right(permission, Toward::Other)
    }

    /// What the rows say that must not be.
    pub(crate) async fn violations(&self) -> Vec<String> {
        let found = self.house.store.violations().await.unwrap();
        found.into_iter().map(|it| format!("{}: {}", it.about, it.what)).collect()
    }
}
