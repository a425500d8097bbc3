//! One act and its answer: a form opens as loading before anything else, the rest is answered when there is an answer.

use std::sync::Arc;

use serde_json::{Value, json};

use super::api::{Api, Trouble};
use super::inbound::{Act, Origin, Pressed, View};
use super::limits::{RESPONSE_URL_MS, RESPONSE_URL_POSTS};
use super::messenger::merged;
use super::parts::Parts;
use super::payload::{owned, text};
use super::render::{self, Surface};
use super::{modal, reveal::Reveal};
use crate::chat::{
    Account, Audience, Block, Form, Greeting, Home, Invocation, Message, Reply, Said, Says, SecretHandle, Text, Tone,
};
use crate::clock::Moment;
use crate::outgoing::Outgoing;

/// Answers acts. What it cannot say where it was asked, it says in the conversation with the person.
pub(super) struct Conversation {
    pub(super) parts: Parts,
    pub(super) api: Api,
    pub(super) team: String,
    pub(super) responses: Outgoing,
    pub(super) reveal: Reveal,
}

/// Where one answer goes, and how often the way was used.
struct Way<'a> {
    user: &'a str,
    channel: Option<&'a str>,
    origin: &'a Origin,
    view: Option<View>,
    since: Moment,
    posts: u8,
}

impl Conversation {
    /// Everything after the acknowledgement. `first` is what was greeted.
    pub(super) async fn answer(self: Arc<Self>, act: Act, first: Greeting) {
        let since = self.parts.clock.now();
        let opens = self.opens(&act, &first);
        // The modal's three seconds run; who somebody is may be found out meanwhile.
        let (opened, standing) = tokio::join!(self.open(&act, opens), self.parts.people.standing_of(&act.user));
        let invocation = act.invocation(&self.team, standing, since);
        let reply = match first {
            // Said in the acknowledgement already, unless it was not known then who asks.
            Greeting::Answer(_) | Greeting::Wait(_) | Greeting::Open(_) => self.reply(invocation).await,
        };
        let view = opened.or_else(|| act.origin.view.clone());
        let mut way =
            Way { user: &act.user, channel: act.channel.as_deref(), origin: &act.origin, view, since, posts: 0 };
        self.deliver(&mut way, reply).await;
        if act.origin.from_home && !matches!(act.said, Said::Opened) {
            self.show_home_again(&act).await;
        }
    }

    async fn reply(&self, invocation: Invocation) -> Reply {
        match self.parts.answers.greet(&invocation) {
            Greeting::Answer(message) => Reply { audience: Audience::Asker, says: Says::Message(message) },
            Greeting::Wait(_) | Greeting::Open(_) => self.parts.answers.serve(invocation).await,
        }
    }

    /// The answer to a form that was sent, for the acknowledgement; none if there is nothing to say in it.
    pub(super) async fn answer_form(&self, act: &Act) -> Option<Value> {
        let standing = self.parts.people.standing_of(&act.user).await;
        let reply = self.reply(act.invocation(&self.team, standing, self.parts.clock.now())).await;
        let update = |view: Value| Some(json!({ "response_action": "update", "view": view }));
        match reply.says {
            Says::Form(form) => modal::errors(&form).or_else(|| update(modal::form(&form))),
            Says::Message(message) => update(render::dialog(&message)),
            _ => None,
        }
    }

    /// Fills the dialog that waits, with what the acknowledgement could not wait for.
    pub(super) async fn fill_later(&self, act: &Act, mut answer: Value) {
        let Some(view) = &act.origin.view else { return };
        let content = match answer["response_action"].as_str() {
            Some("update") => answer["view"].take(),
            // The form with its mistakes is gone from the screen: its sentences are shown instead.
            _ => render::dialog(&Message::plain(mistakes(&answer)).hint("Nothing was changed. Do it once more.")),
        };
        // The dialog was replaced in the acknowledgement, so the hash that came with the form is of an older one.
        let view = View { id: view.id.clone(), hash: None };
        if let Err(trouble) = self.update_view(&view, &content).await {
            tracing::warn!(code = trouble.code(), "a dialog was not filled");
        }
    }

