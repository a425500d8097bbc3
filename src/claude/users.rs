//! `/v1/organizations/users`: the organization's members.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::open::open_enum;
use super::page::{self, Pages};
use super::reader::Reader;
use super::removal::{self, Receipt, Removal};
use super::row::{Row, or_empty};
use super::writer::Writer;

open_enum! {
    /// What a member may do in the organization.
    Role {
        /// The playground.
        User = "user",
        /// The playground and Claude Code.
        ClaudeCodeUser = "claude_code_user",
        /// API keys as well.
        Developer = "developer",
        /// Billing as well.
        Billing = "billing",
        /// Everything. Given and taken in the Console alone.
        Admin = "admin",
    }
}

impl Role {
    /// May it be given through the API? Never `admin`, and nothing that this client does not know.
    #[must_use]
    pub fn assignable(&self) -> bool {
        matches!(self, Self::User | Self::ClaudeCodeUser | Self::Developer | Self::Billing)
    }

    /// Itself, if it may be sent.
    pub(super) fn checked(&self) -> Result<&str, Error> {
        if self.assignable() { Ok(self.as_str()) } else { Err(Error::NotAssignable(self.to_string())) }
    }
}

/// A member of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// `user_…`
    pub id: String,
    /// The address that the member signs in with.
    pub email: String,
    /// As the member wrote it; may be empty.
    #[serde(default, deserialize_with = "or_empty")]
    pub name: String,
    /// What the member may do.
    pub role: Role,
    /// Since when.
    pub added_at: Timestamp,
}

impl Row for User {
    const TYPE: &'static str = "user";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Which members to list; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// The address. The API compares it leniently: without case, without plus-tags.
    pub email: Option<String>,
    /// Any of these roles.
    pub roles: Vec<Role>,
}

impl Reader {
    /// Lists members, newest first, a thousand a page.
    pub fn users(&self, filter: &UserFilter) -> Pages<User> {
        let call = Call::get("members", &["users"]).with_some("email", filter.email.as_deref());
        let call = filter.roles.iter().fold(call, |call, role| call.with("roles[]", role.as_str()));
        page::by_last_id(self.http.clone(), call)
    }

    /// One member.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a look; [`Error::is_not_found`] if there is no such member.
    pub async fn user(&self, id: &str) -> Result<User, Error> {
        self.http.object(&Call::get("a member", &["users", id])).await?.agreeing(|user: &User| user.id == id)
    }
}

impl Writer {
    /// Gives a member another role. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssignable`] before anything is sent; else any [`Error`] of a change.
    pub async fn set_role(&self, user_id: &str, role: &Role) -> Result<User, Error> {
        let body = json!({ "role": role.checked()? });
        let call = Call::post("a member's role", &["users", user_id], body).repeatable();
        self.http.object(&call).await?.agreeing(|user: &User| user.id == user_id && user.role == *role)
    }

    /// Takes a member out of the organization. Repeated when it fails in passing. The API refuses it for admins.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change.
    pub async fn remove_user(&self, user_id: &str) -> Result<Removal, Error> {
        let call = Call::delete("a member's removal", &["users", user_id]);
        removal::remove(&self.http, &call, |gone: &Receipt| gone.id == user_id && gone.tag == "user_deleted").await
    }
}
