//! Which organization a database belongs to, so that another one's admin key is noticed before it does harm.

use crate::chat::Memory;

/// What it is remembered under.
const KEY: &str = "organization";

/// The id of the organization that this database was first used with; none if it never was used.
pub async fn recall_organization(memory: &dyn Memory) -> Option<String> {
    memory.recall(KEY).await
}

/// Remembers the organization, if none is remembered yet. The answer is the one that holds; none if that could not be kept.
pub async fn remember_organization(memory: &dyn Memory, id: &str) -> Option<String> {
    if let Some(known) = memory.recall(KEY).await {
        return Some(known);
    }
    memory.remember(KEY, id).await.then(|| id.to_owned())
}
