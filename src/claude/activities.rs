//! `GET /v1/compliance/activities`: what was done in the organization, by whom, as Anthropic recorded it.
//!
//! Console organizations have it once an admin has switched the Compliance API on; until then, and for an admin key that was
//! made before, the answer is 403 or 404. New kinds of activity and of actor come at any time and pass through.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::call::Call;
use super::open::open_enum;
use super::page::{self, Pages};
use super::reader::Reader;
use super::row::{Row, or_empty};

/// The most rows that this listing puts into one page.
const ROWS_PER_PAGE: &str = "5000";

open_enum! {
    /// Who or what did something.
    ActorKind {
        /// Somebody who was signed in.
        User = "user_actor",
        /// An API key.
        ApiKey = "api_actor",
        /// An Admin API key. What this client itself changes is recorded so.
        AdminKey = "admin_api_key_actor",
        /// A service account.
        ServiceAccount = "service_account_actor",
        /// Somebody before they were signed in.
        Unauthenticated = "unauthenticated_user_actor",
        /// Anthropic's staff.
        Anthropic = "anthropic_actor",
        /// Anthropic's own machinery.
        System = "system_actor",
        /// The company's directory, by SCIM.
        Directory = "scim_directory_sync_actor",
        /// An identity that another provider vouches for.
        Federated = "federated_actor",
    }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub kind: ActorKind,
    /// `user_…`, `apikey_…`, or what else their kind has.
    pub id: Option<String>,
    /// Their address, for people.
    pub email: Option<String>,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// `activity_…`
    pub id: String,
    /// What was done, such as `org_user_invite_sent`.
    pub kind: String,
    /// When.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// What else is said of it, by name: `invited_email`, `workspace_id` and so on. It is from outside.
    pub more: Map<String, Value>,
}

/// Which activities to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityFilter {
    /// At or after.
    pub since: Timestamp,
    /// Before.
    pub until: Timestamp,
    /// Any of these kinds.
    pub kinds: Vec<&'static str>,
}

impl Activity {
    /// A text among [`Activity::more`].
    #[must_use]
    pub fn said(&self, name: &str) -> Option<&str> {
        self.more.get(name).and_then(Value::as_str)
    }
}

/// An activity as it travels, but for its `type`, which [`Row::called`] brings.
#[derive(Deserialize)]
struct Travelling {
    id: String,
    created_at: Timestamp,
    #[serde(default, deserialize_with = "or_empty")]
    actor: TravellingActor,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TravellingActor {
    #[serde(rename = "type")]
    kind: Option<String>,
    user_id: Option<String>,
    api_key_id: Option<String>,
    admin_api_key_id: Option<String>,
    service_account_id: Option<String>,
    directory_id: Option<String>,
    email_address: Option<String>,
    unauthenticated_email_address: Option<String>,
}

impl<'de> Deserialize<'de> for Activity {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Travelling { id, created_at, actor, more } = Travelling::deserialize(from)?;
        let who =
            [actor.user_id, actor.api_key_id, actor.admin_api_key_id, actor.service_account_id, actor.directory_id];
        let actor = Actor {
            kind: ActorKind::from(actor.kind.as_deref().unwrap_or_default()),
            id: who.into_iter().flatten().next(),
            email: actor.email_address.or(actor.unauthenticated_email_address),
        };
        Ok(Self { id, kind: String::new(), created_at, actor, more })
    }
}

impl Row for Activity {
    const TYPE: &'static str = "activity";

    fn id(&self) -> &str {
        &self.id
    }

    /// Its `type` does not say that it is an activity, but which.
    fn called(self, tag: Option<String>) -> Result<Self, &'static str> {
        let kind = tag.ok_or("an activity does not say what it was")?;
        Ok(Self { kind, ..self })
    }
}

impl Reader {
    /// Lists activities, newest first, five thousand a page.
    pub fn activities(&self, filter: &ActivityFilter) -> Pages<Activity> {
        let call = Call::get("activities", &["activities"])
            .below("compliance")
            .with("created_at.gte", filter.since.to_string())
            .with("created_at.lt", filter.until.to_string());
        let call = filter.kinds.iter().fold(call, |call, kind| call.with("activity_types[]", *kind));
        page::by_last_id_in_pages_of(ROWS_PER_PAGE, self.http.clone(), call)
    }
}
