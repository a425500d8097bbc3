//! What other rooms ask of federation.

use super::federation::{FederationIssuer, FederationRule, Seat};
use super::nouns::ServiceAccount;
use super::organization::Organization;
use super::state::State;

impl State {
    pub(super) fn service_account(&self, id: &str) -> Option<&ServiceAccount> {
        self.service_accounts.iter().find(|it| it.id == id)
    }

    /// Whether a service account works in a workspace: added, or because it is the Default one.
    pub(super) fn seats_account(&self, workspace_id: &str, account_id: &str) -> bool {
        let added = |it: &Seat| it.workspace_id == workspace_id && it.service_account_id == account_id;
        self.workspace(workspace_id).is_some_and(|it| it.is_default) || self.federated.seats.iter().any(added)
    }
}

impl Organization {
    /// The issuers, oldest first, archived ones included.
    #[must_use]
    pub fn federation_issuers(&self) -> Vec<FederationIssuer> {
        self.read(|state| state.federated.issuers.clone())
    }

    /// The rules, oldest first, archived ones included.
    #[must_use]
    pub fn federation_rules(&self) -> Vec<FederationRule> {
        self.read(|state| state.federated.rules.clone())
    }

    /// How many tokens of service accounts are out and live.
    #[must_use]
    pub fn tokens_out(&self) -> usize {
        let now = self.now();
        self.read(|state| state.federated.minted.iter().filter(|it| it.expires_at > now).count())
    }
}
