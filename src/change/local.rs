//! Changes of Steward's own books: who is linked, granted, delegated. They go the same way as every other change, but end in a
//! transaction instead of a call, so that there is never a doubt whether one was made.

use serde::{Deserialize, Serialize};

use super::applied::Applied;
use crate::clock::Moment;
use crate::domain::{Change, PersonId};
use crate::store::{self, Store, Tx};

/// One change of the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "local", rename_all = "snake_case")]
pub enum Local {
    /// Holds every chat account of somebody back: no right, from any of them.
    SuspendLinks {
        /// Whose.
        person: PersonId,
        /// How people call them.
        name: String,
    },
    /// Gives them back.
    RestoreLinks {
        /// Whose.
        person: PersonId,
        /// How people call them.
        name: String,
    },
}

impl Local {
    /// Makes it, in the caller's transaction. The inner error is a sentence: the world does not allow it, nothing was written.
    pub(super) async fn apply(
        &self,
        store: &Store,
        tx: &mut Tx<'_>,
        _change: &Change,
        _now: Moment,
    ) -> Result<Result<Applied, String>, store::Error> {
        match self {
            Self::SuspendLinks { person, name } => {
                let count = store.suspend_links(tx, person).await?;
                Ok(Ok(applied(person.as_str(), format!("{count} chat accounts of {name} are suspended"))))
            }
            Self::RestoreLinks { person, name } => {
                let count = store.restore_links(tx, person).await?;
                Ok(Ok(applied(person.as_str(), format!("{count} chat accounts of {name} work again"))))
            }
        }
    }
}

fn applied(id: &str, done: String) -> Applied {
    Applied { id: id.to_owned(), done, was: None }
}
