//! An answer, told where it was asked: in the dialog, where Slack offers to take it, in the channel to one person, or in the
//! conversation with the person.

use serde_json::{Value, json};

use super::api::Trouble;
use super::conversation::Conversation;
use super::inbound::{Pressed, View};
use super::messenger::merged;
use super::modal;
use super::render::{self, Surface};
use super::share::{Spot, files, unshown};
use super::way::Way;
use crate::chat::{Account, Audience, Form, Home, Message, Reply, Says, SecretHandle, Tone};
use crate::platform::fields::{owned, text};
use crate::view;

impl Conversation {
    pub(super) async fn open_view(&self, trigger: &str, view: Value) -> Option<View> {
        let opened = self.api.call("views.open", &json!({ "trigger_id": trigger, "view": view })).await;
        match opened {
            Ok(answer) => owned(&answer, "/view/id").map(|id| View { id, hash: owned(&answer, "/view/hash") }),
            Err(trouble) => {
                tracing::warn!(code = trouble.code(), "a dialog was not opened");
                None
            }
        }
    }

    pub(super) async fn deliver(&self, way: &mut Way<'_>, reply: Reply) {
        match reply.says {
            Says::Message(message) => {
                self.tell(way, reply.audience, &message).await;
                self.hand_out(way, reply.audience, &message).await;
            }
            Says::Form(form) => self.show_form(way, &form).await,
            // Asked for by a command, it is an answer like any other.
            Says::Home(home) if !way.origin.from_home => self.tell(way, reply.audience, &home.into_message()).await,
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

    /// The files of an answer: where everybody sees the answer, there; otherwise in the conversation with the asker, since
    /// Slack shows a file to everybody who is where it is.
    async fn hand_out(&self, way: &Way<'_>, audience: Audience, message: &Message) {
        for file in files(message) {
            let here = way.channel.filter(|it| audience == Audience::Everyone || it.starts_with('D'));
            let shown = match here {
                Some(channel) => self.files.share(Spot { channel, thread: None }, file).await,
                None => match self.files.conversation_with(way.user).await {
                    Ok(channel) => self.files.share(Spot { channel: &channel, thread: None }, file).await,
                    Err(trouble) => Err(trouble),
                },
            };
            if let Err(trouble) = shown {
                self.tell_alone(way.user, &unshown(file, &trouble)).await;
            }
        }
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
    pub(super) async fn respond(&self, way: &mut Way<'_>, how: &Value, message: &Message) -> bool {
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

    pub(super) async fn update_view(&self, view: &View, content: &Value) -> Result<(), Trouble> {
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

    pub(super) async fn publish(&self, way: &Way<'_>, home: &Home) {
        let arguments = json!({ "user_id": way.user, "view": render::home(home) });
        if let Err(trouble) = self.api.call_patiently("views.publish", &arguments).await {
            tracing::warn!(code = trouble.code(), "a Home tab was not shown");
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
            .hint("Nothing was shown to anybody. Press the button once more.")
            .tone(Tone::Warning);
            return self.tell(way, Audience::Asker, &late).await;
        };
        let account = Account::slack(&self.team, way.user);
        way.view = Some(view.clone());
        match self.parts.vault.open(handle, &account).await {
            Ok(revealed) => {
                if let Err(trouble) = self.reveal.show(&view.id, message, &revealed).await {
                    tracing::warn!(code = trouble.code(), "a secret was not shown");
                    let failed = view::secret::not_shown("Slack", revealed.until);
                    self.tell(way, Audience::Asker, &failed).await;
                }
            }
            Err(error) => {
                self.tell(way, Audience::Asker, &view::secret::closed(error)).await;
            }
        }
    }
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
