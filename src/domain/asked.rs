//! A change as it is kept: what was asked, by whom, and what became of it.

use crate::chat::{Account, Standing};
use crate::clock::Moment;

use serde::{Deserialize, Serialize};

use super::{ChangeId, Decision, Digest, Kind, PersonId, Plan, State};

/// A change that is about to be written.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its kind.
    pub kind: Kind,
    /// What it is about, for the rule that two open changes of a kind never concern the same thing.
    pub subject: String,
    /// The change itself, as JSON.
    pub body: String,
    /// What it will do.
    pub plan: Plan,
    /// Who has to agree.
    pub decision: Decision,
    /// Why, in the asker's words.
    pub reason: Option<String>,
    /// Who asks.
    pub asked_by: PersonId,
    /// From which account.
    pub asker_account: Account,
    /// What the platform said of them when they asked.
    pub asker_standing: Standing,
    /// Whom it is for, if that is somebody we know. They may not approve it either.
    pub for_person: Option<PersonId>,
    /// When it was asked.
    pub asked_at: Moment,
    /// When it expires if nobody decides.
    pub expires_at: Moment,
    /// When the approvers are reminded.
    pub remind_at: Moment,
    /// The change that it takes back.
    pub undoes: Option<ChangeId>,
}

/// A change as it stands.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its visible id.
    pub id: ChangeId,
    /// Everything that was asked.
    pub asked: Asked,
    /// The digest of the plan, as it was stored.
    pub digest: Digest,
    /// Where it stands.
    pub state: State,
    /// What became of it, in our words.
    pub note: Option<String>,
    /// Who said yes so far, in this order.
    pub approvals: Vec<Approval>,
    /// Who decided, from which account, when: the last to say yes, or whoever said no.
    pub decided: Option<Decided>,
    /// When it came to its end.
    pub settled_at: Option<Moment>,
    /// How many reminders went out.
    pub reminders: i64,
    /// The change that took it back.
    pub undone_by: Option<ChangeId>,
    /// Proves that the worker that holds it still does.
    pub fence: i64,
    /// Not to be tried again before this.
    pub retry_at: Option<Moment>,
    /// Binds what was asked and decided, with a key that is not in the database.
    pub mac: String,
}

/// What an approver asked the requester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who asked.
    pub by: Account,
    /// What.
    pub question: String,
    /// What came back, if something did.
    pub answer: Option<String>,
}

/// One person's yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The person.
    pub by: PersonId,
    /// The account.
    pub account: Account,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Why everybody else was skipped, if this one broke the glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<String>,
    /// For whom, if it was said by somebody who stands in for an approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<OnBehalf>,
}

/// The approver in whose place somebody says yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnBehalf {
    /// The delegation, by its number.
    pub delegation: i64,
    /// The approver.
    pub person: PersonId,
    /// The account by which they are entitled.
    pub account: Account,
}

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The person.
    pub by: PersonId,
    /// The account.
    pub account: Account,
    /// When.
    pub at: Moment,
}

impl Approval {
    /// Everybody whose duty it fulfils: whoever said it, and for whom. None of them counts again.
    #[must_use]
    pub fn people(&self) -> Vec<&PersonId> {
        std::iter::once(&self.by).chain(self.on_behalf.as_ref().map(|it| &it.person)).collect()
    }
}

impl Change {
    /// Why others were skipped, if somebody broke the glass.
    #[must_use]
    pub fn overridden(&self) -> Option<&str> {
        self.approvals.iter().find_map(|it| it.overrides.as_deref())
    }
}
