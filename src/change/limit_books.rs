//! What Steward's own books say of limits: set, raised for a while, not told of, and which keys a brake holds or may not touch.

use serde::{Deserialize, Serialize};

use super::applied::Applied;
use crate::clock::Moment;
use crate::domain::{Amount, Change, Day, LimitId, LimitTerms, PersonId, Raise, limit_words, spoken_name};
use crate::store::{self, Act, LimitRow, NewBrake, PinRow, Store, Tx};

/// A line of the books about a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum LimitBook {
    /// It is set, in place of what it was.
    Set {
        /// All of it.
        terms: LimitTerms,
        /// What people call whose spending it is.
        name: String,
    },
    /// It is no more.
    Remove {
        /// Which one.
        id: LimitId,
        /// What people call whose spending it is.
        name: String,
    },
    /// More is allowed for a while.
    Raise {
        /// Of which one.
        id: LimitId,
        /// What people call whose spending it is.
        name: String,
        /// So much on top.
        by: Amount,
        /// The last day.
        until: Day,
    },
    /// What a change put on top ends before its time.
    EndRaise {
        /// That change, by number.
        change: i64,
        /// Of which one.
        id: LimitId,
        /// What people call whose spending it is.
        name: String,
    },
    /// Nothing is told of it for a while.
    Quiet {
        /// Of which one.
        id: LimitId,
        /// What people call whose spending it is.
        name: String,
        /// The last day; none: it is told again.
        until: Option<Day>,
    },
    /// No brake touches a key.
    Pin {
        /// `apikey_…`.
        key_id: String,
        /// The last day; none: until somebody says otherwise.
        until: Option<Day>,
    },
    /// A brake may touch it again.
    Unpin {
        /// `apikey_…`.
        key_id: String,
    },
    /// A brake is put on.
    Brake {
        /// Of which limit.
        id: LimitId,
        /// The beginning of the period that it is for.
        period: Moment,
        /// Where rate limits are lowered.
        workspace_id: Option<String>,
        /// Keys that are switched off, or kept off.
        keys: Vec<String>,
    },
    /// A brake is taken off.
    Release {
        /// The change that put it on, by number.
        brake: i64,
        /// True if somebody took it off, so that it is not put on again in this period.
        left: bool,
    },
    /// Somebody had a say about a key that a brake holds: the brake leaves it to them.
    Leave {
        /// `apikey_…`.
        key_id: String,
    },
}

impl LimitBook {
    fn about(&self) -> String {
        match self {
            Self::Set { terms, .. } => terms.id().to_string(),
            Self::Remove { id, .. }
            | Self::Raise { id, .. }
            | Self::EndRaise { id, .. }
            | Self::Quiet { id, .. }
            | Self::Brake { id, .. } => id.to_string(),
            Self::Pin { key_id, .. } | Self::Unpin { key_id } => key_id.clone(),
            // Not the id alone: what was switched is known by that.
            Self::Leave { key_id } => format!("key {key_id}"),
            Self::Release { brake, .. } => format!("C{brake}"),
        }
    }

