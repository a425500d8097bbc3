//! What a command comes to: a value. Nothing is sent or changed before `dispatch` has it.

use crate::change::{DriftRuling, ExpectSpend, Linking, Reporting, Request, Undoing, Wonder};
use crate::chat::{Form, Home, Message};
use crate::domain::{ChangeId, PersonId};
use crate::store::ApiKeyRow;

/// What a command comes to.
#[derive(Debug)]
pub enum Outcome {
    /// An answer.
    Says(Box<Message>),
    /// A form, to ask for what is missing.
    Opens(Box<Form>),
    /// The start page.
    Home(Home),
    /// A change, for the pipeline to plan.
    Proposes(Box<Request>),
    /// A decision about a request, for the pipeline to take.
    Decides(Ruling),
    /// An account of the asker's, to be linked to a member.
    Links(Linking),
    /// A key of the asker's own, to be revealed to them.
    Reveals(ChangeId),
    /// A token of the asker's own access, to be made and shown to them; our id of it.
    Mints(String),
    /// Keys that were seen where they should not be, to be switched off.
    Leaks(Vec<ApiKeyRow>),
    /// A question about policy, for the pipeline to weigh.
    Wonders(Box<Wonder>),
}

/// What is to become of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Yes.
    Approve(ChangeId),
    /// No, with a reason for the asker.
    Deny(ChangeId, Option<String>),
    /// Yes in an emergency, without the others, for this reason.
    Override(ChangeId, String),
    /// The requester is asked something.
    Question(ChangeId, String),
    /// The requester answers.
    Answer(ChangeId, String),
    /// Somebody looked in the Console what became of a parked call.
    Settle {
        /// The request.
        id: ChangeId,
        /// True if the call was made.
        made: bool,
    },
    /// What came to nothing is asked for anew.
    Again(ChangeId, Undoing),
    /// The asker takes it back.
    Withdraw(ChangeId),
    /// What it did is taken back.
    Undo(ChangeId, Undoing),
    /// Whoever seems to have left is left alone for a while.
    Later(PersonId),
    /// Something that was changed elsewhere is taken as it is, or ignored.
    Drift(DriftRuling),
    /// What a channel is told by itself; which channel, if it is not the one where it is said.
    Report(Reporting, Option<String>),
    /// Somebody expects that more is spent than usually.
    Expect(ExpectSpend),
}

impl Outcome {
    /// An answer.
    #[must_use]
    pub fn says(message: Message) -> Self {
        Self::Says(Box::new(message))
    }

    /// A change.
    #[must_use]
    pub fn proposes(request: Request) -> Self {
        Self::Proposes(Box::new(request))
    }

    /// The word in the invocation row.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Says(_) => "said",
            Self::Opens(_) => "opened",
            Self::Home(_) => "home",
            Self::Proposes(_) => "proposed",
            Self::Decides(_) => "decided",
            Self::Links(_) => "linked",
            Self::Reveals(_) => "revealed",
            Self::Mints(_) => "minted",
            Self::Leaks(_) => "reported",
            Self::Wonders(_) => "explained",
        }
    }
}
