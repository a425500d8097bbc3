//! A key of the stock, as its row has it.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store};
use crate::clock::{Moment, moment};
use crate::domain::PersonId;

/// Where a key of the stock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockState {
    /// Sealed here, not switched off there yet: it cannot be issued.
    Parking,
    /// It can be issued.
    Free,
    /// A request has taken it.
    Claimed,
    /// It waits for its owner to reveal it.
    Offered,
    /// Its owner has seen it, and may look again for a while.
    Revealed,
    /// Its secret is erased here.
    Erased,
    /// It is not as it should be in the organization, and is never issued.
    Refused,
}

impl StockState {
    /// All of them, in the order that a key goes through.
    pub const ALL: [Self; 7] =
        [Self::Parking, Self::Free, Self::Claimed, Self::Offered, Self::Revealed, Self::Erased, Self::Refused];

    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parking => "parking",
            Self::Free => "free",
            Self::Claimed => "claimed",
            Self::Offered => "offered",
            Self::Revealed => "revealed",
            Self::Erased => "erased",
            Self::Refused => "refused",
        }
    }
}

/// A key of the stock, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockRow {
    /// `apikey_…`.
    pub key_id: String,
    /// The workspace that it works in.
    pub workspace_id: String,
    /// What it is called in the organization as long as it is free.
    pub pool_name: String,
    /// What may be shown of it.
    pub hint: String,
    /// Where it stands.
    pub state: StockState,
    /// When it was loaded.
    pub loaded_at: Moment,
    /// When it was last seen free in the organization.
    pub checked_at: Option<Moment>,
    /// The mark of the request that took it.
    pub claim: Option<String>,
    /// That request, by number.
    pub change: Option<i64>,
    /// Whom it was taken for.
    pub owner: Option<PersonId>,
    /// Until when its owner may reveal it.
    pub offered_until: Option<Moment>,
    /// When its owner asked to reveal it.
    pub pressed_at: Option<Moment>,
    /// When its owner saw it first.
    pub seen_at: Option<Moment>,
    /// Until when its owner may look.
    pub look_until: Option<Moment>,
    /// Why it is refused, in a code.
    pub trouble: Option<String>,
    /// True if whom it is for is as this Steward wrote it.
    pub is_genuine: bool,
}

/// All columns but the secret.
macro_rules! stock_columns {
    () => {
        "key_id, workspace_id, pool_name, hint, state, loaded_at_ms, checked_at_ms, claim, change_number, owner_id,
         offered_until_ms, pressed_at_ms, seen_at_ms, look_until_ms, trouble, mac"
    };
}
pub(super) use stock_columns;

impl Store {
    pub(super) fn stock_row(&self, row: &AnyRow) -> Result<StockRow, Error> {
        let state: String = row.try_get("state")?;
        let known = StockState::ALL.into_iter().find(|it| it.as_str() == state);
        let time = |name: &str| Ok::<_, Error>(row.try_get::<Option<i64>, _>(name)?.map(moment));
        let mut read = StockRow {
            key_id: row.try_get("key_id")?,
            workspace_id: row.try_get("workspace_id")?,
            pool_name: row.try_get("pool_name")?,
            hint: row.try_get("hint")?,
            state: known.ok_or(Error::Corrupt("stock_key.state"))?,
            loaded_at: moment(row.try_get("loaded_at_ms")?),
            checked_at: time("checked_at_ms")?,
            claim: row.try_get("claim")?,
            change: row.try_get("change_number")?,
            owner: row.try_get::<Option<String>, _>("owner_id")?.map(PersonId),
            offered_until: time("offered_until_ms")?,
            pressed_at: time("pressed_at_ms")?,
            seen_at: time("seen_at_ms")?,
            look_until: time("look_until_ms")?,
            trouble: row.try_get("trouble")?,
            is_genuine: false,
        };
        let mac: Option<String> = row.try_get("mac")?;
        read.is_genuine = match (&read.claim, &read.owner) {
            (Some(claim), Some(owner)) => {
                let covered = covered(&read.key_id, claim, owner, read.change);
                mac.is_some_and(|mac| self.has_fingerprint(&covered, &mac))
            }
            _ => true,
        };
        Ok(read)
    }
}

/// What binds a key to whom it was taken for.
pub(super) fn covered(key_id: &str, claim: &str, owner: &PersonId, change: Option<i64>) -> Value {
    json!(["stock_key", key_id, claim, owner.as_str(), change])
}
