//! `/v1/organizations/service_accounts`: identities that are nobody's, which tokens act as.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::federation::Federation;
use super::page::{self, Pages};
use super::row::Row;
use super::workspace_members::WorkspaceRole;

/// The most rows that the API puts into one page of these.
pub(super) const ROWS_PER_PAGE: &str = "100";

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ServiceAccount {
    /// `svac_…`
    pub id: String,
    /// A slug that no other has; it cannot be changed.
    pub name: String,
    /// What it is for, if somebody said.
    pub description: Option<String>,
    /// Since when it is archived, if it is.
    pub archived_at: Option<Timestamp>,
}

impl Row for ServiceAccount {
    const TYPE: &'static str = "service_account";

    fn id(&self) -> &str {
        &self.id
    }
}

/// That a service account may work in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ServiceAccountSeat {
    /// `svac_…`
    pub service_account_id: String,
    /// `wrkspc_…`
    pub workspace_id: String,
    /// What it may do there.
    pub workspace_role: WorkspaceRole,
}

impl Row for ServiceAccountSeat {
    const TYPE: &'static str = "service_account_workspace_member";

    fn id(&self) -> &str {
        &self.service_account_id
    }
}

impl Federation {
    /// Lists those that are not archived, a hundred a page.
    pub fn service_accounts(&self) -> Pages<ServiceAccount> {
        let call = Call::get("service accounts", &["service_accounts"]).with("limit", ROWS_PER_PAGE);
        page::by_token(self.http.clone(), call)
    }

    /// Makes one with the organization's role `developer`. Sent once, whatever happens: a second try is refused with 409.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn create_service_account(&self, name: &str, description: &str) -> Result<ServiceAccount, Error> {
        let body = json!({ "name": name, "description": description, "organization_role": "developer" });
        let made = self.http.object(&Call::post("a new service account", &["service_accounts"], body)).await?;
        made.agreeing(|it: &ServiceAccount| it.name == name)
    }

    /// Archives one, for good. Refused while a rule that is not archived leads to it. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn archive_service_account(&self, id: &str) -> Result<ServiceAccount, Error> {
        let call = Call::post("a service account's end", &["service_accounts", id, "archive"], json!({}));
        let done = self.http.object(&call.repeatable().revoking()).await?;
        done.agreeing(|it: &ServiceAccount| it.id == id && it.archived_at.is_some())
    }

    /// Lets one into a workspace, or changes its role there. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssignable`] before anything is sent; else any [`Error`] of a change.
    pub async fn seat_service_account(
        &self,
        id: &str,
        workspace_id: &str,
        role: &WorkspaceRole,
    ) -> Result<ServiceAccountSeat, Error> {
        if !role.assignable() {
            return Err(Error::NotAssignable(role.to_string()));
        }
        let body = json!({ "workspace_id": workspace_id, "workspace_role": role.as_str() });
        let path = ["service_accounts", id, "workspaces"];
        let set = self.http.object(&Call::post("a service account's workspace", &path, body).repeatable()).await?;
        set.agreeing(|it: &ServiceAccountSeat| {
            it.service_account_id == id && it.workspace_id == workspace_id && it.workspace_role == *role
        })
    }
}
