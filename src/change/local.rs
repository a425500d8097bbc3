//! Changes of Steward's own books: who is linked, granted, delegated. They go the same way as every other change, but end in a
//! transaction instead of a call, so that there is never a doubt whether one was made.

use serde::{Deserialize, Serialize};

use super::applied::Applied;
use super::books::Books;
use crate::clock::Moment;
use crate::domain::{Change, DelegationTerms, GrantTerms, PersonId};
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
    /// Grants somebody a permission.
    GiveGrant {
        /// What to whom.
        terms: GrantTerms,
    },
    /// Ends a grant.
    RevokeGrant {
        /// Its number.
        number: i64,
        /// What it gives to whom.
        terms: GrantTerms,
    },
    /// Has somebody stand in for an approver.
    Delegate {
        /// Who for whom.
        terms: DelegationTerms,
    },
    /// Ends that.
    Undelegate {
        /// Its number.
        number: i64,
        /// Who for whom.
        terms: DelegationTerms,
    },
}

impl Local {
    /// Makes it, in the caller's transaction. The inner error is a sentence: the world does not allow it, nothing was written.
    pub(super) async fn apply(
        &self,
        store: &Store,
        tx: &mut Tx<'_>,
        change: &Change,
        now: Moment,
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
            Self::GiveGrant { terms } => Books { store, tx, change, now }.give_grant(terms).await,
            Self::RevokeGrant { number, terms } => Books { store, tx, change, now }.revoke_grant(*number, terms).await,
            Self::Delegate { terms } => Books { store, tx, change, now }.delegate(terms).await,
            Self::Undelegate { number, terms } => Books { store, tx, change, now }.undelegate(*number, terms).await,
        }
    }
}

fn applied(id: &str, done: String) -> Applied {
    Applied { id: id.to_owned(), done, was: None }
}