    /// Says sorry wherever that is possible.
    pub(super) async fn apologize(&self, user: Option<&str>, response_url: Option<&str>, sorry: &Message) {
        let origin = Origin { response_url: response_url.map(str::to_owned), ..Origin::default() };
        let since = self.parts.clock.now();
        let mut way =
            Way { user: user.unwrap_or_default(), channel: None, origin: &origin, view: None, since, posts: 0 };
        let how = json!({ "response_type": "ephemeral", "replace_original": false });
        if !self.respond(&mut way, &how, sorry).await
            && let Some(user) = user
        {
            self.tell_alone(user, sorry).await;
        }
    }

    /// Suggestions for what is being typed into a select, for the acknowledgement.
    pub(super) async fn suggest(&self, act: &Act) -> Value {
        let standing = self.parts.people.standing_of(&act.user).await;
        let reply = self.reply(act.invocation(&self.team, standing, self.parts.clock.now())).await;
        let Says::Suggestions(suggested) = reply.says else { return json!({ "options": [] }) };
        let options = suggested.iter().take(super::limits::OPTIONS).map(|(insert, read)| modal::option(insert, read));
        json!({ "options": options.collect::<Vec<_>>() })
    }

    /// The title of the modal to open at once; none if none is to be opened.
    fn opens(&self, act: &Act, first: &Greeting) -> Option<String> {
        let from_menu = matches!(act.said, Said::Shortcut(..));
        let from_home = act.origin.from_home && matches!(act.said, Said::Press(_));
        match first {
            Greeting::Open(form) => Some(form.title.clone()),
            // Whatever it comes to, there is no other place to say it.
            _ if from_menu || from_home => Some(String::new()),
            _ => None,
        }
    }

    async fn open(&self, act: &Act, title: Option<String>) -> Option<View> {
        let trigger = act.origin.trigger.as_deref()?;
        let title = title.filter(|_| act.origin.view.is_none())?;
        self.open_view(trigger, render::loading(&title)).await
    }

    async fn open_view(&self, trigger: &str, view: Value) -> Option<View> {
        let opened = self.api.call("views.open", &json!({ "trigger_id": trigger, "view": view })).await;
        match opened {
            Ok(answer) => owned(&answer, "/view/id").map(|id| View { id, hash: owned(&answer, "/view/hash") }),
            Err(trouble) => {
                tracing::warn!(code = trouble.code(), "a dialog was not opened");
                None
            }
        }
    }

    async fn deliver(&self, way: &mut Way<'_>, reply: Reply) {
        match reply.says {
            Says::Message(message) => self.tell(way, reply.audience, &message).await,
            Says::Form(form) => self.show_form(way, &form).await,
            // Asked for by a command, it is an answer like any other.
            Says::Home(home) if !way.origin.from_home => self.tell(way, reply.audience, &as_message(home)).await,
            Says::Home(home) => self.publish(way, &home).await,
            Says::Secret(handle, message) => self.reveal(way, &handle, &message).await,
            Says::Nothing if way.view.is_some() && way.origin.view.is_none() => {
                let again = Message::plain("This was answered already.");
                self.tell(way, Audience::Asker, &again).await;
            }
            Says::Suggestions(_) | Says::Nothing => {}
        }
    }

    async fn tell(&self, way: &mut Way<'_>, audience: Audience, message: &Message) {
        if let Some(view) = way.view.clone() {
            match self.update_view(&view, &render::dialog(message)).await {
                Ok(()) => return,
                Err(trouble) => tracing::warn!(code = trouble.code(), "a dialog was not filled"),
            }
        }
        if audience == Audience::SameMessage && self.change(way, message).await {
            return;
        }
        let in_channel = audience == Audience::Everyone || way.talks_with_us();
        let kind = if in_channel { "in_channel" } else { "ephemeral" };
        let how = json!({ "response_type": kind, "replace_original": false });
        if self.respond(way, &how, message).await || self.whisper(way, message).await {
            return;
        }
        self.tell_alone(way.user, message).await;
    }

