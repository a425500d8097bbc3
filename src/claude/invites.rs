//! `/v1/organizations/invites`: who was asked in. An invite lives 21 days and is never sent again: it is withdrawn, and
//! a new one made.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::open::open_enum;
use super::page::{self, Pages};
use super::reader::Reader;
use super::removal::{self, Receipt, Removal};
use super::row::Row;
use super::users::Role;
use super::writer::Writer;

open_enum! {
    /// What became of an invite.
    InviteStatus {
        /// Nobody has answered it yet.
        Pending = "pending",
        /// Its addressee is a member now.
        Accepted = "accepted",
        /// Its 21 days are over.
        Expired = "expired",
        /// It was withdrawn.
        Deleted = "deleted",
    }
}

/// An invitation into the organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Invite {
    /// `invite_…`
    pub id: String,
    /// Where the mail went.
    pub email: String,
    /// What its addressee will be.
    pub role: Role,
    /// What became of it.
    pub status: InviteStatus,
    /// When it was made.
    pub invited_at: Timestamp,
    /// When it lapses or lapsed.
    pub expires_at: Timestamp,
    /// When it was accepted, if it was.
    #[serde(default)]
    pub accepted_at: Option<Timestamp>,
}

impl Row for Invite {
    const TYPE: &'static str = "invite";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Which invites to list; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InviteFilter {
    /// The address. The API compares it leniently: without case, without plus-tags.
    pub email: Option<String>,
    /// Any of these states.
    pub statuses: Vec<InviteStatus>,
}

impl Reader {
    /// Lists invites, newest first, a thousand a page.
    pub fn invites(&self, filter: &InviteFilter) -> Pages<Invite> {
        let call = Call::get("invites", &["invites"]).with_some("email", filter.email.as_deref());
        let call = filter.statuses.iter().fold(call, |call, status| call.with("statuses[]", status.as_str()));
        page::by_last_id(self.http.clone(), call)
    }

    /// One invite.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a look; [`Error::is_not_found`] if there is no such invite.
    pub async fn invite(&self, id: &str) -> Result<Invite, Error> {
        self.http.object(&Call::get("an invite", &["invites", id])).await?.agreeing(|invite: &Invite| invite.id == id)
    }

    /// The newest open invite to exactly this address, but for the case of its letters.
    ///
    /// The API's own comparison also ignores plus-tags, so its answer is sifted: an invite to `ada+test@…` is not one to
    /// `ada@…`.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a listing.
    pub async fn pending_invite(&self, email: &str) -> Result<Option<Invite>, Error> {
        let filter = InviteFilter { email: Some(email.to_owned()), statuses: vec![InviteStatus::Pending] };
        let newer = |best: Option<Invite>, page: page::Page<Invite>| async move {
            let open = page.items.into_iter().filter(|invite| is_open_to(invite, email));
            Ok(open.chain(best).max_by_key(|invite| invite.invited_at))
        };
        self.invites(&filter).try_fold(None, newer).await
    }
}

impl Writer {
    /// Asks somebody in; the API sends the mail. Sent once, whatever happens: after an ambiguous error, look with
    /// [`Reader::pending_invite`] before it is sent again.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssignable`] before anything is sent; else any [`Error`] of a change.
    pub async fn invite(&self, email: &str, role: &Role) -> Result<Invite, Error> {
        let body = json!({ "email": email, "role": role.checked()? });
        let call = Call::post("an invitation", &["invites"], body);
        let made = self.http.object(&call).await?;
        made.agreeing(|invite: &Invite| invite.role == *role && folded(&invite.email) == folded(email))
    }

    /// Withdraws an invite that is still open. Repeated when it fails in passing.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a change; 400 if the invite was accepted or has lapsed.
    pub async fn withdraw_invite(&self, id: &str) -> Result<Removal, Error> {
        let call = Call::delete("an invite's withdrawal", &["invites", id]);
        removal::remove(&self.http, &call, |gone: &Receipt| gone.id == id && gone.tag == "invite_deleted").await
    }
}

fn is_open_to(invite: &Invite, email: &str) -> bool {
    invite.status == InviteStatus::Pending && invite.email.trim().to_lowercase() == email.trim().to_lowercase()
}

/// An address as leniently as the API may fold it when it takes one in: no case, no plus-tag, no dots before the `@`.
fn folded(email: &str) -> (String, String) {
    let email = email.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@').unwrap_or((&email, ""));
    let name = local.split('+').next().unwrap_or_default();
    (name.replace('.', ""), domain.to_owned())
}
