//! What an activity of Anthropic's feed is about, and what it says in words. Whatever is not known passes through by its name.

use crate::claude;

/// The longest text from the feed that is shown.
const MOST: usize = 120;

/// The kinds that change an organization, as the feed calls them. Reading, signing in and talking to Claude are nobody's
/// business here. An acceptance is left out: it is what an invitation is for.
pub(super) const KINDS: [&str; 25] = [
    "org_user_invite_sent",
    "org_user_invite_re_sent",
    "org_user_invite_deleted",
    "org_user_deleted",
    "claude_user_role_updated",
    "role_assignment_granted",
    "role_assignment_revoked",
    "platform_api_key_created",
    "platform_api_key_updated",
    "admin_api_key_created",
    "admin_api_key_updated",
    "admin_api_key_deleted",
    "platform_workspace_created",
    "platform_workspace_updated",
    "platform_workspace_archived",
    "platform_workspace_member_added",
    "platform_workspace_member_updated",
    "platform_workspace_member_removed",
    "platform_workspace_rate_limit_updated",
    "platform_workspace_rate_limit_deleted",
    "platform_spend_limit_created",
    "platform_spend_limit_updated",
    "platform_spend_limit_deleted",
    "workspace_spend_limit_created",
    "org_compliance_api_settings_updated",
];

/// What it is about, by the name that the ledger knows, too: an address in small letters, or an id.
pub(super) fn about(activity: &claude::Activity) -> String {
    let names = match activity.kind.as_str() {
        "org_user_invite_sent" | "org_user_invite_re_sent" => ["invited_email", ""],
        "org_user_invite_deleted" => ["invite_id", ""],
        "org_user_deleted" => ["deleted_user_id", "deleted_user_email"],
        "claude_user_role_updated" => ["user_id", "user_email"],
        "role_assignment_granted" | "role_assignment_revoked" => ["target_id", ""],
        "platform_api_key_created" | "platform_api_key_updated" => ["api_key_id", ""],
        "admin_api_key_created" | "admin_api_key_updated" | "admin_api_key_deleted" => ["admin_api_key_id", ""],
        kind if kind.starts_with("platform_workspace_member") => ["user_id", ""],
        kind if kind.contains("workspace") => ["workspace_id", ""],
        _ => ["", ""],
    };
    let found = names.into_iter().find_map(|name| activity.said(name));
    let found = short(found.unwrap_or_default());
    if found.contains('@') { found.to_lowercase() } else { found }
}

/// What was done. `named` gives an id the name that people know.
pub(super) fn what(activity: &claude::Activity, named: impl Fn(&str) -> String) -> String {
    let said = |name: &str| activity.said(name).map_or_else(|| "somebody".to_owned(), |it| named(&short(it)));
    let word = |name: &str| activity.said(name).map_or_else(|| "another role".to_owned(), short);
    let at = || activity.said("workspace_id").map_or_else(|| "a workspace".to_owned(), |it| named(&short(it)));
    match activity.kind.as_str() {
        "org_user_invite_sent" => format!("invited {} as {}", said("invited_email"), word("invited_role")),
        "org_user_invite_re_sent" => format!("sent the invitation of {} again", said("invited_email")),
        "org_user_invite_deleted" => format!("withdrew the invitation of {}", said("invite_id")),
        "org_user_deleted" => format!("removed {}", said("deleted_user_email")),
        "claude_user_role_updated" => {
            format!("made {} {}, was {}", said("user_email"), word("current_role"), word("previous_role"))
        }
        "role_assignment_granted" => format!("gave {} the role {}", said("target_id"), word("role")),
        "role_assignment_revoked" => format!("took the role {} from {}", word("role"), said("target_id")),
        "platform_api_key_created" => format!("made the API key {}", said("api_key_id")),
        "platform_api_key_updated" => format!("changed the API key {}", said("api_key_id")),
        "admin_api_key_created" => format!("made the admin key {}", said("admin_api_key_id")),
        "admin_api_key_updated" => format!("changed the admin key {}", said("admin_api_key_id")),
        "admin_api_key_deleted" => format!("deleted the admin key {}", said("admin_api_key_id")),
        "platform_workspace_created" => format!("made the workspace {}", at()),
        "platform_workspace_updated" => format!("changed the workspace {}", at()),
        "platform_workspace_archived" => format!("archived the workspace {}", at()),
        "platform_workspace_member_added" => format!("added {} to {}", said("user_id"), at()),
        "platform_workspace_member_updated" => format!("changed the role of {} in {}", said("user_id"), at()),
        "platform_workspace_member_removed" => format!("took {} out of {}", said("user_id"), at()),
        "platform_workspace_rate_limit_updated" => format!("set a rate limit of {}", at()),
        "platform_workspace_rate_limit_deleted" => format!("removed a rate limit of {}", at()),
        "org_compliance_api_settings_updated" => "changed the settings of this activity feed".to_owned(),
        kind if kind.contains("spend_limit") => "changed a spend limit".to_owned(),
        kind => short(kind).replace('_', " "),
    }
}

/// Who did it, as people know them.
pub(super) fn who(actor: &claude::Actor) -> String {
    let id = actor.id.as_deref().map(short);
    match (&actor.email, id) {
        (Some(email), _) => short(email),
        (None, Some(id)) => id,
        (None, None) => short(actor.kind.as_str()),
    }
}

/// A text from outside, cut, without what controls a terminal or turns letters round.
fn short(text: &str) -> String {
    let is_turn = |it: char| matches!(it, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    text.chars().filter(|it| !it.is_control() && !is_turn(*it)).take(MOST).collect()
}
