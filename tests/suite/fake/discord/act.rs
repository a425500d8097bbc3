//! What people do: commands, buttons, selects, modals, the menu of a message.

use serde_json::{Value, json};
use steward::command::manifest;

use super::{APPLICATION, Delivered, Discord, GUILD};

impl Discord {
    /// What every interaction says.
    fn interaction(&self, kind: u64, user: &str, channel: &str) -> Value {
        let world = self.world();
        let is_direct = world.channels[channel].with.is_some();
        let mut payload = json!({
            "application_id": APPLICATION.to_string(), "type": kind, "version": 1, "channel_id": channel,
            "channel": { "id": channel, "type": u8::from(is_direct), "name": "general" },
            "app_permissions": "2248473465835073", "locale": "en-US", "entitlements": [], "attachment_size_limit": 10_485_760,
            "authorizing_integration_owners": {}, "context": u8::from(is_direct),
        });
        if is_direct {
            payload["user"] = world.user(user);
        } else {
            payload["guild_id"] = GUILD.into();
            payload["guild_locale"] = "en-US".into();
            payload["member"] = world.member(user);
        }
        payload
    }

    /// Types a command such as `/claude member list`, as the client would send it.
    pub(crate) async fn says(&self, user: &str, channel: &str, line: &str) -> Delivered {
        let data = command(line);
        let mut payload = self.interaction(2, user, channel);
        payload["data"] = data;
        self.deliver(user, channel, None, payload).await
    }

    /// The same from another server that the bot was added to.
    pub(crate) async fn says_elsewhere(&self, user: &str, channel: &str, (guild, line): (&str, &str)) -> Delivered {
        let mut payload = self.interaction(2, user, channel);
        payload["data"] = command(line);
        payload["guild_id"] = guild.into();
        self.deliver(user, channel, None, payload).await
    }

    /// Types into one option: `(name, typed so far)`.
    pub(crate) async fn types(&self, user: &str, channel: &str, line: &str, (name, typed): (&str, &str)) -> Value {
        let mut data = command(line);
        let mut at = &mut data["options"];
        while at[0]["type"] == 1 || at[0]["type"] == 2 {
            at = &mut at[0]["options"];
        }
        if at.is_null() {
            *at = json!([]);
        }
        at.as_array_mut().unwrap().push(json!({ "name": name, "type": 3, "value": typed, "focused": true }));
        let mut payload = self.interaction(4, user, channel);
        payload["data"] = data;
        self.deliver(user, channel, None, payload).await.acknowledged().said
    }

    /// Presses what bears this label on a message.
    pub(crate) async fn press(&self, user: &str, message: &str, label: &str) -> Delivered {
        let part = self.part(message, |it| it["type"] == 2 && it["label"] == label);
        let part = part.unwrap_or_else(|| panic!("nothing called {label} on {message}"));
        assert!(part["disabled"] != true, "{label} leads nowhere");
        self.uses(user, message, json!({ "custom_id": part["custom_id"], "component_type": 2 })).await
    }

    /// Chooses in the select whose placeholder is `label`.
    pub(crate) async fn picks(&self, user: &str, message: &str, label: &str, value: &str) -> Delivered {
        let part = self.part(message, |it| it["placeholder"] == label).unwrap_or_else(|| panic!("no select {label}"));
        let data = json!({ "custom_id": part["custom_id"], "component_type": part["type"], "values": [value] });
        self.uses(user, message, data).await
    }

    fn part(&self, message: &str, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
        let body = self.world().message(message).unwrap_or_else(|| panic!("no message {message}")).body.clone();
        let rows = body["components"].as_array().cloned().unwrap_or_default();
        rows.iter().flat_map(|row| row["components"].as_array().cloned().unwrap_or_default()).find(|it| is_it(it))
    }

    /// Uses a component of a message.
    pub(crate) async fn uses(&self, user: &str, message: &str, data: Value) -> Delivered {
        let found = self.world().message(message).cloned().expect("a message");
        let mut payload = self.interaction(3, user, &found.channel);
        payload["data"] = data;
        payload["message"] = super::world::told(&found);
        self.deliver(user, &found.channel, Some(message), payload).await
    }

