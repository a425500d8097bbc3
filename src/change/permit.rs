//! The right to make one call of one change, once.

use crate::domain::{Change, ChangeId, State};
use crate::store::Store;

/// Spent by the call it allows. Nothing outside this folder can make one.
pub struct Permit {
    change: ChangeId,
    position: i64,
}

/// Proof that the rights of everybody involved were looked at just now. Only `applying` makes one, after it has.
pub(super) struct RightsChecked(());

impl RightsChecked {
    /// Called by the check of rights, at its end.
    pub(super) fn just_now() -> Self {
        Self(())
    }
}

impl Permit {
    /// A permit for call `position`, if the stored row is decided, genuine, and has the plan that was decided on.
    ///
    /// Recovery after a crash mints a new one the same way.
    pub(super) fn mint(store: &Store, row: &Change, position: i64, _rights: &RightsChecked) -> Option<Self> {
        let decided = matches!(row.state, State::Approved | State::Applying) && row.decided.is_some();
        (decided && store.is_genuine(row)).then(|| Self { change: row.id.clone(), position })
    }

    /// The change and the call that it is spent on, for the log.
    #[must_use]
    pub fn spend(self) -> (ChangeId, i64) {
        (self.change, self.position)
    }
}
