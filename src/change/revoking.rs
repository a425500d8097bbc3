//! What takes access away goes before everything else: it looks on the lane of the budget that is kept for it, waits for nobody
//! else's turn, and is taken up again first.

use super::effect::Effect;
use super::failure::Failure;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use crate::claude::{Error, Reader};
use crate::domain::Change;

/// A turn in the budget comes within a minute. Who is told to come back later than that shall not ask again at once.
const A_TURN_MS: u128 = 60_001;

impl Proposal {
    /// Does it take access away?
    pub(super) fn revokes(&self) -> bool {
        match self {
            Self::KeyStatus(it) => it.to != "active",
            Self::TokenSwitch(it) => it.to != "granted",
            Self::MemberRemove(_) | Self::Freeze(_) | Self::WithdrawInvite(_) | Self::WorkspaceRemove(_) => true,
            _ => false,
        }
    }

    /// True for what needs no look before it is sent: twice is as good as once, it can be taken back, and whatever the key has
    /// become meanwhile, it shall be off.
    pub(super) fn needs_no_look(&self) -> bool {
        matches!(self, Self::KeyStatus(it) if it.to == "inactive")
    }
}

impl Effect {
    /// Does it take access away?
    pub(super) fn revokes(&self) -> bool {
        match self {
            Self::SetKeyStatus(it) => it.to != "active",
            Self::RemoveUser(_) | Self::LeaveWorkspace(_) | Self::DeleteInvite(_) => true,
            _ => false,
        }
    }

    /// As [`Proposal::needs_no_look`].
    pub(super) fn needs_no_look(&self) -> bool {
        matches!(self, Self::SetKeyStatus(it) if it.to == "inactive")
    }

    /// Its turn did not come in time, and it keeps its place: it is asked for again at once.
    pub(super) fn keeps_its_turn(&self, error: &Error) -> bool {
        matches!(error, Error::Busy { retry_after } if retry_after.as_millis() <= A_TURN_MS) && self.revokes()
    }
}

impl Pipeline {
    /// Looks for what takes access away do not stand behind everybody else's.
    pub(super) fn reader_for(&self, revokes: bool) -> Reader {
        if revokes { self.reader.urgent() } else { self.reader.clone() }
    }

    /// Goes on with every decided change that takes access away and that nobody works on. While Anthropic does not answer, one
    /// is tried, and the others wait for how that ends. Answers how many were tried.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn revoke_due(&self) -> Result<u32, Failure> {
        let mut tried = 0;
        for change in self.store.revocations_to_apply(self.clock.now()).await? {
            if Self::is_decided(change.state) && revokes(&change) {
                self.apply(change.id.number()).await?;
                tried += 1;
                if self.reader.condition().is_resting {
                    break;
                }
            }
        }
        Ok(tried)
    }
}

/// Does it take access away?
pub(super) fn revokes(change: &Change) -> bool {
    serde_json::from_str(&change.asked.body).is_ok_and(|it: Proposal| it.revokes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::SwitchToken;

    #[test]
    fn access_by_tokens_is_taken_away_before_everything_else() {
        let to = |to: &str| Proposal::TokenSwitch(SwitchToken { id: "it".into(), to: to.into() }).revokes();
        assert_eq!(["off", "revoked", "granted"].map(to), [true, true, false]);
    }
}
