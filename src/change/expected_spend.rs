//! Somebody expects that more is spent than usually: Steward's own books alone.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Message, Text};
use crate::clock::Moment;
use crate::domain::{Permission, Right, Scope, Toward, scope_words};
use crate::store::Act;

/// What somebody expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectSpend {
    /// Whose spend.
    pub scope: Scope,
    /// What that is called.
    pub name: String,
    /// Until then.
    pub until: Moment,
    /// Why.
    pub reason: Option<String>,
}

impl Pipeline {
    /// Writes down that somebody expects it; nothing unusual is told of it until then.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for whoever may not say what channels are told.
    pub async fn expect_spend(&self, it: &ExpectSpend, by: &Asker) -> Result<Message, Failure> {
        if by.right(Permission::ReportSubscribe, Toward::Other) != Right::Do {
            let needs = format!("This needs the permission {}.", Permission::ReportSubscribe);
            return Err(Failure::refused(needs, "Nothing was changed."));
        }
        let (now, actor, about) = (self.clock.now(), by.account.to_string(), it.scope.to_string());
        let mut tx = self.store.begin().await?;
        let why = (it.reason.as_deref(), actor.as_str());
        self.store.expect_spend(&mut tx, (&it.scope, it.until), why, now).await?;
        let detail = serde_json::json!({ "until": it.until, "reason": it.reason });
        let act = Act { at: now, actor: &actor, action: "spend.expected", about: &about, detail };
        self.store.append(&mut tx, &act).await?;
        self.store.commit(tx).await?;
        let whose = scope_words(&it.scope, &it.name);
        let said =
            Text::plain(format!("Nothing unusual in the spend of {whose} is told until ")).time(it.until).then(".");
        Ok(Message::new(said).hint("Limits are told all the same."))
    }
}