    /// Changes the message with the pressed button.
    async fn change(&self, way: &mut Way<'_>, message: &Message) -> bool {
        let Some(pressed) = way.origin.message.clone() else { return false };
        if self.respond(way, &json!({ "replace_original": true }), message).await {
            return true;
        }
        let Pressed { channel, message: ts, ephemeral } = pressed;
        if ephemeral {
            return false;
        }
        let at = merged(&json!({ "channel": channel, "ts": ts }), render::message(message, Surface::PlainMessage));
        self.api.call_patiently("chat.update", &at).await.is_ok()
    }

    /// Posts to the `response_url`, while it lives. False if it did not take it.
    async fn respond(&self, way: &mut Way<'_>, how: &Value, message: &Message) -> bool {
        for surface in [Surface::Message, Surface::PlainMessage] {
            let Some(url) = way.response_url(self.parts.clock.now()) else { return false };
            way.posts += 1;
            let body = merged(how, render::message(message, surface));
            match self.responses.post_json(url, &body).await {
                Ok(answer) if says_layout(&answer.body) => {}
                Ok(answer) => return answer.is_success() && !says_no(&answer.body),
                Err(error) => {
                    tracing::warn!(trouble = %error, "an answer did not go out the way Slack offered");
                    return false;
                }
            }
        }
        false
    }

    /// To the asker alone, where they asked.
    async fn whisper(&self, way: &Way<'_>, message: &Message) -> bool {
        let Some(channel) = way.channel.filter(|it| !it.starts_with('D')) else { return false };
        let at = json!({ "channel": channel, "user": way.user });
        let body = merged(&at, render::message(message, Surface::PlainMessage));
        self.api.call_patiently("chat.postEphemeral", &body).await.is_ok()
    }

    /// In the conversation with the person.
    pub(super) async fn tell_alone(&self, user: &str, message: &Message) {
        let at = json!({ "channel": user });
        let body = merged(&at, render::message(message, Surface::PlainMessage));
        if let Err(trouble) = self.api.call_patiently("chat.postMessage", &body).await {
            tracing::warn!(code = trouble.code(), "an answer could not be delivered");
            metrics::counter!("steward_slack_unanswered_total").increment(1);
        }
    }

    async fn update_view(&self, view: &View, content: &Value) -> Result<(), Trouble> {
        let mut arguments = json!({ "view_id": view.id, "view": content });
        if let Some(hash) = &view.hash {
            arguments["hash"] = hash.clone().into();
        }
        match self.api.call_patiently("views.update", &arguments).await {
            // Somebody else's update came between; what is shown now is older than this.
            Err(Trouble::Refused(code)) if code == "hash_conflict" => {
                let arguments = json!({ "view_id": view.id, "view": content });
                self.api.call_patiently("views.update", &arguments).await.map(drop)
            }
            answer => answer.map(drop),
        }
    }

    async fn show_form(&self, way: &mut Way<'_>, form: &Form) {
        let content = modal::form(form);
        let shown = match (&way.view, way.origin.trigger.as_deref()) {
            (Some(view), _) => self.update_view(view, &content).await.is_ok(),
            (None, Some(trigger)) => self.open_view(trigger, content).await.is_some(),
            (None, None) => false,
        };
        if !shown {
            let message =
                Message::plain("The form could not be opened: Slack gives three seconds for that, and they were over.")
                    .hint("Nothing was changed. Do it once more.")
                    .tone(Tone::Warning);
            way.view = None;
            self.tell(way, Audience::Asker, &message).await;
        }
    }

    async fn publish(&self, way: &Way<'_>, home: &Home) {
        let arguments = json!({ "user_id": way.user, "view": render::home(home) });
        if let Err(trouble) = self.api.call_patiently("views.publish", &arguments).await {
            tracing::warn!(code = trouble.code(), "a Home tab was not shown");
        }
    }

