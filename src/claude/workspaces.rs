//! `/v1/organizations/workspaces`: where keys live.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::Row;
use super::writer::Writer;

/// A workspace of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Workspace {
    /// `wrkspc_…`; the Default Workspace has one too.
    pub id: String,
    /// 1 to 40 characters.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when it is closed for good, if it is.
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
    /// Its colour in the Console, `#RRGGBB`.
    #[serde(default)]
    pub display_color: Option<String>,
}

impl Workspace {
    /// Closed for good, with all its keys.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }
}

impl Row for Workspace {
    const TYPE: &'static str = "workspace";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Which workspaces to list; the default is those in use, without the Default Workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkspaceFilter {
    /// Also those that are archived.
    pub include_archived: bool,
    /// Also the Default Workspace.
    pub include_default: bool,
}

impl Reader {
    /// Lists workspaces, a thousand a page.
    pub fn workspaces(&self, filter: WorkspaceFilter) -> Pages<Workspace> {
        let call = Call::get("workspaces", &["workspaces"])
            .with_some("include_archived", filter.include_archived.then_some("true"))
            .with_some("include_default", filter.include_default.then_some("true"));
        page::by_last_id(self.http.clone(), call)
    }

    /// One workspace.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a look; [`Error::is_not_found`] if there is no such workspace.
    pub async fn workspace(&self, id: &str) -> Result<Workspace, Error> {
        let call = Call::get("a workspace", &["workspaces", id]);
        self.http.object(&call).await?.agreeing(|workspace: &Workspace| workspace.id == id)
    }
}

impl Writer {
    /// Makes a workspace. Sent once, whatever happens: two may bear the same name.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn create_workspace(&self, name: &str) -> Result<Workspace, Error> {
        let call = Call::post("a new workspace", &["workspaces"], json!({ "name": name }));
        self.http.object(&call).await?.agreeing(|workspace: &Workspace| !workspace.is_archived())
    }

    /// Gives a workspace another name. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn rename_workspace(&self, id: &str, name: &str) -> Result<Workspace, Error> {
        let call = Call::post("a workspace's name", &["workspaces", id], json!({ "name": name })).repeatable();
        self.http.object(&call).await?.agreeing(|workspace: &Workspace| workspace.id == id)
    }

    /// Closes a workspace for good, and with it every key in it. Sent once: what a second time answers is not documented.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn archive_workspace(&self, id: &str) -> Result<Workspace, Error> {
        let call = Call::post("a workspace's archival", &["workspaces", id, "archive"], json!({}));
        self.http.object(&call).await?.agreeing(|workspace: &Workspace| workspace.id == id && workspace.is_archived())
    }
}
