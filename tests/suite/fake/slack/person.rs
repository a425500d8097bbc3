//! What people do: commands, buttons, shortcuts, the Home tab.

use serde_json::{Value, json};

use super::api::text;
use super::deliver::Kind;
use super::world::{ResponseUrl, Trigger};
use super::{APP, Delivered, Slack, TEAM};

impl Slack {
    pub(super) fn trigger(&self, user: &str) -> String {
        let made = self.now();
        let mut world = self.world();
        let id = world.id("13345224609.738474920.trigger");
        world.triggers.insert(id.clone(), Trigger { made, user: user.to_owned(), is_used: false });
        id
    }

    /// A response URL for one person in one channel, about a message when there is one.
    pub(crate) fn response_url(&self, user: &str, channel: &str, ts: Option<&str>) -> String {
        let made = self.now();
        let mut world = self.world();
        let id = world.id("response");
        let (channel, user) = (channel.to_owned(), user.to_owned());
        let kept = ResponseUrl { made, uses: 0, channel, user, ts: ts.map(str::to_owned) };
        world.response_urls.insert(id.clone(), kept);
        drop(world);
        format!("{}/response/{id}", self.url())
    }

    /// Types a command such as `/claude help`.
    pub(crate) async fn says(&self, user: &str, channel: &str, line: &str) -> Delivered {
        let (command, words) = line.split_once(' ').unwrap_or((line, ""));
        let (who, place) = {
            let world = self.world();
            (world.users[user].clone(), world.channels[channel].name.clone())
        };
        let mut payload = json!({
            "token": "verification", "team_id": who.team_id, "team_domain": "example", "channel_id": channel,
            "channel_name": place, "user_id": user, "user_name": who.name, "command": command, "text": words,
            "api_app_id": APP, "is_enterprise_install": "false",
            "response_url": self.response_url(user, channel, None), "trigger_id": self.trigger(user),
        });
        if let Some(id) = who.enterprise_id {
            payload["enterprise_id"] = id.into();
            payload["enterprise_name"] = "Example Group".into();
        }
        let told = self.deliver(Kind::Command, payload).await;
        if let Some(answer) = told.answer.as_ref().filter(|it| it.is_object()) {
            super::chat::answered(self, channel, user, answer);
        }
        told
    }

    /// Presses what bears this label, action id or value on a message.
    #[track_caller]
    pub(crate) fn press<'a>(
        &'a self,
        user: &'a str,
        ts: &str,
        what: &str,
    ) -> impl Future<Output = Delivered> + Send + use<'a> {
        let found = self.world().messages.iter().find(|it| it.ts == ts && !it.is_deleted).cloned();
        let message = found.unwrap_or_else(|| panic!("no message {ts}"));
        let action = action(&message.body["blocks"], what);
        let is_ephemeral = message.only_for.is_some();
        let mut payload = self.interaction("block_actions", user);
        payload["actions"] = json!([action]);
        payload["container"] = json!({
            "type": "message", "message_ts": ts, "channel_id": message.channel, "is_ephemeral": is_ephemeral,
        });
        payload["channel"] = self.place(&message.channel);
        if !is_ephemeral {
            payload["message"] = message.told();
        }
        payload["state"] = json!({ "values": {} });
        payload["response_url"] = self.response_url(user, &message.channel, Some(ts)).into();
        async move { self.deliver(Kind::Interaction, payload).await }
    }

    /// Presses something in the uppermost view.
    pub(crate) async fn press_in_view(&self, user: &str, what: &str) -> Delivered {
        let view = self.views(user).pop().expect("a view is open");
        self.press_on(user, view, what).await
    }

    /// Presses something on the Home tab.
    pub(crate) async fn press_at_home(&self, user: &str, what: &str) -> Delivered {
        let view = self.home(user).expect("a Home tab was published");
        self.press_on(user, view, what).await
    }

    async fn press_on(&self, user: &str, view: Value, what: &str) -> Delivered {
        let mut payload = self.interaction("block_actions", user);
        payload["actions"] = json!([action(&view["blocks"], what)]);
        payload["container"] = json!({ "type": "view", "view_id": view["id"] });
        payload["view"] = view;
        self.deliver(Kind::Interaction, payload).await
    }

    /// Calls a global shortcut.
    pub(crate) async fn shortcut(&self, user: &str, callback_id: &str) -> Delivered {
        let mut payload = self.interaction("shortcut", user);
        payload["callback_id"] = callback_id.into();
        self.deliver(Kind::Interaction, payload).await
    }

    /// Calls a shortcut on a message.
    pub(crate) async fn message_shortcut(&self, user: &str, ts: &str, callback_id: &str) -> Delivered {
        let message = self.world().messages.iter().find(|it| it.ts == ts).cloned().expect("a message");
        let mut payload = self.interaction("message_action", user);
        payload["callback_id"] = callback_id.into();
        payload["channel"] = self.place(&message.channel);
        payload["message_ts"] = ts.into();
        payload["message"] = message.told();
        payload["response_url"] = self.response_url(user, &message.channel, None).into();
        self.deliver(Kind::Interaction, payload).await
    }

    pub(crate) async fn opens_home(&self, user: &str) -> Delivered {
        let channel = self.direct(user);
        self.event(json!({ "type": "app_home_opened", "user": user, "channel": channel, "tab": "home" })).await
    }

    /// Any event.
    pub(crate) async fn event(&self, mut event: Value) -> Delivered {
        let (now, id) = (self.now(), self.world().id("Ev"));
        event["event_ts"] = format!("{}.000000", now / 1000).into();
        let payload = json!({
            "token": "verification", "team_id": TEAM, "api_app_id": APP, "event": event, "type": "event_callback",
            "event_id": id, "event_time": now / 1000,
            "authorizations": [{ "enterprise_id": null, "team_id": TEAM, "user_id": super::BOT_USER, "is_bot": true, "is_enterprise_install": false }],
        });
        self.deliver(Kind::Event, payload).await
    }

    /// What every interaction says.
    pub(super) fn interaction(&self, kind: &str, user: &str) -> Value {
        let who = self.world().users[user].clone();
        json!({
            "type": kind, "token": "verification", "api_app_id": APP, "trigger_id": self.trigger(user),
            "team": { "id": TEAM, "domain": "example" }, "enterprise": null, "is_enterprise_install": false,
            "user": { "id": user, "username": who.name, "name": who.name, "team_id": who.team_id },
            "action_ts": format!("{}.000001", self.now() / 1000),
        })
    }

    fn place(&self, channel: &str) -> Value {
        json!({ "id": channel, "name": self.world().channels[channel].name })
    }
}

/// The action of pressing what bears this label, id or value.
fn action(blocks: &Value, what: &str) -> Value {
    let mut found = Value::Null;
    for block in blocks.as_array().into_iter().flatten() {
        super::layout::each_element(&json!([block]), &mut |it| {
            let names = [text(&it["text"], "text"), text(it, "action_id"), text(it, "value")];
            if found.is_null() && names.contains(&what) {
                found = it.clone();
                found["block_id"] = block["block_id"].clone();
                found["action_ts"] = "1.000001".into();
            }
        });
    }
    assert!(!found.is_null(), "nothing to press called {what} in {blocks}");
    found
}