    async fn show_home_again(&self, act: &Act) {
        let standing = self.parts.people.standing_of(&act.user).await;
        let mut again = act.invocation(&self.team, standing, self.parts.clock.now());
        again.id.delivery.push_str(" home");
        again.id.logical.push_str(" home");
        again.said = Said::Opened;
        if let Says::Home(home) = self.parts.answers.serve(again).await.says {
            let since = self.parts.clock.now();
            let way = Way { user: &act.user, channel: None, origin: &act.origin, view: None, since, posts: 0 };
            self.publish(&way, &home).await;
        }
    }

    /// Opens the secret for the asker, in a modal of theirs.
    async fn reveal(&self, way: &mut Way<'_>, handle: &SecretHandle, message: &Message) {
        let view = match (way.view.clone(), way.origin.trigger.as_deref()) {
            (Some(view), _) => Some(view),
            (None, Some(trigger)) => self.open_view(trigger, render::loading("For you alone")).await,
            (None, None) => None,
        };
        let Some(view) = view else {
            let late = Message::plain(
                "The dialog could not be opened: Slack gives three seconds for that, and they were over.",
            )
            .hint("Nothing was shown and nothing was lost. Press the button once more.")
            .tone(Tone::Warning);
            return self.tell(way, Audience::Asker, &late).await;
        };
        let account = Account::slack(&self.team, way.user);
        way.view = Some(view.clone());
        match self.parts.vault.open(handle, &account).await {
            Ok(revealed) => {
                if let Err(trouble) = self.reveal.show(&view.id, message, &revealed).await {
                    tracing::warn!(code = trouble.code(), "a secret was not shown");
                    let failed = Message::plain("It could not be shown: Slack did not take it.")
                        .hint("Nothing was lost. Press the button once more.")
                        .tone(Tone::Warning);
                    self.tell(way, Audience::Asker, &failed).await;
                }
            }
            Err(error) => {
                let closed = Message::new(Text::plain(sentence(&error.to_string()))).tone(Tone::Bad);
                self.tell(way, Audience::Asker, &closed).await;
            }
        }
    }
}

impl<'a> Way<'a> {
    /// The `response_url`, if Slack still takes something there.
    fn response_url(&self, now: Moment) -> Option<&'a str> {
        let is_alive = now.as_millisecond() - self.since.as_millisecond() < RESPONSE_URL_MS;
        self.origin.response_url.as_deref().filter(|_| is_alive && self.posts < RESPONSE_URL_POSTS)
    }

    /// A button pressed in the conversation with us: its answer has no other reader, and should stay.
    fn talks_with_us(&self) -> bool {
        self.origin.message.as_ref().is_some_and(|it| it.channel.starts_with('D') && !it.ephemeral)
    }
}

/// A start page as one message.
fn as_message(home: Home) -> Message {
    let mut sections = home.sections.into_iter();
    let mut message = sections.next().unwrap_or_default();
    for section in sections {
        let Message { text, blocks, hint, buttons, .. } = section;
        message.blocks.push(Block::Buttons(std::mem::take(&mut message.buttons)));
        message.blocks.push(Block::Paragraph(text));
        message.blocks.extend(blocks);
        message.blocks.extend(hint.map(Block::Paragraph));
        message.buttons = buttons;
    }
    message
}

fn mistakes(answer: &Value) -> String {
    let by_block = answer["errors"].as_object().into_iter().flatten();
    by_block.filter_map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
}

/// A `response_url` answers `ok`, or JSON that says no.
fn says_no(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|it| it["ok"] == false)
}

fn says_layout(body: &[u8]) -> bool {
    let said = serde_json::from_slice::<Value>(body).ok();
    let code = said.as_ref().and_then(|it| text(it, "/error"));
    code.is_some_and(|it| it.starts_with("invalid_blocks")) || body.starts_with(b"invalid_blocks")
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