    /// Sends the open modal: what stands there already, and `values` by label.
    pub(crate) async fn submits(&self, user: &str, channel: &str, values: Value) -> Delivered {
        let (modal, source) = self.world().modals.remove(user).expect("a modal is open");
        let mut values = values.as_object().unwrap().clone();
        let mut rows = Vec::new();
        for row in modal["components"].as_array().unwrap() {
            let input = &row["components"][0];
            let given = values.remove(input["label"].as_str().unwrap());
            let value = given.unwrap_or_else(|| input["value"].clone());
            let value = value.as_str().unwrap_or_default();
            assert!(input["required"] != true || !value.is_empty(), "{} must be filled in", input["label"]);
            rows.push(
                json!({ "type": 1, "components": [{ "type": 4, "custom_id": input["custom_id"], "value": value }] }),
            );
        }
        assert!(values.is_empty(), "no field for {values:?} in {modal}");
        let message = source.as_deref().and_then(|it| self.world().message(it).cloned());
        let channel = message.as_ref().map_or(channel.to_owned(), |it| it.channel.clone());
        let mut payload = self.interaction(5, user, &channel);
        payload["data"] = json!({ "custom_id": modal["custom_id"], "components": rows });
        if let Some(message) = &message {
            payload["message"] = super::world::told(message);
        }
        self.deliver(user, &channel, source.as_deref(), payload).await
    }

    /// Calls the command `name` on a message that says `content`.
    pub(crate) async fn menu(&self, user: &str, channel: &str, name: &str, content: &str) -> Delivered {
        let target = self.world().id();
        let mut payload = self.interaction(2, user, channel);
        let message = json!({
            "id": target, "channel_id": channel, "type": 0, "content": content, "author": self.world().user(user),
            "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": null, "tts": false, "mention_everyone": false,
            "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "components": [], "flags": 0,
        });
        payload["data"] = json!({
            "id": "1", "name": name, "type": 3, "target_id": target,
            "resolved": { "messages": { target: message } },
        });
        self.deliver(user, channel, None, payload).await
    }
}

/// The data of a command as a client sends it: each word where its option is.
fn command(line: &str) -> Value {
    let registered = &manifest::discord("/claude")[0];
    let words = steward::command::split(line.split_once(' ').map_or("", |(_, rest)| rest));
    let mut node = registered;
    let (mut path, mut at) = (Vec::new(), 0);
    while let Some(next) = words.get(at).and_then(|word| child(node, word)) {
        (node, at) = (next, at + 1);
        path.push((node["name"].clone(), node["type"].clone()));
    }
    if path.is_empty()
        && let Some(stale) = words.first()
    {
        // A command of before, which the client still shows.
        return json!({ "id": "1", "name": "claude", "type": 1, "options": [{ "name": stale, "type": 1, "options": [] }] });
    }
    if path.is_empty() {
        node = child(registered, "home").unwrap();
        path.push((node["name"].clone(), node["type"].clone()));
    }
    if node["type"] == 2 {
        node = child(node, "list").unwrap();
        path.push((node["name"].clone(), node["type"].clone()));
    }
    let mut options = arguments(node, &words[at..]);
    for (name, kind) in path.into_iter().rev() {
        options = json!([{ "name": name, "type": kind, "options": options }]);
    }
    json!({ "id": "1", "name": "claude", "type": 1, "options": options })
}

fn child<'a>(node: &'a Value, word: &str) -> Option<&'a Value> {
    let below = node["options"].as_array().into_iter().flatten();
    below.filter(|it| it["type"] == 1 || it["type"] == 2).find(|it| it["name"] == word)
}

/// `--name value`, `--flag`, and the rest in the order of the options that have no value yet.
fn arguments(node: &Value, words: &[String]) -> Value {
    let all = node["options"].as_array().cloned().unwrap_or_default();
    let mut given: Vec<Value> = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let named =
            word.strip_prefix("--").map(|it| it.split_once('=').map_or((it, None), |(n, v)| (n, Some(v.to_owned()))));
        let option = match &named {
            Some((name, _)) => all.iter().find(|it| it["name"] == *name),
            None => all.iter().find(|it| given.iter().all(|given| given["name"] != it["name"])),
        };
        let option = option.unwrap_or_else(|| panic!("no option for {word:?} in {node}"));
        let value = match (option["type"].as_u64(), named) {
            (Some(5), _) => Value::Bool(true),
            (Some(4), Some((_, value))) => {
                value.or_else(|| rest.next().cloned()).unwrap().parse::<u64>().unwrap().into()
            }
            (_, Some((_, value))) => value.or_else(|| rest.next().cloned()).unwrap().into(),
            (Some(4), None) => word.parse::<u64>().unwrap().into(),
            (_, None) => word.clone().into(),
        };
        given.push(json!({ "name": option["name"], "type": option["type"], "value": value }));
    }
    given.into()
}