    /// Writes it, in the caller's transaction. The inner error is a sentence: the world does not allow it, nothing was written.
    pub(super) async fn apply(
        &self,
        (store, tx): (&Store, &mut Tx<'_>),
        change: &Change,
        now: Moment,
    ) -> Result<Result<Applied, String>, store::Error> {
        let mut was = None;
        let (action, done) = match self {
            Self::Set { terms, name } => {
                was = self.set((store, tx), terms, change, now).await?;
                ("limit.set", format!("{} is {}", limit_words(&terms.id(), name), terms.amount))
            }
            Self::Remove { id, name } => {
                was = store.limit_row(id).await?.and_then(|it| serde_json::to_string(&it.terms).ok());
                if !store.remove_limit(tx, id).await? {
                    return Ok(Err(format!(
                        "There is no {} any more.",
                        limit_words(id, name).trim_start_matches("the ")
                    )));
                }
                ("limit.removed", format!("{} is removed", limit_words(id, name)))
            }
            Self::Raise { id, name, by, until } => {
                if until.at <= now {
                    return Ok(Err(format!("{until} is over.")));
                }
                let raise = Raise { by: *by, until: until.at };
                store.raise_limit(tx, (id, change.id.number()), raise, now).await?;
                ("limit.raised", format!("{} is {by} higher until {until}", limit_words(id, name)))
            }
            Self::EndRaise { change, id, name } => {
                if !store.end_raise(tx, *change, now).await? {
                    return Ok(Err("It has ended already.".into()));
                }
                ("limit.raise_ended", format!("{} is as it was", limit_words(id, name)))
            }
            Self::Quiet { id, name, until } => {
                store.quiet_limit(tx, id, until.map(|it| it.at), now).await?;
                let limit = limit_words(id, name);
                let done = match until {
                    Some(until) => format!("nothing is told of {limit} until {until}"),
                    None => format!("{limit} is told of again"),
                };
                ("limit.quiet", done)
            }
            line => match line.apply_to_keys((store, &mut *tx), change, now).await? {
                Some(told) => told,
                None => return Ok(Err("This is done elsewhere.".into())),
            },
        };
        let about = self.about();
        let detail = serde_json::json!({ "change": change.id.number(), "what": done });
        store.append(tx, &Act { at: now, actor: "steward", action, about: &about, detail }).await?;
        Ok(Ok(Applied { id: about, done, was }))
    }

    /// The same of lines about keys and brakes; none of others.
    async fn apply_to_keys(
        &self,
        (store, tx): (&Store, &mut Tx<'_>),
        change: &Change,
        now: Moment,
    ) -> Result<Option<(&'static str, String)>, store::Error> {
        Ok(Some(match self {
            Self::Pin { key_id, until } => {
                let reason = change.asked.reason.clone().unwrap_or_default();
                let pin = PinRow { key_id: key_id.clone(), reason, until: until.map(|it| it.at) };
                store.pin_key(tx, &pin, change.id.number(), now).await?;
                let until = until.map(|it| format!(" until {it}")).unwrap_or_default();
                ("key.pinned", format!("no brake touches the API key {}{until}", named(store, key_id).await?))
            }
            Self::Unpin { key_id } => {
                store.unpin_key(tx, key_id).await?;
                ("key.unpinned", format!("a brake may touch the API key {} again", named(store, key_id).await?))
            }
            Self::Brake { id, period, workspace_id, keys } => {
                let workspace_id = workspace_id.as_deref();
                let brake = NewBrake { change: change.id.number(), limit: id, period: *period, workspace_id, keys };
                store.brake(tx, &brake, now).await?;
                ("limit.brake_on", "the brake is on".to_owned())
            }
            Self::Release { brake, left: true } => {
                // It holds nothing any more; that it is there says that it was taken off.
                store.leave_brake(tx, *brake).await?;
                ("limit.brake_left", "the brake is off, and stays off in this period".to_owned())
            }
            Self::Release { brake, left: false } => {
                store.end_brake(tx, *brake, now).await?;
                ("limit.brake_off", "the brake is off".to_owned())
            }
            Self::Leave { key_id } => {
                store.leave_to_people(tx, key_id).await?;
                ("key.left_to_people", "no limit switches it on or off any more in this period".to_owned())
            }
            _ => return Ok(None),
        }))
    }

    /// Answers what it was before.
    async fn set(
        &self,
        (store, tx): (&Store, &mut Tx<'_>),
        terms: &LimitTerms,
        change: &Change,
        now: Moment,
    ) -> Result<Option<String>, store::Error> {
        let before = store.limit_row(&terms.id()).await?;
        let since = before.as_ref().map_or(now, |it| it.since);
        let owner: PersonId = change.asked.asked_by.clone();
        store.set_limit(tx, &LimitRow { terms: terms.clone(), owner, change: change.id.number(), since }).await?;
        Ok(before.and_then(|it| serde_json::to_string(&it.terms).ok()))
    }
}

async fn named(store: &Store, key_id: &str) -> Result<String, store::Error> {
    let key = store.api_key(key_id).await?;
    Ok(key.map_or_else(|| key_id.to_owned(), |it| spoken_name(&it.name).to_owned()))
}
