//! Keeping the room on disk, so that a sandbox with `--data` finds its messages again after a restart.
//!
//! The room is not the store: what it holds is what a chat service would hold. Secrets are never in it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::history::{Entry, History};
use super::room::{Member, State};
use super::{Cast, Room};
use crate::chat::Kind;
use crate::clock::Clock;

/// The version of the saved form. A larger one is refused rather than guessed at.
const VERSION: u32 = 1;

/// The disk's rest between two saves of a busy room.
const REST: Duration = Duration::from_millis(250);

/// A saved room that this program cannot read. The content is not quoted: it is people's conversation.
#[derive(Debug, thiserror::Error)]
#[error("this is no room that was saved by this version")]
pub struct BadSnapshot;

#[derive(Serialize, Deserialize)]
struct Saved<E> {
    version: u32,
    members: Vec<Member>,
    entries: Vec<E>,
    seen: std::collections::BTreeMap<String, std::collections::BTreeMap<String, u64>>,
}

impl Room {
    /// Everything that must survive a restart.
    #[must_use]
    pub fn snapshot(&self) -> Value {
        serde_json::to_value(self.saved()).unwrap_or(Value::Null)
    }

    /// A room as it was saved, with `cast` for the channels and for people who are new since.
    ///
    /// # Errors
    ///
    /// [`BadSnapshot`] if `saved` was not written by [`Room::snapshot`] of this version.
    pub fn restore(cast: Cast, clock: Clock, saved: Value) -> Result<Arc<Self>, BadSnapshot> {
        let saved: Saved<Entry> = serde_json::from_value(saved).map_err(|_| BadSnapshot)?;
        if saved.version != VERSION {
            return Err(BadSnapshot);
        }
        let mut members = saved.members;
        for person in cast.people {
            if !members.iter().any(|it| it.person.id == person.id) {
                members.push(Member { person, kind: Kind::Person });
            }
        }
        let state = State {
            company: cast.company,
            members,
            channels: cast.channels,
            history: History::of(saved.entries),
            seen: saved.seen,
            ..State::default()
        };
        Ok(Self::with(state, clock))
    }

    /// Writes the room to `path`: a reader finds the old room or the new one, never half of one.
    ///
    /// # Errors
    ///
    /// The operating system's; `path` is unchanged then.
    pub fn save_to(&self, path: &Path) -> io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec(&self.saved())?)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)
    }

    /// The parts to save. Messages are shared, so that the lock is held for a moment only.
    fn saved(&self) -> Saved<SharedEntry> {
        let state = self.state();
        Saved {
            version: VERSION,
            members: state.members.clone(),
            entries: state.history.all().cloned().map(SharedEntry).collect(),
            seen: state.seen.clone(),
        }
    }
}

struct SharedEntry(Arc<Entry>);

impl Serialize for SharedEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Saves the room to `path` after every change, and once more when it closes; ends then.
///
/// A save that fails is logged and tried again with the next change.
pub async fn keep_saved(room: Arc<Room>, path: PathBuf) {
    let mut changes = room.changes();
    // Whatever happened before this began is saved too.
    changes.mark_changed();
    while changes.changed().await.is_ok() {
        // Looked at before the room is written down: what was said while that went on is another change.
        let is_last = room.is_closed();
        let (saving, to) = (Arc::clone(&room), path.clone());
        let written = tokio::task::spawn_blocking(move || saving.save_to(&to)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(kind = ?error.kind(), "the chat could not be saved");
        }
        if is_last {
            return;
        }
        tokio::time::sleep(REST).await;
    }
}
