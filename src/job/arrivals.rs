//! Links strangers whose invitation was accepted: the address they asked with is a member's now.

use crate::change::Failure;
use crate::chat::{Message, Target, Text, Tone};
use crate::clock::Clock;
use crate::store::{Act, Parcel, Store};

/// Settles proposed links.
#[derive(Clone)]
pub struct Arrivals {
    store: Store,
    clock: Clock,
}

impl Arrivals {
    /// Arrivals of `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Links everybody who arrived, and greets them. Answers how many.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn settle(&self) -> Result<usize, Failure> {
        let mut settled = 0;
        for (account, member_id) in self.store.arrived().await? {
            let now = self.clock.now();
            let mut tx = self.store.begin().await?;
            if !self.store.settle_link(&mut tx, &account, Some(&member_id)).await? {
                continue;
            }
            let detail = serde_json::json!({ "member": member_id, "how": "accepted invitation" });
            let act = Act { at: now, actor: "steward", action: "link.made", about: &account.to_string(), detail };
            self.store.append(&mut tx, &act).await?;
            let message = Message::plain("Welcome: you are a member of the Claude organization now, and I know you.")
                .hint(Text::plain("See what you can do with ").command("home").then("."))
                .tone(Tone::Good);
            let parcel = Parcel::Message { to: Target::Direct(account.clone()), message: Box::new(message) };
            self.store.post(&mut tx, &format!("welcome {account}"), &parcel, now).await?;
            self.store.commit(tx).await?;
            settled += 1;
        }
        Ok(settled)
    }
}
