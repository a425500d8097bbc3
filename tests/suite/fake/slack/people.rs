//! Who and where: auth, users, groups, channels.

use serde_json::{Value, json};

use super::api::{Told, has_scope, text};
use super::world::{Channel, User};
use super::{BOT, BOT_USER, Slack, TEAM};

pub(super) fn auth(slack: &Slack) -> Value {
    json!({
        "url": slack.url(), "team": "Example", "user": "steward", "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT,
        "is_enterprise_install": false,
    })
}

fn told(user: &User, with_email: bool) -> Value {
    let mut told = json!({
        "id": user.id, "team_id": user.team_id, "name": user.name, "deleted": user.is_deleted, "real_name": user.name,
        "is_bot": user.is_bot, "is_app_user": false, "updated": 0, "tz": "Europe/Berlin",
        "profile": { "display_name": user.name, "real_name": user.name, "team": user.team_id },
    });
    if let Some(email) = user.email.as_ref().filter(|_| with_email && !user.is_bot && !user.is_stranger) {
        told["profile"]["email"] = email.clone().into();
    }
    if !user.is_deleted {
        told["is_restricted"] = user.is_restricted.into();
        told["is_ultra_restricted"] = user.is_ultra_restricted.into();
        told["is_owner"] = user.is_owner.into();
    }
    if user.is_stranger {
        told["is_stranger"] = true.into();
    }
    if let Some(id) = &user.enterprise_id {
        told["enterprise_user"] = json!({ "id": user.id, "enterprise_id": id });
    }
    told
}

pub(super) fn info(slack: &Slack, asked: &Value) -> Told {
    let with_email = has_scope(slack, "users:read.email");
    let world = slack.world();
    Ok(json!({ "user": told(world.users.get(text(asked, "user")).ok_or("user_not_found")?, with_email) }))
}

/// Pages of at most `limit`; the cursor is the number of the first.
pub(super) fn list(slack: &Slack, asked: &Value) -> Value {
    let with_email = has_scope(slack, "users:read.email");
    let number = |name: &str| asked[name].as_u64().or_else(|| text(asked, name).parse().ok());
    let limit = usize::try_from(number("limit").unwrap_or(200)).unwrap_or(200).clamp(1, 1000);
    let from: usize = text(asked, "cursor").parse().unwrap_or(0);
    let world = slack.world();
    let members: Vec<_> = world.users.values().skip(from).take(limit).map(|it| told(it, with_email)).collect();
    let next = from + limit;
    let cursor = if next < world.users.len() { next.to_string() } else { String::new() };
    json!({ "members": members, "response_metadata": { "next_cursor": cursor } })
}

pub(super) fn by_email(slack: &Slack, asked: &Value) -> Told {
    let email = text(asked, "email").to_lowercase();
    let world = slack.world();
    let is_meant = |it: &&User| !it.is_deleted && !it.is_stranger && it.email.as_deref() == Some(&email);
    Ok(json!({ "user": told(world.users.values().find(is_meant).ok_or("users_not_found")?, true) }))
}

pub(super) fn groups(slack: &Slack, asked: &Value) -> Value {
    let world = slack.world();
    let with_users = text(asked, "include_users") == "true" || asked["include_users"] == true;
    let told = world.groups.iter().map(|(id, (handle, members))| {
        let count = members.len();
        let mut group = json!({ "id": id, "team_id": TEAM, "handle": handle, "name": handle, "user_count": count, "date_delete": 0 });
        if with_users {
            group["users"] = json!(members);
        }
        group
    });
    json!({ "usergroups": told.collect::<Vec<_>>() })
}

pub(super) fn group_members(slack: &Slack, asked: &Value) -> Told {
    let world = slack.world();
    Ok(json!({ "users": world.groups.get(text(asked, "usergroup")).ok_or("no_such_subteam")?.1 }))
}

pub(super) fn open(slack: &Slack, asked: &Value) -> Told {
    let mut world = slack.world();
    let users = text(asked, "users").to_owned();
    let user = world.users.get(&users).ok_or("users_not_found")?;
    if user.is_bot {
        return Err("cannot_dm_bot".into());
    }
    if user.is_deleted {
        return Err("user_disabled".into());
    }
    let id = world.direct(&users);
    Ok(json!({ "channel": { "id": id } }))
}

fn place(it: &Channel) -> Value {
    json!({
        "id": it.id, "name": it.name, "is_channel": it.with.is_none(), "is_im": it.with.is_some(), "user": it.with,
        "is_private": it.is_private, "is_archived": it.is_archived, "is_member": it.has_bot,
    })
}

pub(super) fn channel_info(slack: &Slack, asked: &Value) -> Told {
    let world = slack.world();
    let channel = world.channels.get(text(asked, "channel")).filter(|it| it.has_bot || !it.is_private);
    Ok(json!({ "channel": place(channel.ok_or("channel_not_found")?) }))
}

pub(super) fn channels(slack: &Slack) -> Value {
    let world = slack.world();
    let seen = world.channels.values().filter(|it| it.with.is_none() && (it.has_bot || !it.is_private));
    json!({ "channels": seen.map(place).collect::<Vec<_>>(), "response_metadata": { "next_cursor": "" } })
}
