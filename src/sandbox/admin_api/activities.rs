//! `/v1/compliance/activities`: newest first, by cursor. Once the Compliance API is on, an Admin key may read it, and nothing
//! else of that API; before, the key lacks the scope.

use crate::clock::Moment;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::feed::Entry;
use crate::sandbox::organization::Organization;
use crate::sandbox::page::{Query, Row, Size, cursors_of};
use axum::Extension;
use axum::extract::RawQuery;
use serde_json::{Value, json};

/// The kinds that may be asked for, as far as this simulation and its callers know them. The real list has hundreds.
const KINDS: [&str; 38] = [
    "admin_api_key_created",
    "admin_api_key_deleted",
    "admin_api_key_updated",
    "claude_user_role_updated",
    "compliance_api_accessed",
    "org_compliance_api_settings_updated",
    "org_invite_viewed",
    "org_invites_listed",
    "org_user_deleted",
    "org_user_invite_accepted",
    "org_user_invite_deleted",
    "org_user_invite_re_sent",
    "org_user_invite_rejected",
    "org_user_invite_sent",
    "org_user_viewed",
    "org_users_listed",
    "platform_api_key_created",
    "platform_api_key_updated",
    "platform_cost_report_viewed",
    "platform_spend_limit_alert_emails_updated",
    "platform_spend_limit_created",
    "platform_spend_limit_deleted",
    "platform_spend_limit_updated",
    "platform_usage_report_messages_viewed",
    "platform_workspace_archived",
    "platform_workspace_created",
    "platform_workspace_member_added",
    "platform_workspace_member_removed",
    "platform_workspace_member_updated",
    "platform_workspace_members_listed",
    "platform_workspace_rate_limit_deleted",
    "platform_workspace_rate_limit_updated",
    "platform_workspace_updated",
    "role_assignment_granted",
    "role_assignment_revoked",
    "workspace_spend_limit_alert_emails_updated",
    "workspace_spend_limit_created",
    "workspace_spend_limit_deleted",
];

pub(super) async fn list(Extension(org): Extension<Organization>, RawQuery(query): RawQuery) -> Answer {
    if !org.has_activity_feed() {
        return Err(Refusal::forbidden("Missing required scopes. Got: [] Needed: ['read:compliance_activities']"));
    }
    let query = Query::parse(query.as_deref());
    let known = |name: &str| KINDS.into_iter().find(|it| *it == name);
    let (wanted, unwanted) = (query.each("activity_types", known)?, query.each("exclude_activity_types", known)?);
    let actors = query.many("actor_ids");
    let bounds = Bounds::read(&query)?;
    let now = org.now();
    let kept = |entry: &Entry| {
        let kind = entry.kind.as_str();
        (wanted.is_empty() || wanted.contains(&kind))
            && !unwanted.contains(&kind)
            && (actors.is_empty() || entry.actor["user_id"].as_str().is_some_and(|it| actors.contains(&it)))
            && bounds.hold(entry.at)
    };
    org.read(|state| {
        let mut readable: Vec<&Entry> = state.feed.entries.iter().filter(|it| it.readable_at <= now).collect();
        readable.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        let size = Size { usual: 100, most: 5_000 };
        cursors_of(size, &query, &readable, |it| Row { id: &it.id, kept: kept(it) }, |it| shown(it, &state.id))
    })
}

/// `created_at.gte` and its kin.
struct Bounds([Option<Moment>; 4]);

impl Bounds {
    fn read(query: &Query) -> Result<Self, Refusal> {
        let at = |name: &str| {
            match query.one(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                Refusal::bad(format!("The `{name}` parameter contains an invalid timestamp format. Timestamps must be provided in RFC 3339 format"))
            }),
        }
        };
        Ok(Self([at("created_at.gte")?, at("created_at.gt")?, at("created_at.lte")?, at("created_at.lt")?]))
    }

    fn hold(&self, at: Moment) -> bool {
        let [gte, gt, lte, lt] = self.0;
        gte.is_none_or(|it| at >= it)
            && gt.is_none_or(|it| at > it)
            && lte.is_none_or(|it| at <= it)
            && lt.is_none_or(|it| at < it)
    }
}

fn shown(entry: &Entry, organization: &str) -> Value {
    let mut shown = json!({
        "id": entry.id,
        "created_at": entry.at,
        "organization_id": format!("org_01{}", organization.replace('-', "").get(..22).unwrap_or_default()),
        "organization_uuid": organization,
        "actor": entry.actor,
        "type": entry.kind,
    });
    for (name, value) in &entry.more {
        shown[name] = value.clone();
    }
    shown
}
