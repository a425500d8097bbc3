//! What Steward's own books say of a key: whose it is and what for, that its owner goes on with it, that it is on its way out.

use serde::{Deserialize, Serialize};

use super::applied::Applied;
use crate::clock::{Moment, moment};
use crate::domain::{Called, Change, Day, DriftKind, Environment, Thing, spoken_name};
use crate::store::{self, Act, KeyRecord, Store, Tx};

const DAY_MS: i64 = 86_400_000;
/// A key that is switched on again is left alone for so long.
const REVIVED_MS: i64 = 14 * DAY_MS;

/// Somebody to look after a key that nobody asked Steward for, or another one than so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKey {
    /// `apikey_…`.
    pub key_id: String,
    /// Who.
    pub owner: Called,
    /// What it is for.
    pub purpose: String,
    /// Where it is used.
    pub environment: Environment,
    /// How many days old it may get from now on.
    pub rotate_days: i64,
}

/// A key that its owner goes on with: it is neither asked about nor to be replaced before a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepKey {
    /// `apikey_…`.
    pub key_id: String,
    /// The last day.
    pub until: Day,
}

/// A line of the books about a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum KeyBook {
    /// Whose it is.
    Own(OwnKey),
    /// It is kept.
    Keep(KeepKey),
    /// It was switched off to be archived.
    Retire {
        /// `apikey_…`.
        key_id: String,
    },
    /// It was switched on again.
    Revive {
        /// `apikey_…`.
        key_id: String,
    },
}

impl KeyBook {
    fn key_id(&self) -> &str {
        match self {
            Self::Own(it) => &it.key_id,
            Self::Keep(it) => &it.key_id,
            Self::Retire { key_id } | Self::Revive { key_id } => key_id,
        }
    }

    /// Writes it, in the caller's transaction.
    pub(super) async fn apply(
        &self,
        (store, tx): (&Store, &mut Tx<'_>),
        change: &Change,
        now: Moment,
    ) -> Result<Applied, store::Error> {
        let id = self.key_id();
        let key = store.api_key(id).await?;
        let name = key.as_ref().map_or(id, |it| spoken_name(&it.name));
        let (action, done) = match self {
            Self::Own(it) => {
                let before = store.key_record(id).await?;
                let record = KeyRecord {
                    key_id: it.key_id.clone(),
                    owner: it.owner.id.clone(),
                    team: before.and_then(|it| it.team),
                    purpose: it.purpose.clone(),
                    environment: it.environment,
                    change: Some(change.id.number()),
                    since: now,
                    rotate_at: Some(moment(now.as_millisecond() + it.rotate_days * DAY_MS)),
                };
                store.keep_key_record(tx, &record).await?;
                // Somebody looks after it: that it is there is no drift any more.
                if let Some(key) = &key {
                    store.expect(tx, &Thing::new(DriftKind::ApiKey, &*it.key_id), Some(&key.status)).await?;
                }
                ("key.owned", format!("{} looks after the API key {name}", it.owner.name))
            }
            Self::Keep(it) => {
                store.key_kept(tx, &it.key_id, it.until.at).await?;
                if let Some(record) = store.key_record(&it.key_id).await?
                    && record.rotate_at.is_some_and(|at| at < it.until.at)
                {
                    store.keep_key_record(tx, &KeyRecord { rotate_at: Some(it.until.at), ..record }).await?;
                }
                ("key.kept", format!("the API key {name} is kept until {}", it.until))
            }
            Self::Retire { key_id } => {
                store.key_retired(tx, key_id, now).await?;
                ("key.retired", "it is archived in 30 days, unless it is switched on again".to_owned())
            }
            Self::Revive { key_id } => {
                store.key_kept(tx, key_id, moment(now.as_millisecond() + REVIVED_MS)).await?;
                ("key.revived", "it is not archived any more".to_owned())
            }
        };
        let detail = serde_json::json!({ "change": change.id.number() });
        store.append(tx, &Act { at: now, actor: "steward", action, about: id, detail }).await?;
        Ok(Applied { id: id.to_owned(), done, was: None })
    }
}
