//! Which organization a database belongs to, so that another one's admin key is noticed before it does harm: the directory
//! would be overwritten with strangers, and changes would reach the wrong company.

use crate::change::Failure;
use crate::chat::Memory;
use crate::claude::Reader;
use crate::clock::Clock;
use crate::store::{Store, StoreMemory};

/// Under which name it is kept.
const KEY: &str = "organization";

/// The organization that this database belongs to, if one was ever written down.
pub async fn recall_organization(memory: &dyn Memory) -> Option<String> {
    memory.recall(KEY).await
}

/// Writes the organization down that this database belongs to, unless one is there already. Answers the one that is.
/// None if the store does not answer.
pub async fn remember_organization(memory: &dyn Memory, id: &str) -> Option<String> {
    if let Some(known) = memory.recall(KEY).await {
        return Some(known);
    }
    memory.remember(KEY, id).await.then(|| id.to_owned())
}

/// Makes sure that the admin key opens the organization that this database belongs to. The first one that it ever opened
/// is the one.
///
/// # Errors
///
/// [`Failure::Upstream`] if the organization does not answer, [`Failure::Refused`] if it is another one.
pub async fn same_organization(store: &Store, clock: &Clock, reader: &Reader) -> Result<(), Failure> {
    let found = reader.organization().await?;
    let memory = StoreMemory::new(store.clone(), clock.clone());
    match remember_organization(&memory, &found.id).await {
        Some(known) if known == found.id => Ok(()),
        Some(_) => Err(Failure::refused(
            "The admin key opens another organization than the one this database belongs to.",
            "Nothing was changed. Put the right key back, or use another database for the other organization.",
        )),
        None => Err(Failure::internal("the organization's id could not be kept")),
    }
}
